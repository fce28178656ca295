"""Catalog texts for tests, and what loading them came to."""

from textwrap import dedent, indent

import pytest

from leadrelay.edges.catalog.context import Secrets
from leadrelay.edges.catalog.load import Loaded, SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused

FILE = "c.yaml"


def loaded(text: str, secrets: Secrets = None, name: str = FILE) -> Loaded:
    return load([SourceFile(name, dedent(text))], secret_names=secrets)


def refused(text: str, secrets: Secrets = None, name: str = FILE) -> list[str]:
    """The problems, one line each, of a text that must be refused."""
    with pytest.raises(CatalogRefused) as refusal:
        loaded(text, secrets, name)
    return str(refusal.value).splitlines()


def warned(text: str) -> list[str]:
    """The warnings of a text that must be accepted."""
    return [str(warning) for warning in loaded(text).warnings]


def of_destination(keys: str) -> str:
    """A catalog of one destination `crm` with these keys, which begin in line 3, and a flow to it."""
    body = indent(dedent(keys).strip("\n"), "  ")
    return f"destinations:\n- name: crm\n{body}\nflows:\n- {{name: f, steps: [{{deliver: crm}}]}}\n"


def of_rest(keys: str) -> str:
    """The same for a `rest` destination with a mapping; the keys begin in line 5."""
    before = 'rest: {url: "https://example.com/leads"}\nmapping: [{to: email, value: "{{email}}"}]\n'
    return of_destination(before + dedent(keys).strip("\n"))


def of_flow(steps: str) -> str:
    """A catalog whose flow `f` has these steps, which begin in line 7, and destinations `a` and `b`."""
    body = indent(dedent(steps).strip("\n"), "  ")
    destinations = "\n".join(
        f'- {{name: {name}, rest: {{url: "https://example.com"}}, pass_through: all}}' for name in "ab"
    )
    return f"destinations:\n{destinations}\nflows:\n- name: f\n  steps:\n{body}\n"

"""What can be known of a template before any lead comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from leadrelay.core.template.blankness import is_never_blank
from leadrelay.core.values import is_blank

NEVER = (
    "x",
    "{{a}}, {{b}}",
    '{{if a "CA" then "California" else "elsewhere"}}',
    "{{#if a}}yes{{else}}no{{/if}}",
    '{{default a "none"}}',
    '{{default a (concat b "-")}}',
    "{{a == b}}",
)
MAYBE = (
    "",
    " ",
    "{{a}}",
    "{{a}} {{b}}",
    '{{if a "CA" then "California" else a}}',
    '{{if a then "x"}}',
    "{{#if a}}yes{{/if}}",
    "{{#each a}}x{{/each}}",
    "{{default a b}}",
    "{{lowercase a}}",
    '{{trim " "}}',
)


@pytest.mark.parametrize("source", NEVER)
def test_it_is_known_that_these_always_give_something(source: str) -> None:
    assert is_never_blank(source)


@pytest.mark.parametrize("source", MAYBE)
def test_these_may_come_to_nothing(source: str) -> None:
    assert not is_never_blank(source)
    assert is_blank(compile_template(source)(Scope({})))


@given(source=st.sampled_from(NEVER), values=st.dictionaries(st.sampled_from("ab"), st.text(max_size=3)))
def test_no_lead_makes_nothing_of_what_is_said_to_give_something(source: str, values: dict[str, str]) -> None:
    assert not is_blank(compile_template(source)(Scope(values)))

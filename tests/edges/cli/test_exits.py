"""Every exit code is written down where its user looks."""

import argparse
import re

import pytest

from leadrelay.edges.cli import program
from leadrelay.edges.cli.exits import ALSO, EXITS, Exit


def documented(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"^ +(\d+)  ", text, re.MULTILINE)}


def test_every_code_is_explained_once() -> None:
    assert documented(EXITS + ALSO) == {code.value for code in Exit}


def verbs() -> dict[str, argparse.ArgumentParser]:
    (action,) = [
        action
        for action in program.parser(*program.VERBS)._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(action.choices)


@pytest.mark.parametrize("verb", ["serve", "deliver", "apply", "check", "preview", "trace", "recipients"])
def test_the_help_of_a_verb_tells_its_codes(verb: str) -> None:
    told = documented(verbs()[verb].format_help())
    assert {Exit.OK, Exit.USAGE} <= told
    assert told <= {code.value for code in Exit}


def test_the_help_of_deliver_tells_them_all() -> None:
    assert documented(verbs()["deliver"].format_help()) == {code.value for code in Exit}

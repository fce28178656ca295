"""Scripted answers: the first that fits, or by lot, and the same for the same seed."""

from collections import Counter

import pytest

from leadrelay.core.condition import compile_condition
from leadrelay.core.exchange import Reply
from leadrelay.runtime.simulation.script import NOTHING, Line, Script
from values import a_lead


def said(text: str, *, when: str = "", share: float | None = None, times: int | None = None) -> Line:
    condition = compile_condition(when) if when else None
    return Line(reply=Reply(status=200, body=text.encode()), when=condition, share=share, times=times)


def answers(script: Script, count: int, **fields: str) -> list[str]:
    lead = a_lead(**fields)
    return [script.answer("crm", lead, f"k/{number}")[0].reply.body.decode() for number in range(count)]


def test_a_recipient_that_nobody_wrote_anything_for_answers_nothing_in_particular() -> None:
    assert Script({}).answer("crm", a_lead(), "k/1") == (Line(), 0.0)
    assert Line().reply is NOTHING


def test_the_first_line_that_fits_answers() -> None:
    script = Script({"crm": [said("small", when="loan_amount < 100"), said("rest")]})
    assert answers(script, 2, loan_amount="50") == ["small", "small"]
    assert answers(script, 1, loan_amount="500") == ["rest"]


def test_a_line_answers_so_many_times_and_then_the_next_one_does() -> None:
    script = Script({"crm": [said("busy", times=2), said("yes", times=1)]})
    assert answers(script, 4) == ["busy", "busy", "yes", "{}"]


@pytest.mark.parametrize("seed", [0, 7])
def test_of_lines_with_shares_each_has_its_own(seed: int) -> None:
    script = Script({"crm": [said("yes", share=70), said("no", share=30), said("never")]}, seed)
    counts = Counter(answers(script, 4000))
    assert set(counts) == {"yes", "no"}
    assert abs(counts["yes"] - 2800) < 4 * (4000 * 0.7 * 0.3) ** 0.5


def test_a_line_without_a_share_takes_no_part_in_a_draw() -> None:
    script = Script({"crm": [said("first", times=1), said("a", share=1), said("plain"), said("b", share=1)]})
    counts = Counter(answers(script, 200))
    assert counts["first"] == 1
    assert set(counts) == {"first", "a", "b"}


def test_the_same_request_draws_the_same_whoever_asked_before() -> None:
    lines = {"crm": [said("yes", share=1), said("no", share=1)]}
    names = [f"k/{number}" for number in range(50)]
    one, other = Script(lines, 3), Script(lines, 3)
    forwards = {name: one.answer("crm", None, name) for name in names}
    backwards = {name: other.answer("crm", None, name) for name in reversed(names)}
    assert forwards == backwards
    assert forwards != {name: Script(lines, 4).answer("crm", None, name) for name in names}


def test_an_answer_takes_between_its_two_times() -> None:
    script = Script({"crm": [Line(after=1, until=3)]})
    took = [script.answer("crm", None, f"k/{number}")[1] for number in range(200)]
    assert 1 <= min(took) < 1.2
    assert 2.8 < max(took) <= 3
    assert Script({"crm": [Line(after=2)]}).answer("crm", None, "k")[1] == 2

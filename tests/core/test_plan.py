"""Flows decide as a pure function of the lead and the answers so far (behaviour 5, design 2.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.fields import WELL_KNOWN, types_of
from leadrelay.core.flow import (
    Branch,
    Deliver,
    Filter,
    Flow,
    Parallel,
    Sequence,
    Step,
    Waterfall,
)
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result
from leadrelay.core.plan import Plan, plan
from leadrelay.core.template import compile_template
from leadrelay.core.walk import Late
from values import a_lead

ACCEPTED = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD")
REJECTED = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="Duplicate lead")
BUSY = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE, words="try later")
DOWN = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, arrived=Arrived.NO)
LOST = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


def to(name: str, *, when: str = "", required: bool = False, holds: bool = True) -> Step:
    deliver = Deliver(delivery=name, destination=name.partition("#")[0], holds_unknown=holds)
    return Step(kind=deliver, when=compile_condition(when) if when else None, required=required)


def flow(*steps: Step) -> Flow:
    return Flow(name="loans", root=Step(kind=Sequence(steps=steps)))


def waterfall(*steps: Step, stop_after: int = 1) -> Step:
    return Step(kind=Waterfall(steps=steps, stop_after=stop_after))


def parallel(*steps: Step) -> Step:
    return Step(kind=Parallel(steps=steps))


def branch(*arms: tuple[str, Step], otherwise: Step | None = None) -> Step:
    compiled = tuple((compile_condition(text), step) for text, step in arms)
    return Step(kind=Branch(arms=compiled, otherwise=otherwise))


def decide(tree: Flow, answers: Mapping[str, Outcome], **fields: str) -> Plan:
    return plan(tree, a_lead(**fields), answers, sensitive=frozenset({"ssn"}))


def starts(decided: Plan) -> list[str]:
    return [start.deliver.delivery for start in decided.start]


def skips(decided: Plan) -> dict[str, tuple[ReasonCode | None, str]]:
    return {skip.deliver.delivery: (skip.outcome.code, skip.outcome.words) for skip in decided.skip}


def test_one_destination_is_started_and_its_answer_settles_the_lead() -> None:
    tree = flow(to("crm"))
    assert starts(decide(tree, {})) == ["crm"]
    settled = decide(tree, {"crm": ACCEPTED}).settled
    assert settled is not None
    assert (settled.result, settled.accepted) == (Result.SUCCESS, 1)
    assert settled.revenue == (Money(amount=Decimal("12.50"), currency="USD"),)
    assert settled.reason == "accepted by crm"


@pytest.mark.parametrize("no", [REJECTED, BUSY, DOWN], ids=lambda outcome: outcome.kind)
def test_a_waterfall_moves_on_after_every_kind_of_no(no: Outcome) -> None:
    """Behaviour 5: hard reject, soft reject after its retries, system error and timeout move on."""
    tree = flow(waterfall(to("first"), to("second")))
    assert starts(decide(tree, {})) == ["first"]
    assert starts(decide(tree, {"first": no})) == ["second"]


def test_a_waterfall_stops_at_the_first_yes_and_says_why_the_rest_was_not_tried() -> None:
    tree = flow(waterfall(to("first"), to("second"), to("third")))
    decided = decide(tree, {"first": ACCEPTED})
    assert skips(decided) == {
        "second": (ReasonCode.ALREADY_SOLD, "sold to first"),
        "third": (ReasonCode.ALREADY_SOLD, "sold to first"),
    }
    assert decided.settled is not None
    assert decided.settled.result is Result.SUCCESS


def test_a_waterfall_sells_as_often_as_it_is_told() -> None:
    tree = flow(waterfall(to("a"), to("b"), to("c"), stop_after=2))
    assert starts(decide(tree, {"a": ACCEPTED})) == ["b"]
    decided = decide(tree, {"a": ACCEPTED, "b": ACCEPTED})
    assert skips(decided) == {"c": (ReasonCode.ALREADY_SOLD, "sold to a, b")}
    assert decided.settled is not None
    assert decided.settled.revenue == (Money(amount=Decimal("25.00"), currency="USD"),)


def test_a_lead_that_may_have_arrived_is_not_offered_to_the_next() -> None:
    """Behaviour 4.5: unknown is never sold to the next recipient by default."""
    tree = flow(waterfall(to("first"), to("second")))
    decided = decide(tree, {"first": LOST})
    assert starts(decided) == []
    assert decided.settled is not None
    assert decided.settled.result is Result.UNRESOLVED
    assert decided.settled.waiting == ("second",)
    assert "first" in decided.settled.reason


def test_where_the_catalog_says_continue_an_unknown_moves_on() -> None:
    tree = flow(waterfall(to("first", holds=False), to("second")))
    assert starts(decide(tree, {"first": LOST})) == ["second"]


def test_parallel_starts_all_and_settles_when_the_last_has_answered() -> None:
    tree = flow(parallel(to("a"), to("b"), to("c")))
    assert starts(decide(tree, {})) == ["a", "b", "c"]
    assert starts(decide(tree, {"b": DOWN})) == ["a", "c"]
    settled = decide(tree, {"a": REJECTED, "b": DOWN, "c": ACCEPTED}).settled
    assert settled is not None
    assert settled.result is Result.SUCCESS


def test_required_children_alone_decide_the_answer_of_a_parallel_step() -> None:
    tree = flow(parallel(to("crm", required=True), to("copy")))
    settled = decide(tree, {"crm": REJECTED, "copy": ACCEPTED}).settled
    assert settled is not None
    assert settled.result is Result.FAILURE
    assert settled.reason == "crm: Duplicate lead"


def test_a_required_child_that_was_not_tried_says_why_the_lead_failed() -> None:
    tree = flow(parallel(to("crm", required=True, when='state == "CA"'), to("copy")))
    settled = decide(tree, {"copy": ACCEPTED}, state="TX").settled
    assert settled is not None
    assert (settled.result, settled.accepted) == (Result.FAILURE, 1)
    assert settled.reason == 'crm: state == "CA" (state is TX)'


def test_a_doubt_beside_a_sale_leaves_the_no_of_another_required_child_alone() -> None:
    desk = Step(kind=Sequence(steps=(to("a"), to("b"))), required=True)
    settled = decide(
        flow(parallel(to("crm", required=True), desk)), {"crm": REJECTED, "a": ACCEPTED, "b": LOST}
    ).settled
    assert settled is not None
    assert (settled.result, settled.reason) == (Result.FAILURE, "crm: Duplicate lead")


def test_a_required_child_that_may_have_it_leaves_the_answer_open() -> None:
    tree = flow(parallel(to("crm", required=True), to("desk", required=True)))
    settled = decide(tree, {"crm": REJECTED, "desk": LOST}).settled
    assert settled is not None
    assert settled.result is Result.UNRESOLVED
    assert settled.reason == "desk may have it and has not said so"


def test_a_sequence_goes_on_whatever_the_outcome() -> None:
    tree = flow(to("a"), to("b"))
    assert starts(decide(tree, {})) == ["a"]
    assert starts(decide(tree, {"a": REJECTED})) == ["b"]
    assert starts(decide(tree, {"a": LOST})) == ["b"]


def test_a_step_may_ask_whether_an_earlier_one_was_skipped() -> None:
    """Also where both are decided at once."""
    tree = flow(to("premium", when="loan_amount > 50000"), to("rest", when='premium.outcome == "skipped"'))
    assert starts(decide(tree, {}, loan_amount="12000")) == ["rest"]
    assert starts(decide(tree, {}, loan_amount="60000")) == ["premium"]


def test_a_condition_that_does_not_hold_skips_with_the_values_that_decided() -> None:
    decided = decide(flow(to("premium", when="loan_amount > 50000")), {}, loan_amount="12000")
    code, words = skips(decided)["premium"]
    assert code is ReasonCode.CONDITION_FALSE
    assert "loan_amount > 50000" in words
    assert "12000" in words
    assert decided.settled is not None
    assert (decided.settled.result, decided.settled.reason) == (Result.FAILURE, "no destination was tried")


@pytest.mark.parametrize(
    ("asks", "holds"),
    [
        ("dob.age >= 18", True),
        ("dob.age < 18", False),
        ('dob > (now operator="subtract" years=18)', False),
        ('(now "H" timezone="America/Chicago") between 9 and 17', True),
        ('(now "dddd") == "Sunday"', False),
    ],
)
def test_a_step_may_ask_for_an_age_and_for_the_time_at_which_the_lead_came_in(asks: str, holds: bool) -> None:
    step = replace(to("a"), when=compile_condition(asks, types_of(WELL_KNOWN)))
    assert bool(starts(decide(flow(step), {}, dob="3/9/1988"))) is holds


def test_a_sensitive_value_never_stands_in_the_reason() -> None:
    """Behaviour 9: masked before an event, log line, span or error exists."""
    decided = decide(flow(to("a", when='ssn == "1"')), {}, ssn="078-05-1120")
    assert "078-05-1120" not in skips(decided)["a"][1]


def test_a_branch_takes_the_first_arm_that_holds_and_skips_the_others() -> None:
    tree = flow(
        branch(('state == "TX"', to("texas")), ('state == "CA"', to("west")), otherwise=to("anywhere"))
    )
    decided = decide(tree, {}, state="CA")
    assert starts(decided) == ["west"]
    assert set(skips(decided)) == {"texas", "anywhere"}
    assert starts(decide(tree, {}, state="NY")) == ["anywhere"]


def test_a_branch_may_ask_for_the_outcome_of_an_earlier_step() -> None:
    tree = flow(to("buyer"), branch(('buyer.outcome == "success"', to("thanks")), otherwise=to("nurture")))
    assert starts(decide(tree, {"buyer": ACCEPTED})) == ["thanks"]
    assert starts(decide(tree, {"buyer": REJECTED})) == ["nurture"]


@pytest.mark.parametrize("state", ["CA", "TX"])
def test_a_destination_that_was_not_tried_again_is_what_it_was(state: str) -> None:
    """Behaviour 5: in each arm may stand the same destination; a later step asks what became of it."""
    arms = branch(('state == "CA"', to("crm")), ('state == "TX"', to("crm#2")))
    tried = "crm" if state == "CA" else "crm#2"
    tree = flow(arms, to("dialer", when='crm.outcome == "success"'))
    assert starts(decide(tree, {tried: ACCEPTED}, state=state)) == ["dialer"]
    row = flow(waterfall(to("crm", when='state == "CA"'), to("crm#2")), to("dialer", when="crm.price > 5"))
    assert starts(decide(row, {tried: ACCEPTED}, state=state)) == ["dialer"]


def test_a_step_does_not_see_a_sibling_that_runs_beside_it() -> None:
    """Otherwise a late answer would turn a branch that was taken already."""
    tree = flow(
        parallel(to("buyer"), branch(('buyer.outcome == "success"', to("thanks")), otherwise=to("nurture")))
    )
    assert starts(decide(tree, {})) == ["buyer", "nurture"]
    assert starts(decide(tree, {"buyer": ACCEPTED})) == ["nurture"]


def test_a_filter_stops_the_whole_flow_with_its_reason() -> None:
    stop = Filter(
        passes=compile_condition('consent == "yes"'), reason=compile_template("no consent from {{source}}")
    )
    tree = flow(Step(kind=stop), waterfall(to("a"), to("b")))
    decided = decide(tree, {}, consent="no", source="web")
    assert set(skips(decided)) == {"a", "b"}
    assert skips(decided)["a"] == (ReasonCode.FILTERED, "no consent from web")
    assert decided.settled is not None
    assert (decided.settled.result, decided.settled.reason) == (Result.FAILURE, "no consent from web")
    assert starts(decide(tree, {}, consent="yes")) == ["a"]


def test_the_reason_of_a_filter_tells_nothing_of_a_sensitive_field() -> None:
    reason = compile_template("SSN ends in {{substring ssn 8 11}}, from {{source}}", sensitive={"ssn"})
    stop = Filter(passes=compile_condition('state == "TX"'), reason=reason)
    decided = decide(flow(Step(kind=stop), to("a")), {}, ssn="078-05-1120", source="web", state="CA")
    assert skips(decided)["a"] == (ReasonCode.FILTERED, "SSN ends in ***, from web")


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({"a": REJECTED, "b": REJECTED}, Result.FAILURE),
        ({"a": REJECTED, "b": DOWN}, Result.ERROR),
        ({"a": BUSY, "b": REJECTED}, Result.ERROR),
        ({"a": REJECTED, "b": LOST}, Result.UNRESOLVED),
        ({"a": ACCEPTED, "b": LOST}, Result.SUCCESS),
    ],
)
def test_the_source_gets_one_word_for_all_of_them(answers: Mapping[str, Outcome], result: Result) -> None:
    settled = decide(flow(parallel(to("a"), to("b"))), answers).settled
    assert settled is not None
    assert settled.result is result


def late(answers: Mapping[str, Outcome], **resolved: Outcome) -> tuple[dict[str, Outcome], Late]:
    """Answers of which some came only after all others (`Resolve`)."""
    return {**answers, **resolved}, Late({name: answers[name] for name in resolved}, frozenset(answers))


def test_a_resolved_no_lets_those_start_that_waited_and_they_see_it() -> None:
    tree = flow(waterfall(to("a"), to("b", when="a.outcome == 'hard_reject'"), to("c")))
    answers, lateness = late({"a": LOST}, a=REJECTED)
    decided = plan(tree, a_lead(), answers, late=lateness)
    assert starts(decided) == ["b"]


def test_a_resolved_yes_settles_the_lead_and_nobody_else_is_offered_it() -> None:
    answers, lateness = late({"a": LOST}, a=ACCEPTED)
    decided = plan(flow(waterfall(to("a"), to("b"))), a_lead(), answers, late=lateness)
    assert decided.settled is not None
    assert (decided.settled.result, decided.settled.waiting) == (Result.SUCCESS, ())
    assert [skip.outcome.code for skip in decided.skip] == [ReasonCode.ALREADY_SOLD]


def test_an_answer_that_comes_late_turns_no_branch_that_was_taken() -> None:
    """The lead would go down both arms."""
    tree = flow(to("a"), branch(("a.outcome == 'success'", to("b")), otherwise=to("c")))
    answers, lateness = late({"a": LOST, "c": ACCEPTED}, a=ACCEPTED)
    decided = plan(tree, a_lead(), answers, late=lateness)
    assert starts(decided) == []
    assert decided.settled is not None
    assert decided.settled.accepted == 2


def test_an_answer_that_comes_late_stops_nothing_that_is_under_way() -> None:
    tree = flow(to("a"), to("b", when="a.outcome != 'success'"), to("c"))
    answers, lateness = late({"a": LOST}, a=ACCEPTED)
    begun = Late(lateness.firsts, frozenset({"a", "b"}))
    decided = plan(tree, a_lead(), answers, late=begun)
    assert (starts(decided), decided.skip) == (["b"], ())


def test_a_mapping_sees_the_answers_of_the_steps_before_it() -> None:
    decided = decide(flow(to("crm"), to("copy")), {"crm": ACCEPTED})
    assert [start.sees for start in decided.start] == [("crm",)]


# --- invariants over arbitrary trees -------------------------------------------------------------

OUTCOMES = st.sampled_from([ACCEPTED, REJECTED, BUSY, DOWN, LOST])
CONDITIONS = ["", "loan_amount > 50000", 'state == "CA"', "random > 50"]


@st.composite
def trees(draw: st.DrawFn) -> Flow:
    counter = iter(range(1000))

    def leaf() -> Step:
        return to(f"d{next(counter)}", when=draw(st.sampled_from(CONDITIONS)), required=draw(st.booleans()))

    def node(depth: int) -> Step:
        if depth == 0:
            return leaf()
        children = tuple(node(depth - 1) for _ in range(draw(st.integers(1, 3))))
        shape = draw(st.sampled_from(["leaf", "sequence", "waterfall", "parallel", "branch"]))
        if shape == "sequence":
            return Step(kind=Sequence(steps=children))
        if shape == "waterfall":
            return waterfall(*children, stop_after=draw(st.integers(1, 2)))
        if shape == "parallel":
            return parallel(*children)
        if shape == "branch":
            return branch(*[("loan_amount > 50000", child) for child in children], otherwise=leaf())
        return leaf()

    return flow(*[node(draw(st.integers(0, 2))) for _ in range(draw(st.integers(1, 3)))])


def run(
    tree: Flow, fields: Mapping[str, str], data: st.DataObject
) -> Iterator[tuple[Plan, dict[str, Outcome]]]:
    """Every plan on the way of one lead, with answers coming in in any order."""
    answers: dict[str, Outcome] = {}
    while True:
        decided = decide(tree, answers, **fields)
        yield decided, answers
        for skip in decided.skip:
            answers[skip.deliver.delivery] = skip.outcome
        if decided.settled is not None:
            return
        open_now = starts(decided)
        done = data.draw(st.sampled_from(open_now))
        answers[done] = data.draw(OUTCOMES)


FIELDS = st.fixed_dictionaries(
    {"loan_amount": st.sampled_from(["60000", "$1,000", ""]), "state": st.sampled_from(["CA", "TX"])}
)


@given(trees(), FIELDS, st.data())
def test_every_lead_settles_and_every_destination_ends_in_exactly_one_outcome(
    tree: Flow, fields: Mapping[str, str], data: st.DataObject
) -> None:
    seen_starting: set[str] = set()
    skipped: set[str] = set()
    answers: dict[str, Outcome] = {}
    last: Plan | None = None
    for last, answers in run(tree, fields, data):  # noqa: B007 (the last of them is looked at below)
        seen_starting |= set(starts(last))
        new_skips = set(skips(last))
        assert not new_skips & skipped, "skipped twice"
        skipped |= new_skips
    assert last is not None
    assert last.settled is not None
    assert not seen_starting & skipped, "started and skipped"
    everything = {deliver.delivery for deliver in tree.deliveries()}
    assert set(answers) | set(last.settled.waiting) == everything
    assert not set(answers) & set(last.settled.waiting)


@given(trees(), FIELDS, st.data())
def test_what_was_started_stays_started_until_it_is_answered(
    tree: Flow, fields: Mapping[str, str], data: st.DataObject
) -> None:
    before: set[str] = set()
    for decided, answers in run(tree, fields, data):
        now = set(starts(decided))
        assert before - set(answers) <= now, "a delivery under way was forgotten"
        before = now


@given(st.lists(OUTCOMES, min_size=1, max_size=8), st.integers(1, 3))
def test_a_waterfall_never_sells_more_often_than_it_may(outcomes: list[Outcome], stop_after: int) -> None:
    tree = flow(waterfall(*[to(f"d{n}") for n in range(len(outcomes))], stop_after=stop_after))
    answers: dict[str, Outcome] = {}
    while True:
        decided = decide(tree, answers)
        if decided.settled is not None:
            break
        for name in starts(decided):
            answers[name] = outcomes[int(name[1:])]
    assert sum(answer.accepted for answer in answers.values()) <= stop_after


@given(trees(), FIELDS, st.data())
def test_the_same_answers_give_the_same_plan(
    tree: Flow, fields: Mapping[str, str], data: st.DataObject
) -> None:
    for decided, answers in run(tree, fields, data):
        assert decide(tree, dict(reversed(answers.items())), **fields) == decided

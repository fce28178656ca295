"""Flows: the tree that `plan` walks, and references that lead somewhere (behaviour 5)."""

import pytest

from catalog_texts import loaded, of_flow, refused, warned
from leadrelay.core.flow import Auction, Branch, Deliver, Filter, Flow, Parallel, Sequence, Step, Waterfall
from leadrelay.core.outcome import Kind
from leadrelay.core.scope import Scope
from leadrelay.edges.catalog.compile_flow import MAX_NESTING
from leadrelay.edges.catalog.load import from_bytes


def flow(steps: str, more: str = "") -> Flow:
    return loaded(of_flow(steps) + more).catalog.flows["f"]


def kinds(step: Step) -> object:
    match step.kind:
        case Deliver():
            return step.kind.delivery
        case Sequence() | Waterfall() | Parallel():
            return type(step.kind).__name__, [kinds(below) for below in step.kind.steps]
        case Branch():
            otherwise = kinds(step.kind.otherwise) if step.kind.otherwise else None
            return "Branch", [(condition.source, kinds(arm)) for condition, arm in step.kind.arms], otherwise
        case Auction():
            return "Auction", [(each.ping.delivery, each.post.delivery) for each in step.kind.bidders]
        case Filter():
            return "Filter", step.kind.passes.source


def test_compiles_the_whole_tree() -> None:
    compiled = flow("""
        - filter: {pass_when: consent == "yes", reason: "no consent of {{first_name}}", outcome: soft_reject}
        - waterfall: {steps: [{deliver: a}, {deliver: b}], stop_after: 2}
        - parallel: {steps: [{deliver: a, required: true}, {sequence: {steps: [{deliver: b}]}}]}
        - branch:
            arms:
            - {when: loan_amount > 5, steps: [{deliver: a}]}
            otherwise: [{deliver: b}]
    """)
    assert kinds(compiled.root) == (
        "Sequence",
        [
            ("Filter", 'consent == "yes"'),
            ("Waterfall", ["a", "b"]),
            ("Parallel", ["a#2", ("Sequence", ["b#2"])]),
            ("Branch", [("loan_amount > 5", ("Sequence", ["a#3"]))], ("Sequence", ["b#3"])),
        ],
    )


def test_deliveries_are_numbered_in_document_order_and_per_flow() -> None:
    two = loaded(
        of_flow("- deliver: a\n- deliver: b\n- deliver: a") + "- {name: g, steps: [{deliver: a}]}\n"
    ).catalog
    assert [each.delivery for each in two.flows["f"].deliveries()] == ["a", "b", "a#2"]
    assert [each.destination for each in two.flows["f"].deliveries()] == ["a", "b", "a"]
    assert [each.delivery for each in two.flows["g"].deliveries()] == ["a"]


def test_details_of_steps_are_carried_over() -> None:
    compiled = flow(
        "- filter: {pass_when: consent, reason: 'sorry {{first_name}}', outcome: soft_reject}\n"
        "- {waterfall: {steps: [{deliver: a}]}, when: state == 'CA'}\n"
        "- parallel: {steps: [{deliver: a, required: true}, {deliver: b}]}",
        "  answer_within: 1500ms\n",
    )
    assert compiled.answer_within == 1.5
    assert isinstance(compiled.root.kind, Sequence)
    stop, fall, both = compiled.root.kind.steps
    assert isinstance(stop.kind, Filter)
    assert stop.kind.kind is Kind.SOFT_REJECT
    assert stop.kind.reason is not None
    assert stop.kind.reason(Scope({"first_name": "Ann"})) == "sorry Ann"
    assert fall.when is not None
    assert fall.when.source == "state == 'CA'"
    assert isinstance(fall.kind, Waterfall)
    assert fall.kind.stop_after == 1
    assert isinstance(both.kind, Parallel)
    assert [step.required for step in both.kind.steps] == [True, False]


def test_a_filter_rejects_for_good_where_it_does_not_say_otherwise() -> None:
    root = flow("- filter: {pass_when: consent}\n- deliver: a").root.kind
    assert isinstance(root, Sequence)
    assert isinstance(root.steps[0].kind, Filter)
    assert root.steps[0].kind.kind is Kind.HARD_REJECT
    assert root.steps[0].kind.reason is None


@pytest.mark.parametrize(("words", "holds"), [("hold", True), ("continue", False), ("resend", True)])
def test_a_delivery_knows_whether_an_unknown_lead_is_held(words: str, holds: bool) -> None:
    """Behaviour 4.5: what may have arrived is not sold to the next one, unless the destination says so."""
    text = of_flow("- deliver: a").replace("- {name: a,", f"- {{name: a, when_unknown: {words},")
    (delivery,) = loaded(text).catalog.flows["f"].deliveries()
    assert delivery.holds_unknown is holds


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("deliver: c", "steps[0].deliver: there is no destination `c`; there are: `a`, `b`"),
        ("deliver: ''", "steps[0].deliver: needs the name of a destination"),
        (
            "{}",
            "steps[0]: says nothing to do; add `deliver`, `sequence`, `waterfall`, `parallel`, `branch`",
        ),
        ("{deliver: a, when: 'state ='}", "steps[0].when: at column 7 of this text: expected an operator"),
        ("{deliver: a, when: ''}", "steps[0].when: the condition is empty; write one or remove the key"),
        (
            "{deliver: a, required: true}",
            "steps[0].required: means something in a parallel step only; remove it",
        ),
        ("waterfall: {}", "steps[0].waterfall: has no steps: without any, nothing is done here"),
        ("parallel: {steps: []}", "steps[0].parallel: has no steps: without any, nothing is done here"),
        ("sequence: {}", "steps[0].sequence: has no steps: without any, nothing is done here"),
        ("branch: {}", "steps[0].branch: has no arms; write `arms: [{when: ..., steps: [...]}]`"),
        (
            "branch: {arms: [{steps: [{deliver: a}]}]}",
            "steps[0].branch.arms[0]: needs `when`; what is done in every other case stands under",
        ),
        (
            "branch: {arms: [{when: consent}]}",
            "steps[0].branch.arms[0]: has no steps: without any, nothing is done here",
        ),
        ("filter: {}", "steps[0].filter: needs `pass_when`, the condition that lets a lead pass"),
        (
            "filter: {pass_when: consent, reason: '{{x'}",
            "steps[0].filter.reason: at column 1 of this text: this tag is not closed",
        ),
        (
            "filter: {pass_when: consent, outcome: success}",
            "steps[0].filter.outcome: a filter cannot end in `success`; "
            "it is one of hard_reject, soft_reject, system_error",
        ),
    ],
)
def test_says_what_is_wrong_with_a_step(step: str, problem: str) -> None:
    (found,) = refused(of_flow(f"- {step}"))
    assert found.startswith(f"c.yaml:7: flows[f].{problem}")


def test_a_flow_without_steps_and_an_answer_in_no_time_are_refused() -> None:
    text = of_flow("- deliver: a") + "- {name: g, answer_within: 0s}\n"
    assert refused(text) == [
        "c.yaml:8: flows[g]: has no steps: without any, nothing is done here",
        "c.yaml:8: flows[g].answer_within: must be more than zero",
    ]


def test_a_misspelt_destination_is_spelt() -> None:
    text = of_flow("- deliver: premum_buyer").replace("name: a", "name: premium_buyer")
    assert refused(text) == [
        "c.yaml:7: flows[f].steps[0].deliver: there is no destination `premum_buyer`; "
        "did you mean `premium_buyer`?"
    ]


def test_every_step_of_a_tree_is_checked_at_once() -> None:
    steps = """
        - waterfall:
            steps:
            - deliver: x
            - parallel: {steps: [{deliver: y}, {}]}
    """
    assert [problem.split(": ")[1] for problem in refused(of_flow(steps))] == [
        "flows[f].steps[0].waterfall.steps[0].deliver",
        "flows[f].steps[0].waterfall.steps[1].parallel.steps[0].deliver",
        "flows[f].steps[0].waterfall.steps[1].parallel.steps[1]",
    ]


def test_selling_more_often_than_there_are_buyers_is_a_warning() -> None:
    assert warned(of_flow("- waterfall: {stop_after: 3, steps: [{deliver: a}, {deliver: b}]}")) == [
        "c.yaml:7: flows[f].steps[0].waterfall.stop_after: it can be sold 2 times at most, once for each step"
    ]


def nested(levels: int, step: str = "sequence: {{steps: [{}]}}") -> str:
    """A delivery at a level of steps."""
    text = "{deliver: a}"
    for _ in range(levels - 1):
        text = "{" + step.format(text) + "}"
    return of_flow(f"- {text}\n- deliver: b")


ARM = "branch: {{arms: [{{when: loan_amount > 1, steps: [{}]}}]}}"


@pytest.mark.parametrize("step", ["sequence: {{steps: [{}]}}", ARM])
def test_steps_may_be_nested_deeply_and_the_catalog_is_still_read_back(step: str) -> None:
    """A journal must be able to give back what was applied: protobuf libraries read a hundred levels."""
    kept = loaded(nested(MAX_NESTING, step))
    again = from_bytes(kept.message.SerializeToString(), 1)
    assert [each.delivery for each in again.flows["f"].deliveries()] == ["a", "b"]


@pytest.mark.parametrize("step", ["sequence: {{steps: [{}]}}", ARM])
def test_steps_that_are_nested_too_deeply_are_refused_with_their_place(step: str) -> None:
    (found,) = refused(nested(MAX_NESTING + 1, step))
    assert found.endswith(f"is nested more than {MAX_NESTING} steps deep")
    assert found.startswith("c.yaml:7: flows[f].steps[0].")


@pytest.mark.parametrize("levels", [100, 2_000])
def test_no_depth_of_nesting_breaks_anything(levels: int) -> None:
    (found,) = refused(nested(levels))
    assert "nested more than" in found


def test_an_arm_that_an_earlier_one_leaves_nothing_to_is_a_warning() -> None:
    steps = """
        - branch:
            arms:
            - {when: loan_amount > 5, steps: [{deliver: a}]}
            - {when: state == "CA", steps: [{deliver: b}]}
            - {when: "loan_amount  >  5", steps: [{deliver: b}]}
    """
    (warning,) = warned(of_flow(steps))
    assert warning == (
        "c.yaml:11: flows[f].steps[0].branch.arms[2]: is never reached: whenever its condition holds, the "
        "arm at c.yaml:9 is taken first"
    )


@pytest.mark.parametrize(
    ("arms", "warning"),
    [
        (("loan_amount > 5", "loan_amount > 6 and state == 'CA'"), "arms[1]: is never reached: whenever"),
        (("1 == 2", "loan_amount > 6"), "arms[0]: is never reached: its condition holds for no lead"),
        (("1 == 1", "loan_amount > 6"), "arms[0].when: holds for every lead, so that nothing after this arm"),
    ],
)
def test_an_arm_that_is_never_reached_is_a_warning(arms: tuple[str, str], warning: str) -> None:
    first, second = arms
    steps = f"""
        - branch:
            arms:
            - {{when: "{first}", steps: [{{deliver: a}}]}}
            - {{when: "{second}", steps: [{{deliver: b}}]}}
    """
    (told,) = warned(of_flow(steps))
    assert f"branch.{warning}" in told

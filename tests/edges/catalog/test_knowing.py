"""Conditions of a flow ask only for what there is when they are asked (issue: bad input)."""

import pytest

from catalog_texts import loaded, of_flow, refused

FIRST = "- {deliver: b, when: '%s'}\n- deliver: a"
AFTER = "- deliver: a\n- {deliver: b, when: '%s'}"


def problems(steps: str, more: str = "") -> list[str]:
    return [problem.split(": ", 2)[2] for problem in refused(of_flow(steps) + more)]


@pytest.mark.parametrize(
    "condition",
    [
        "loan_amount > 5",
        "lead.state is blank",
        "lead.id is blank",
        "phone_1.area is valid",
        "source == 1 and random < 50 and submission.ip is blank",
        "a.outcome == 1 and a.price > 5 and a.some.captured == 1",
        "appended.a.id is blank",
        "appended is blank",
    ],
)
def test_takes_what_is_known(condition: str) -> None:
    assert loaded(of_flow(AFTER % condition))


def test_a_field_that_nobody_declares_is_refused() -> None:
    assert problems(AFTER % "zq_rating > 40") == [
        "no field is called `zq_rating`; if leads carry it, declare it: `fields: [{name: zq_rating}]`"
    ]
    assert loaded(of_flow(AFTER % "zq_rating > 40") + "fields: [{name: zq_rating, type: number}]\n")


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("loan_amonut > 5", "loan_amount"),
        ("lead.sate == 1", "state"),
        ("apended.a.id == 1", "appended"),
        ("appended.aa.id == 1", "a"),
        ("submission.timestmap is blank", "timestamp"),
        ("source.nmae == 1", "name"),
        ("bid.prize > 2", "price"),
    ],
)
def test_a_slip_is_refused_with_what_was_meant(condition: str, meant: str) -> None:
    (problem,) = problems(AFTER % condition)
    assert f"did you mean `{meant}`?" in problem
    assert "If leads carry it, declare it: `fields: [{name: " in problem


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ('a.outcome == "sucess"', "no outcome is called `sucess`; did you mean `success`?"),
        ('a.outcome == "failure"', "no outcome is called `failure`; write `hard_reject`"),
        ('a.outcome in ["success", "skip"]', "no outcome is called `skip`; write `skipped`"),
        ('loan_amount > 5 and not ("accepted" == a.outcome)', "is called `accepted`; write `success`"),
        ('a.code != "duplicated"', "no code is called `duplicated`; did you mean `duplicate`?"),
    ],
)
def test_a_word_that_no_outcome_and_no_code_can_be_is_refused(condition: str, why: str) -> None:
    (problem,) = problems(AFTER % condition.replace("'", "''"))
    assert why in problem
    rule = f"mapping: [{{to: email, value: x, when: '{condition}'}}], pass_through: all}}"
    in_mapping = of_flow("- deliver: a\n- deliver: b").replace("pass_through: all}", rule)
    assert all(why in line for line in refused(in_mapping))


def test_a_captured_outcome_may_be_anything_and_so_may_a_field_of_that_name() -> None:
    assert loaded(of_flow(AFTER % 'appended.a.outcome == "sold" and a.outcome != "" and a.code == "HOURS"'))
    assert loaded(of_flow(AFTER % 'a.outcome == "sold"') + "fields: [{name: a}]\n")


def test_a_text_without_its_quotes_is_told_how_it_is_written() -> None:
    assert problems(AFTER % "state == Fresno") == [
        'no field is called `Fresno`; a text stands in quotes: "Fresno"; '
        "if leads carry it, declare it: `fields: [{name: Fresno}]`"
    ]
    assert problems(AFTER % "email contains gmail") == [
        'no field is called `gmail`; a text stands in quotes: "gmail"; '
        "did you mean `email`? If leads carry it, declare it: `fields: [{name: gmail}]`"
    ]


def test_a_condition_that_is_no_text_is_one_problem() -> None:
    assert problems(AFTER % "x").pop().startswith("no field")
    (problem,) = problems("- {deliver: a, when: true}")
    assert problem == 'expected a text, found true; write it in quotes: "true"'


def test_what_is_declared_may_have_members_of_any_name() -> None:
    assert loaded(of_flow(AFTER % "source.medium == 1") + "fields: [{name: source}]\n")


def test_what_a_reading_does_not_keep_is_not_there_to_be_asked_for() -> None:
    kept = of_flow(AFTER % "a.id == 1 and a.price > 1 and a.list.0 == 1 and a.idd == 1").replace(
        "pass_through: all}", "pass_through: all, reading: {capture: {id: id, list: rows}}}", 1
    )
    (problem,) = refused(kept)
    assert problem.endswith(
        "`a` has no `idd`; did you mean `id`? What its reading is to keep stands in `capture`"
    )


def test_every_unknown_name_of_a_condition_is_told_at_once() -> None:
    assert len(problems(AFTER % "zq_rating > 40 and hat_size > 5")) == 2


@pytest.mark.parametrize("asked", ["a.outcome", "appended.a.id", "a.id"])
def test_an_answer_that_cannot_be_there_yet_is_refused(asked: str) -> None:
    assert problems(FIRST % f"{asked} == 1") == [
        f"`{asked}` is not known here: `a` has not ended when this is asked; put its step before this one"
    ]


@pytest.mark.parametrize(
    "steps",
    [
        "- parallel: {steps: [{deliver: a}, {deliver: b, when: 'a.price > 5'}]}",
        "- {deliver: a, when: 'a.price > 5'}",
        "- branch: {arms: [{when: 'a.price > 5', steps: [{deliver: a}]}]}",
        "- filter: {pass_when: 'a.price > 5'}\n- deliver: a",
        "- branch: {arms: [{when: loan_amount > 1, steps: [{deliver: a}]}], "
        "otherwise: [{deliver: b, when: 'a.price > 5'}]}",
        "- auction: {bidders: [{ping: a, post: b, when: 'a.price > 5'}]}",
    ],
    ids=["beside", "itself", "arm", "filter", "other arm", "bidder"],
)
def test_what_runs_beside_or_later_is_not_known(steps: str) -> None:
    (problem,) = problems(steps)
    assert "`a.price` is not known here" in problem


@pytest.mark.parametrize(
    "steps",
    [
        "- waterfall: {steps: [{deliver: a}, {deliver: b, when: 'a.price > 5'}]}",
        "- waterfall: {order: weight, steps: [{deliver: b, when: 'a.price > 5', weight: 1}, {deliver: a}]}",
        "- parallel: {steps: [{deliver: a}, {deliver: b}]}\n- filter: {pass_when: 'a.price > 5'}",
        "- branch: {arms: [{when: loan_amount > 1, steps: [{deliver: a}]}]}\n"
        "- {deliver: b, when: 'a.price > 5'}",
        "- auction: {bidders: [{ping: a, post: b}]}\n- {deliver: b, when: 'a.price > 5 and b.price > 5'}",
    ],
    ids=["before", "any order", "all before", "either arm", "auction"],
)
def test_what_may_have_ended_may_be_asked_for(steps: str) -> None:
    assert loaded(of_flow(steps))


def test_a_mapping_may_read_any_field() -> None:
    """Behaviour 3.1: a missing value is null and never an error by itself."""
    text = of_flow("- deliver: a\n- deliver: b").replace(
        "pass_through: all}", "mapping: [{to: x, value: '{{zq_rating}}', when: hat_size > 5}]}", 1
    )
    assert loaded(text)


def test_a_destination_whose_name_has_dots_is_found() -> None:
    text = of_flow("- deliver: a.b\n- {deliver: b, when: 'a.b.outcome == 1'}").replace(
        "name: a,", "name: a.b,"
    )
    assert loaded(text)


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        ("- waterfall: {order: price, steps: [{deliver: a, price: '{{b.rate}}'}, {deliver: b}]}", "b.rate"),
        ("- waterfall: {order: price, steps: [{deliver: a}, {deliver: b, price: '{{a.rate}}'}]}", "a.rate"),
        ("- filter: {pass_when: state, reason: 'no {{appended.a.why}}'}\n- deliver: a", "appended.a.why"),
    ],
)
def test_a_price_and_a_reason_read_no_answer_that_is_yet_to_come(steps: str, asked: str) -> None:
    (problem,) = [line for line in problems(steps) if "not known here" in line]
    assert f"`{asked}` is not known here" in problem


def test_a_price_and_a_reason_read_what_was_answered_and_fields_of_any_name() -> None:
    price = "- waterfall: {order: price, steps: [{deliver: b, price: '{{a.rate}}'}]}"
    reason = "- filter: {pass_when: state, reason: '{{a.why}} {{zq}} {{zq.z}}'}"
    assert loaded(of_flow(f"- deliver: a\n{price}\n{reason}"))

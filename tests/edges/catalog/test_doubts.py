"""A sale that a sample reply denies is warned of (behaviour 6: never a silent success)."""

import pytest

from catalog_texts import of_rest, warned

SAID = "{result: failed, message: Duplicate}"
NO = f"examples: [{{name: no, lead: {{email: a@b.c}}, request: {{}}, reply: {{body: {SAID}}}}}]"


def doubts(reading: str, examples: str = NO) -> list[str]:
    keys = f"reading: {reading}\n{examples}" if reading else examples
    return [words for words in warned(of_rest(keys)) if "by its status alone" in words]


@pytest.mark.parametrize(
    ("reading", "place"),
    [
        ("", "reading"),
        ("{reason: [message]}", "reading"),
        ("{rules: [{outcome: success, match: [{status: 2xx}]}]}", "reading.rules[0]"),
        ("{rules: [{outcome: hard_reject, match: [{path: gone}]}, {outcome: success}]}", "reading.rules[1]"),
        ("{leadconduit: {default_reason: x}}", "reading.rules[0]"),
    ],
)
def test_a_sale_by_status_alone_is_doubted_where_a_sample_says_no(reading: str, place: str) -> None:
    (warning,) = doubts(reading)
    assert f"destinations[crm].{place}" in warning
    assert "takes the reply of `no` for a sale by its status alone, but its body says `Duplicate`" in warning


@pytest.mark.parametrize(
    "reading",
    [
        "{rules: [{outcome: hard_reject, match: [{path: result, equals: failed}]}, {outcome: success}]}",
        "{rules: [{outcome: success, match: [{path: result, exists: true}]}]}",
        "{rules: [{outcome: success, match: [{status: '201'}]}]}",
        "{leadconduit: {outcome_search_term: failed, outcome_on_match: failure}}",
    ],
)
def test_what_looks_into_the_body_is_not(reading: str) -> None:
    assert doubts(reading) == []


@pytest.mark.parametrize(
    "body", ["{id: 7}", "{message: Lead received}", "queued", "{message: No duplicates found}"]
)
def test_a_sample_that_does_not_say_no_raises_no_doubt(body: str) -> None:
    examples = f"examples: [{{lead: {{email: a@b.c}}, request: {{}}, reply: {{body: {body}}}}}]"
    assert doubts("", examples) == []

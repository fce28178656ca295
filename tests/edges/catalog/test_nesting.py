"""Paths into a JSON body that do not nest as they look (behaviour 3.5)."""

import pytest

from catalog_texts import of_destination, warned

JSON = 'rest: {url: "https://example.com"}\n'
FORM = 'rest: {url: "https://example.com", body: {format: form}}\n'


def of_rules(*rules: str, keys: str = JSON) -> list[str]:
    return warned(of_destination(keys + "mapping:\n" + "\n".join(f"- {{{rule}}}" for rule in rules)))


@pytest.mark.parametrize("keys", [JSON, 'webhook: {url: "https://example.com"}\n'])
def test_what_is_inside_of_a_value_of_its_own(keys: str) -> None:
    assert of_rules("to: a, value: x", "to: a.b.c, value: y", keys=keys) == [
        "c.yaml:6: destinations[crm].mapping[a.b.c]: `a.b.c` is inside of `a`, which is a value of its own "
        "at c.yaml:5; only the later of the two is sent"
    ]
    assert len(of_rules("to: a.b, value: x", 'to: a, value: "{{first_name}} Lee"', keys=keys)) == 1
    assert len(of_rules("to: a.0, value: x", 'to: a, value: "{{email}}"', keys=keys)) == 1


def test_what_may_hold_others_or_stands_for_them_is_meant() -> None:
    assert of_rules('to: a, value: "{{vehicle}}"', "to: a.b, value: y") == []
    assert of_rules("to: a, value: [x]", "to: a.1, value: y") == []
    assert of_rules("to: a, value: x, when: consent", "to: a.b, value: y") == []
    assert of_rules("to: a.b, value: x", "to: a.c, value: y", "to: ab, value: z") == []
    assert of_rules("to: a, value: x", "to: a.b, value: y", keys=FORM) == []


def test_brackets_make_no_list() -> None:
    assert of_rules("to: 'a[0].b', value: x") == [
        "c.yaml:5: destinations[crm].mapping[a[0].b].to: `a[0].b` has a name with brackets in it; "
        "an entry of a list is `a.0.b`"
    ]
    assert of_rules("to: 'a.[b.c]', value: x", "to: '[0]', value: x", "to: 'a[b]', value: x") == []
    assert of_rules("to: 'a[0]', value: x", keys=FORM) == []

"""The mapping of a destination, and what is said of its rules (behaviour 3.3)."""

import pytest

from catalog_texts import loaded, of_destination, refused
from leadrelay.core.mapping import Mapping
from leadrelay.core.scope import Scope

REST = 'rest: {url: "https://example.com"}\n'
LEAD = Scope({"first_name": "Ann", "email": "", "ssn": "078-05-1120", "score": "7"})


def mapping(keys: str, more: str = "") -> Mapping:
    return loaded(of_destination(keys) + more).catalog.destinations["crm"].mapping


def test_carries_out_every_kind_of_rule() -> None:
    compiled = mapping(f"""{REST}
mapping:
- {{to: name, value: "{{{{first_name}}}}"}}
- {{to: fixed, value: 5}}
- {{to: flag, value: false}}
- {{to: nothing, value: null}}
- {{to: list, value: ["{{{{first_name}}}}", 2]}}
- {{to: mail, value: "{{{{email}}}}", default: none}}
- {{to: blank, value: "{{{{email}}}}", empty: send}}
- {{to: void, value: "{{{{email}}}}", empty: "null"}}
- {{to: gone, value: "{{{{email}}}}", empty: omit}}
- {{to: high, value: 1, when: score > 8}}
- {{to: must, value: "{{{{email}}}}", required: true}}
""")
    mapped = compiled.apply(LEAD)
    assert mapped.payload == {
        "name": "Ann",
        "fixed": 5,
        "flag": False,
        "nothing": None,
        "list": ["Ann", 2],
        "mail": "none",
        "blank": "",
        "void": None,
    }
    assert mapped.missing == ("must",)


def test_a_rule_asks_whether_a_typed_field_is_valid_in_its_condition_and_in_its_value() -> None:
    """Types decide whether such a rule compiles at all (behaviour 5), wherever it is read."""
    compiled = mapping(f"""{REST}
mapping:
- {{to: mail, value: "{{{{email}}}}", when: email is valid}}
- {{to: phone, value: "{{{{if phone_1 is valid then phone_1 else 'none'}}}}"}}
- {{to: spare, value: "{{{{fax}}}}", default: "{{{{if phone_1 is valid then phone_1.area}}}}"}}
""")
    right = Scope({"email": "ann@example.com", "phone_1": "(512) 555-0148"})
    assert compiled.apply(right).payload == {"mail": "ann@example.com", "phone": "5125550148", "spare": "512"}
    assert compiled.apply(Scope({"email": "ann", "phone_1": "555"})).payload == {"phone": "none"}


def test_a_webhook_without_a_mapping_sends_the_whole_lead_and_with_one_only_what_it_lists() -> None:
    webhook = 'webhook: {url: "https://example.com"}\n'
    assert mapping(webhook).apply(LEAD).payload == {"first_name": "Ann", "score": "7"}
    assert mapping(webhook + "mapping: [{to: a, value: 1}]").apply(LEAD).payload == {"a": 1}
    both = "pass_through: all\nmapping: [{to: a, value: 1}]"
    assert mapping(webhook + both).apply(LEAD).payload == {"first_name": "Ann", "score": "7", "a": 1}
    assert mapping(webhook + "pass_through: listed").apply(LEAD).payload == {}


def test_a_field_that_the_catalog_calls_sensitive_is_masked_and_not_passed_through() -> None:
    keys = f'{REST}pass_through: all\nmapping: [{{to: n, value: "{{{{first_name}}}}"}}]'
    mapped = mapping(keys, "fields: [{name: first_name, sensitive: true}]\n").apply(LEAD)
    assert mapped.payload == {"score": "7", "n": "Ann"}
    assert mapped.masked_payload()["n"] == "***"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{to: a, value: '{{x'}", "mapping[a].value: at column 1 of this text: this tag is not closed"),
        ("{to: a, value: 1, default: '{{x'}", "mapping[a].default: at column 1 of this text: this tag"),
        (
            "{to: a, value: 1, when: state = 1}",
            "mapping[a].when: at column 7 of this text: expected an operator",
        ),
        (
            "{to: a, value: 1, when: ''}",
            "mapping[a].when: the condition is empty; write one or remove the key",
        ),
        ("{to: a, value: {b: 1}}", "mapping[a].value: is an object; write one rule for each member"),
        ("{to: a..b, value: 1}", "mapping[a..b].to: `a..b` has an empty segment"),
        ("{value: 1}", "mapping[0].to: is empty; name a path in the payload"),
        ("{to: a}", "mapping[a].value: is missing; give a template, number, boolean, null or list"),
    ],
)
def test_says_what_is_wrong_with_a_rule(rule: str, problem: str) -> None:
    (found,) = refused(of_destination(f"{REST}mapping: [{rule}]"))
    assert found.startswith(f"c.yaml:4: destinations[crm].{problem}")


def test_one_bad_rule_does_not_hide_another() -> None:
    found = refused(
        of_destination(f"{REST}mapping: [{{to: a, value: '{{{{x'}}, {{to: b, value: {{}}, when: '>'}}]")
    )
    assert [problem.split(": ")[1] for problem in found] == [
        "destinations[crm].mapping[a].value",
        "destinations[crm].mapping[b].when",
        "destinations[crm].mapping[b].value",
    ]


def test_a_line_of_a_block_text_is_told_as_the_files_own() -> None:
    text = of_destination(
        f"{REST}mapping:\n- to: a\n  value: |\n    hello\n    {{{{first_name}}}} {{{{oops\n"
    )
    assert refused(text) == [
        "c.yaml:8: destinations[crm].mapping[a].value: at line 2, column 16 of this text: "
        "this tag is not closed; expected `}}`"
    ]

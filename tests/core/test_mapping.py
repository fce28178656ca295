"""Rules of a mapping (behaviour 3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.fates import Fate, Notes
from leadrelay.core.mapping import (
    PASSED,
    Empty,
    Mapped,
    PassThrough,
    Rule,
    compile_mapping,
)
from leadrelay.core.scope import Scope
from leadrelay.core.values import NotCompiled, Value

FIELDS = {"first_name": "Ann", "email": "ann@example.com", "ssn": "078051120", "blank": "  ", "state": "CA"}


def mapped(
    *rules: Rule, pass_through: PassThrough = PassThrough.LISTED, fields: dict[str, str] | None = None
) -> Mapped:
    mapping = compile_mapping(rules, pass_through=pass_through, sensitive={"ssn"})
    return mapping.apply(Scope(FIELDS if fields is None else fields, {"tags": ["a", "b"]}))


def test_values_are_templates_numbers_booleans_null_and_lists() -> None:
    payload = mapped(
        Rule("name", "{{first_name}} X"),
        Rule("version", 2.0),  # a catalog knows only floats, and 2 is meant as 2
        Rule("ratio", 0.5),
        Rule("test", False),
        Rule("nothing", None),
        Rule("empty", ""),
        Rule("fixed", " as is "),
        Rule("list", ["{{first_name}}", 1.0, "{{missing}}", ["{{state}}"], ""]),
        Rule("tags", "{{tags}}"),
    ).payload
    assert payload == {
        "name": "Ann X",
        "version": 2,
        "ratio": 0.5,
        "test": False,
        "nothing": None,
        "empty": "",
        "fixed": " as is ",
        "list": ["Ann", 1, ["CA"], ""],
        "tags": ["a", "b"],
    }
    assert isinstance(payload["version"], int)


def test_a_later_rule_for_the_same_path_wins() -> None:
    result = mapped(Rule("a", "one"), Rule("b", "x"), Rule("a", "{{first_name}}"))
    assert list(result.payload.items()) == [("a", "Ann"), ("b", "x")]
    assert result.given == {"a": 2, "b": 1}


def test_a_blank_result_leaves_an_earlier_value_alone() -> None:
    for blank in ("{{missing}}", "{{blank}}", "{{missing}} {{blank}}", ["{{missing}}"]):
        for empty in Empty:
            assert mapped(Rule("a", "one"), Rule("a", blank, empty=empty)).payload == {"a": "one"}


def test_an_explicit_empty_text_or_null_in_the_catalog_is_applied() -> None:
    assert mapped(Rule("a", "one"), Rule("a", "")).payload == {"a": ""}
    assert mapped(Rule("a", "one"), Rule("a", None)).payload == {"a": None}
    assert mapped(Rule("a", "{{missing}}", default="")).payload == {"a": ""}
    assert mapped(Rule("a", "", required=True)).missing == ()


def test_a_rule_whose_condition_is_false_is_not_applied() -> None:
    result = mapped(
        Rule("a", "no", when='state == "TX"', default="d", required=True),
        Rule("b", "yes", when='state == "CA"'),
    )
    assert result.payload == {"b": "yes"}
    assert result.is_complete


@pytest.mark.parametrize("value", ["{{missing}}", "{{blank}}", '{{if state "TX" then 1}}'])
def test_the_default_stands_in_for_a_missing_or_blank_result(value: str) -> None:
    assert mapped(Rule("a", value, default="{{first_name}}")).payload == {"a": "Ann"}
    assert mapped(Rule("a", value, default=0.0)).payload == {"a": 0}
    assert mapped(Rule("a", value, default="{{missing}}")).payload == {}
    assert mapped(Rule("a", "x"), Rule("a", value, default="d")).payload == {"a": "d"}
    assert mapped(Rule("a", default="d")).payload == {"a": "d"}


@pytest.mark.parametrize(
    ("empty", "payload"), [(Empty.OMIT, {}), (Empty.SEND, {"a": ""}), (Empty.NULL, {"a": None})]
)
def test_empty_says_what_a_blank_does_to_the_payload(empty: Empty, payload: dict[str, Value]) -> None:
    assert mapped(Rule("a", "{{blank}}", empty=empty)).payload == payload


def test_zero_and_false_are_values_and_not_blanks() -> None:
    mapping = compile_mapping([Rule("a", "{{n}}", default=5), Rule("b", "{{f}}", required=True)])
    assert mapping.apply(Scope({}, {"n": 0, "f": False})).payload == {"a": 0, "b": False}


def test_every_missing_required_field_is_named_at_once() -> None:
    result = mapped(
        Rule("one", "{{missing}}", required=True),
        Rule("two", "{{first_name}}", required=True),
        Rule("three", "{{blank}}", required=True, empty=Empty.SEND),
        Rule("four", "{{missing}}", required=True),
        Rule("four", "{{email}}"),  # another rule has something to send
        Rule("five", "{{missing}}", required=True, default="d"),
        Rule("six", "{{missing}}", empty=Empty.SEND),
        Rule("six", "{{missing}}", required=True),
    )
    assert result.missing == ("one", "three", "six")
    assert not result.is_complete


def test_a_rule_that_breaks_a_limit_hides_neither_the_others_nor_what_is_missing() -> None:
    mapping = compile_mapping(
        [
            Rule("a", "{{long}}" * 20),
            Rule("b", "{{missing}}", required=True),
            Rule("c", "{{missing}}", default="{{long}}" * 20),
            Rule("d", "x"),
        ]
    )
    result = mapping.apply(Scope({"long": "x" * 64 * 1024}))
    assert result.payload == {"d": "x"}
    assert result.missing == ("b",)
    assert [problem.split(":")[0] for problem in result.problems] == ["a", "c"]


def test_warnings_belong_to_the_call_that_made_them() -> None:
    mapping = compile_mapping([Rule("a", '{{format first_name "###"}}')])
    scope = Scope(FIELDS)
    for _ in range(2):
        assert mapping.apply(scope).warnings == (
            "first_name does not have the 3 digits of the mask ###; sent as it is",
        )


def test_pass_through_sends_every_field_but_blanks_and_what_is_sensitive() -> None:
    result = mapped(Rule("state", "TX"), Rule("who", "{{first_name}}"), pass_through=PassThrough.ALL)
    assert result.payload == {
        "tags": ["a", "b"],
        "first_name": "Ann",
        "email": "ann@example.com",
        "state": "TX",
        "who": "Ann",
    }
    assert result.given["email"] == PASSED
    assert result.given["state"] == 0
    listed = mapped(Rule("ssn", "{{ssn}}"), pass_through=PassThrough.ALL)
    assert listed.payload["ssn"] == "078051120"


def test_what_came_from_a_sensitive_field_is_masked_in_the_record() -> None:
    result = mapped(
        Rule("a", "{{first_name}}"),
        Rule("b", "***-{{ssn.last4}} {{lead.ssn}}"),
        Rule("c", "{{missing}}", default="{{ssn}}"),
        Rule("d", "{{ssn}}"),
        Rule("d", "not any more"),
        Rule("e", "{{ssn}}", when='ssn == "1"'),
        Rule("f", '{{if ssn then "has one"}}'),
    )
    assert result.has_sensitive
    assert result.payload["d"] == "not any more"
    assert result.masked_payload() == {"a": "Ann", "b": "***", "c": "***", "d": "not any more", "f": "***"}
    assert "078051120" in str(result.payload)
    assert not mapped(Rule("a", "{{first_name}}")).has_sensitive


def test_all_problems_of_a_mapping_are_told_with_rule_and_part() -> None:
    with pytest.raises(NotCompiled) as caught:
        compile_mapping(
            [
                Rule("", "{{a"),
                Rule("ok", "x"),
                Rule("a..b", "x", when="state =", default="{{frmat a}}"),
                Rule("c"),
                Rule("d", {"a": 1}),
                Rule("{{e}}", ["{{f", "x", ["{{g"]]),
                Rule(".".join("x" * 40), "x"),
                Rule("y" * 300, "x"),
            ]
        )
    assert [(p.index, p.part) for p in caught.value.problems] == [
        (0, "to"),
        (0, "value"),
        (2, "to"),
        (2, "when"),
        (2, "default"),
        (3, "value"),
        (4, "value"),
        (5, "to"),
        (5, "value[0]"),
        (5, "value[2][0]"),
        (6, "to"),
        (7, "to"),
    ]
    assert "did you mean `format`?" in caught.value.problems[4].message


def test_a_mapping_knows_which_fields_it_reads() -> None:
    mapping = compile_mapping([Rule("a", "{{b}}", when="c > 1", default="{{lead.d}}"), Rule("e", ["{{f}}"])])
    assert mapping.fields == {"b", "c", "d", "f"}
    assert mapping.paths == ("a", "e")


def test_a_payload_knows_whether_it_is_flat() -> None:
    assert mapped(Rule("a", "{{first_name}}"), Rule("b", 1)).payload.is_flat
    for rule in (Rule("a.b", "x"), Rule("0", "x"), Rule("[a.b]", "x"), Rule("a", "{{tags}}"), Rule("a", [1])):
        assert not mapped(rule).payload.is_flat
    dotted = mapped(pass_through=PassThrough.ALL, fields={"a.b": "x"})
    assert not dotted.payload.is_flat


def test_notes_say_how_each_rule_fared_in_the_very_run_that_made_the_payload() -> None:
    rules = (
        Rule("a", "{{first_name}}"),
        Rule("b", "{{missing}}", default="d"),
        Rule("c", "{{missing}}", empty=Empty.SEND),
        Rule("d", "{{missing}}", required=True),
        Rule("e", "x", when='state == "TX"'),
        Rule("f", ""),
        Rule("g", "{{x}}" * 20),
    )
    mapping = compile_mapping(rules, pass_through=PassThrough.ALL, sensitive={"ssn"})
    scope = Scope({"first_name": "Ann", "ssn": "078051120", "x": "y" * 65536})
    notes = Notes()
    mapped = mapping.apply(scope, notes)
    assert notes.rules == {
        1: Fate.DEFAULT,
        2: Fate.EMPTY,
        3: Fate.BLANK,
        4: Fate.CONDITION_FALSE,
        5: Fate.VALUE,
        6: Fate.FAILED,
    }
    assert mapped.problems == (f"g: {notes.faults[6]}",)
    assert notes.withheld == ["ssn"]
    assert mapping.apply(scope).payload == mapped.payload


_PATHS = st.sampled_from(["a", "b", "a.b", "a.0", "c.1.d"])
_VALUES = st.one_of(
    st.sampled_from(["{{x}}", "{{y}} {{x}}", "{{missing}}", "{{if x > 3 then y}}", "{{default x y}}"]),
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="{"), max_size=5),
)
_RULES = st.builds(
    Rule,
    to=_PATHS,
    value=_VALUES,
    when=st.sampled_from(["", "x is blank", "y > 1"]),
    default=_VALUES,
    required=st.booleans(),
    empty=st.sampled_from(Empty),
)


@given(st.lists(_RULES, max_size=8), st.text(max_size=5), st.integers())
def test_what_is_sent_is_what_the_last_applicable_rule_says(rules: list[Rule], x: str, y: int) -> None:
    """Against the plainest possible reading of behaviour 3.3: each rule alone, then laid over each other."""
    scope = Scope({"x": x}, {"y": y})
    together = compile_mapping(rules).apply(scope)
    expected: dict[str, Value] = {}
    wanted: set[str] = set()
    filled: set[str] = set()
    for rule in rules:
        alone = compile_mapping([rule]).apply(scope)
        wanted.update(alone.missing)
        for to, value in alone.payload.items():
            is_filler = (
                value in ("", None) and rule.value not in ("", None) and rule.default not in ("", None)
            )
            if is_filler and to in expected:
                continue
            if not is_filler:
                filled.discard(to)
                expected[to] = value
            elif to not in expected:
                expected[to] = value
    assert together.payload == expected
    assert set(together.missing) <= wanted


def test_what_rules_made_of_a_sensitive_field_is_told_to_be_hidden() -> None:
    """Behaviour 9: a recipient may repeat the hash or the part that it was sent."""
    result = mapped(
        Rule("last", "{{substring ssn 6 9}}"),
        Rule("hashed", '{{if state "CA" then sha256(ssn) else "none"}}'),
        Rule("list", ["{{first_name}}", '{{format ssn "###/##/####"}}']),
        Rule("spare", "{{nickname}}", default="x-{{ssn}}-x"),
        Rule("lost", "{{substring ssn 1 3}}"),
        Rule("lost", "{{first_name}}"),
    )
    assert {"1120", "078/05/1120", "078051120"} < set(result.derived)
    assert any(len(text) == 64 for text in result.derived)
    assert "078" not in result.derived, "it is not sent"
    assert mapped(Rule("a", "{{first_name}}")).derived == ()

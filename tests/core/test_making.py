"""Payloads in the making: rules one by one, and runs of bare names in one go (behaviour 3.3)."""

from hypothesis import example, given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.fates import Fate, Notes
from leadrelay.core.fields import READERS, FieldType
from leadrelay.core.making import Making, ReadyRule, ReadyValue, runs_of
from leadrelay.core.mapping import Empty, Rule, compile_mapping
from leadrelay.core.scope import Known, Scope
from leadrelay.core.template import compile_template
from leadrelay.core.values import ABSENT, Value


def ready(
    to: str, value: str, default: str = "", *, required: bool = False, blank: Value = ABSENT
) -> ReadyRule:
    return ReadyRule(to, _ready(value), _ready(default) if default else None, required, blank)


def _ready(text: str) -> ReadyValue:
    template = compile_template(text)
    return ReadyValue(template.read, "{{" not in text, template.fields, template.field)


def made(*rules: ReadyRule, known: Known | None = None, notes: Notes | None = None) -> Making:
    making = Making(rules, Scope({"name": "Ann", "city": "Fresno", "empty": " "}, known=known), notes)
    making.follow(tuple(runs_of((rule, None) for rule in rules)))
    return making


def test_bare_names_that_follow_each_other_make_a_run_and_a_condition_ends_it() -> None:
    a, b, c, d = (ready(to, f"{{{{{to}}}}}") for to in "abcd")
    text = ready("t", "{{a}} {{b}}")
    runs = list(runs_of([(a, None), (b, None), (text, None), (c, compile_condition("a > 1")), (d, None)]))
    assert [run.paths for run in runs] == [("a", "b"), (), ()]
    assert [[to for _, _, to, _ in run.steps] for run in runs] == [["a", "b"], ["t", "c"], ["d"]]
    assert [run.fetch is not None for run in runs] == [True, False, False]


def test_a_run_is_had_in_one_go_only_where_all_of_it_may_be_sent() -> None:
    known, rules = Known(), (ready("n", "{{name}}"), ready("c", "{{city}}"))
    first = made(*rules, known=known)
    assert known.values == {"name": "Ann", "city": "Fresno"}
    again = made(*rules, known=known)
    assert again.payload == first.payload == {"n": "Ann", "c": "Fresno"}
    assert again.given == first.given == {"n": 0, "c": 1}
    blank = made(*rules, ready("e", "{{empty}}"), known=known)
    assert (blank.payload, blank.given) == (first.payload, first.given)


def test_a_blank_comes_to_the_default_or_to_what_is_sent_for_one_or_to_nothing() -> None:
    notes = Notes()
    making = made(
        ready("a", "{{empty}}", "{{name}}"),
        ready("b", "{{empty}}", blank=None),
        ready("a", "{{empty}}", blank=""),  # leaves the earlier value alone
        ready("c", "{{missing}}", required=True),
        ready("d", ""),  # meant
        notes=notes,
    )
    assert making.payload == {"a": "Ann", "b": None, "d": ""}
    assert making.given == {"a": 0, "b": 1, "d": 4}
    assert making.wanted == ["c"]
    told = {0: Fate.DEFAULT, 1: Fate.EMPTY, 2: Fate.BLANK, 3: Fate.BLANK, 4: Fate.VALUE}
    assert notes.rules == told


_PATHS = st.sampled_from(["a", "b", "a.b", "a.0", "c.1.d"])
_BARE = st.builds(
    Rule,
    to=_PATHS,
    value=st.sampled_from(["{{plain}}", "{{name}}", "{{amount}}", "{{sold}}", "{{ x }}", "{{name}} Jr."]),
    default=st.sampled_from(["", "{{plain}}"]),
    required=st.booleans(),
    empty=st.sampled_from(Empty),
)
_TYPES = {
    "name": READERS[FieldType.TEXT],
    "amount": READERS[FieldType.NUMBER],
    "sold": READERS[FieldType.BOOLEAN],
}
_TEXTS = st.sampled_from(["", "  ", "0", "no", "1,200", " Ann ", "?"])


@given(
    st.lists(_BARE, max_size=8),
    st.fixed_dictionaries({"plain": _TEXTS, "name": _TEXTS}, optional={"amount": _TEXTS, "sold": _TEXTS}),
    st.dictionaries(st.sampled_from(["amount", "sold", "x"]), _TEXTS | st.lists(_TEXTS)),
)
@example([Rule("a", "{{plain}}"), Rule("b", "{{name}}")], {"plain": "  ", "name": "Ann"}, {})
@example([Rule("a", "{{plain}}"), Rule("b", "{{name}}")], {"plain": "Ann", "name": "  "}, {})
@example([Rule("a", "{{plain}}"), Rule("b", "{{x}}")], {"plain": "Ann", "name": ""}, {"x": ["1"]})
def test_a_mapping_makes_the_same_of_a_lead_that_is_known_already(
    rules: list[Rule], fields: dict[str, str], nested: dict[str, Value]
) -> None:
    """A lead's second destination finds its fields read: that is quicker and makes no difference."""
    mapping, known = compile_mapping(rules, types=_TYPES), Known()
    alone = mapping.apply(Scope(fields, nested))
    for _ in range(3):
        again = mapping.apply(Scope(fields, nested, known=known))
        assert list(again.payload.items()) == list(alone.payload.items())
        assert again.payload.is_flat == alone.payload.is_flat
        assert (again.given, again.missing, again.problems) == (alone.given, alone.missing, alone.problems)

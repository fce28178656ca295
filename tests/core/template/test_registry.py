"""Every helper keeps what its documentation promises, whatever it is given."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import HELPERS, TemplateError, TemplateFault, compile_template
from leadrelay.core.values import Value

EXAMPLES = [(name, *example) for name, helper in HELPERS.items() for example in helper.examples]


@pytest.mark.parametrize(("name", "source", "printed"), EXAMPLES)
def test_the_examples_of_a_helper_are_true(name: str, source: str, printed: str) -> None:
    scope = Scope({}, now=1_700_000_000_000_000_000)
    assert compile_template(source)(scope) == printed, name
    assert not scope.warnings


@pytest.mark.parametrize("name", HELPERS)
def test_every_helper_says_what_it_is_for(name: str) -> None:
    assert HELPERS[name].summary.endswith(".")
    assert HELPERS[name].examples


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.decimals(allow_nan=False),
        st.sampled_from(["2024-02-29", "5125550123", "$1,000", "0", "-1", "\ud800"]),
        st.sampled_from([date(2024, 2, 29), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), Decimal("1E+400")]),
    ),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=4,
)
_CALLS = [
    *(f"{{{{{name} a b c}}}}" for name in HELPERS),
    *(f"{{{{{name} a b}}}}" for name in HELPERS),
    *(f"{{{{{name} a}}}}" for name in HELPERS),
    *('{{format a "' + p + '"}}' for p in ("L", "LLLL X x w W", "0,0.00", "($0.[00]a)", "0o", "##-#")),
    '{{format a "L" operator="add" months=b days=c hours=b timezone="Asia/Tokyo"}}',
    '{{replace a (regexp ".") b}}',
    '{{extract a "(.)"}}',
    '{{math "roundTo(a ^ b, c) / log(a, b) % c"}}',
    "{{#each a}}{{b}}{{this}}{{@key}}{{/each}}",
    "{{a > b}}{{a == c}}{{a in [b, c]}}{{a between b and c}}{{a contains b}}",
]


@given(st.sampled_from(_CALLS), _VALUES, _VALUES, _VALUES)
def test_no_value_crashes_a_helper(source: str, a: Value, b: Value, c: Value) -> None:
    try:
        template = compile_template(source)
    except TemplateError:
        return
    with suppress(TemplateFault):
        assert isinstance(template(Scope({}, {"a": a, "b": b, "c": c}, now=5)), str)

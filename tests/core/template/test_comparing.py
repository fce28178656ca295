"""The quick ways of comparing agree with the plain one."""

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template.comparing import ORDERS, against_constant, plain_words
from leadrelay.core.values import Value, compare, is_code, same

SCOPE = Scope({})
_LEFT = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["$1,0", "5"])
)
_CONSTANTS = (
    st.integers() | st.text(max_size=5) | st.sampled_from(["CA", " ca", "5.0", "yes", "05"]) | st.booleans()
)


@given(_LEFT, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), _CONSTANTS)
def test_a_constant_that_was_prepared_compares_like_any_value(left: Value, sign: str, right: Value) -> None:
    test = against_constant(lambda _: left, sign, right)
    if test is None or (isinstance(right, str) and is_code(right)):
        return  # left to the plain way; a code is compared as a word only where it stands in a catalog
    if sign in ("==", "!="):
        assert test(SCOPE) is (same(left, right) is (sign == "=="))
    else:
        order = compare(left, right)
        assert test(SCOPE) is (order is not None and ORDERS[sign](order, 0))


def test_only_words_that_are_neither_numbers_nor_booleans_are_plain() -> None:
    assert plain_words([" CA", "ny"]) == frozenset({"ca", "ny"})
    assert plain_words(["02134"]) == frozenset({"02134"})
    for other in ("5", "yes", 5, None, True):
        assert plain_words(["ca", other]) is None

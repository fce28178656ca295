"""`#` masks (behaviour 3.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template


@pytest.mark.parametrize(
    ("value", "mask", "printed"),
    [
        ("5125550123", "(###) ###-####", "(512) 555-0123"),
        ("(512) 555.0123", "###-###-####", "512-555-0123"),
        ("+1 512 555 0123", "### ### ####", "512 555 0123"),  # the international form of the same number
        ("15125550123", "+# ### #######", "+1 512 5550123"),
        ("078051120", "###-##-####", "078-05-1120"),
        ("5125550123x42", "(###) ###-####", "(512) 555-0123"),  # an extension has no place in it
        ("5125550123x42", "###-###-#### x##", "512-555-0123 x42"),  # unless the mask has one
        ("5", "100% #", "100% 5"),
    ],
)
def test_each_hash_takes_the_next_digit(value: str, mask: str, printed: str) -> None:
    scope = Scope({"v": value})
    assert compile_template(f'{{{{format v "{mask}"}}}}')(scope) == printed
    assert scope.warnings == []


@pytest.mark.parametrize("value", ["512555012", "51255501234", "15125550123", "no digits", "٥١٢٥٥٥٠١٢٣"])
def test_too_few_or_too_many_digits_go_out_as_they_are_with_a_warning(value: str) -> None:
    scope = Scope({"phone_1": value})
    assert compile_template('{{format phone_1 "(###) ###-####"}}')(scope) == value
    assert scope.warnings == ["phone_1 does not have the 10 digits of the mask (###) ###-####; sent as it is"]


def test_a_missing_value_stays_missing_without_a_warning() -> None:
    scope = Scope({"v": "  "})
    assert compile_template('{{format missing "###"}}{{format v "###"}}')(scope) == ""
    assert scope.warnings == []


@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_digits_poured_into_a_mask_are_the_same_digits(digits: str) -> None:
    mask = "x".join("#" * len(digits))
    printed = compile_template(f'{{{{format v "{mask}"}}}}')(Scope({"v": digits}))
    assert printed == "x".join(digits)

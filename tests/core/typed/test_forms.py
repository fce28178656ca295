"""What every type returns."""

from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed


def test_a_valid_text_has_a_normal_form_and_parts() -> None:
    read: Typed = Valid(" TX ", "TX", {"name": "Texas"})
    assert (read.raw, read.valid, read.normal) == (" TX ", True, "TX")
    assert (read.part("name"), read.part("mayor")) == ("Texas", None)


def test_an_invalid_text_has_only_itself() -> None:
    read: Typed = Invalid("??")
    assert (read.raw, read.valid, read.normal, read.part("name")) == ("??", False, None, None)

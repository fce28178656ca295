"""Text and credentials (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import credential, text


def test_a_text_loses_white_space_at_its_ends_and_nothing_else() -> None:
    assert text("  Mary  Ann\n").normal == "Mary  Ann"
    assert text("Line one\nline two").normal == "Line one\nline two"
    assert text(" Ann").raw == " Ann"


def test_a_credential_is_never_changed() -> None:
    assert credential(" pass word ").normal == " pass word "


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\xa0"])
def test_a_blank_is_no_valid_text(blank: str) -> None:
    assert not text(blank).valid
    assert not credential(blank).valid


def test_a_value_does_not_show_when_its_type_is_printed() -> None:
    """No secret or personal value may get into a message."""
    assert "hunter2" not in repr(credential("hunter2"))
    assert "hunter2" not in str(text("hunter2"))

"""Walking over tokens."""

import pytest

from leadrelay.core.template.cursor import MAX_DEPTH, Cursor
from leadrelay.core.template.errors import TemplateError
from leadrelay.core.template.lexer import T, expression_tokens


def a_cursor(source: str) -> Cursor:
    return Cursor(source, expression_tokens(source))


def test_what_was_expected_is_named_with_what_stands_there() -> None:
    cursor = a_cursor("a = b")
    assert cursor.take().text == "a"
    with pytest.raises(TemplateError, match="column 3: expected `then` but found `=`; write `==`"):
        cursor.expect(T.NAME, "then")


def test_a_misspelt_word_is_recognised_even_after_it_was_read() -> None:
    for source in ("thne b", "a thne b"):
        cursor = a_cursor(source)
        while cursor.peek().text != "b" and source != "thne b":
            cursor.take()
        with pytest.raises(TemplateError, match="did you mean `then`"):
            cursor.expect(T.NAME, "then")


def test_the_end_is_the_end_however_far_one_looks() -> None:
    cursor = a_cursor("a")
    assert cursor.peek(99).kind is T.END
    assert not cursor.accept(T.NAME, "b")
    cursor.take()
    cursor.expect_end()


def test_depth_has_a_limit() -> None:
    cursor = a_cursor("a")
    for _ in range(MAX_DEPTH):
        cursor.deeper()
    with pytest.raises(TemplateError, match="nested more than"):
        cursor.deeper()

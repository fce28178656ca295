"""What separates the cells of a table (behaviour 3.6)."""

import pytest

from leadrelay.edges.cli.separators import said_separator, separator_in


@pytest.mark.parametrize(
    ("names", "separator"),
    [
        ("email,phone", ","),
        ("email;phone", ";"),
        ("email\tphone", "\t"),
        ("email|phone", "|"),
        ("email", ","),
        ("", ","),
        ("name, first;phone;email", ";"),
        ('"a;b;c",d', ","),
        ('"say ""a;b""",c', ","),
        ('"never;closed', ","),
        ("a,b;c", ","),
    ],
)
def test_the_separator_is_what_stands_most_often_between_names(names: str, separator: str) -> None:
    assert separator_in(names) == separator


def test_a_line_before_the_names_may_say_it() -> None:
    assert said_separator("sep=;\r\n") == ";"
    assert said_separator('"sep=\t"') == "\t"
    assert said_separator("separator=;\n") is None
    assert said_separator("sep;email\n") is None

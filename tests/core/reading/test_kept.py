"""What is kept of a reply has an end."""

import orjson

from leadrelay.core.reading.kept import MAX_APPENDED, MAX_SAID, MAX_WORDS, bounded, line, said_in


def test_words_are_one_line_and_cut() -> None:
    assert line(" a\r\n b\t c ") == "a b c"
    assert line(5) == "5"
    assert line("x" * 9999) == "x" * (MAX_WORDS - 1) + "…"


def test_several_words_stand_side_by_side() -> None:
    assert said_in([]) == ""
    assert said_in([" a "]) == "a"
    assert said_in([" a ", 5]) == "a, 5"
    assert said_in(list(range(100))).count(",") == MAX_SAID - 1


def test_members_are_kept_as_far_as_they_fit() -> None:
    kept = bounded({"a": 1, "big": "x" * MAX_APPENDED, "odd": object(), "b": [2]})
    assert kept == {"a": 1, "odd": kept["odd"], "b": [2]}
    assert len(orjson.dumps(bounded({str(n): "y" * 1000 for n in range(100)}))) <= MAX_APPENDED


def test_what_came_in_small_is_kept_as_it_is() -> None:
    members = {"a": 1}
    assert bounded(members, roughly=100) is members

"""Trouble that comes in thousands does not fill a disk with lines (behaviour 9, and style)."""

import logging
import subprocess
import sys

import pytest

from leadrelay.logs import KINDS, SHOWN, WINDOW, Few
from servers import an_environment


def a_record(message: str, *values: object, at: float = 0.0, name: str = "leadrelay") -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, values, None)
    record.created = at
    return record


def shown(few: Few, *records: logging.LogRecord) -> list[str]:
    return [record.getMessage() for record in records if few.filter(record)]


def test_a_few_lines_of_a_kind_pass_and_the_last_says_that_more_would_follow() -> None:
    few = Few()
    lines = shown(few, *(a_record("lead %s: the journal failed", number) for number in range(1000)))
    assert len(lines) == SHOWN
    assert lines[0] == "lead 0: the journal failed"
    assert "left out" in lines[-1]


def test_after_a_while_they_pass_again_and_the_first_counts_those_left_out() -> None:
    few = Few()
    shown(few, *(a_record("lead %s", number) for number in range(SHOWN + 7)))
    (line,) = shown(few, a_record("lead %s", "next", at=WINDOW))
    assert line.startswith("lead next")
    assert "7 lines" in line


def test_kinds_do_not_count_for_each_other() -> None:
    few = Few()
    shown(few, *(a_record("one %s", number) for number in range(100)))
    assert shown(few, a_record("another")) == ["another"]
    assert shown(few, a_record("one %s", 1, name="elsewhere")) == ["one 1"]


def test_the_kinds_that_are_remembered_are_bounded() -> None:
    few = Few()
    assert len(shown(few, *(a_record(f"kind {number}") for number in range(3 * KINDS)))) == 3 * KINDS
    assert len(few._counts) == KINDS


@pytest.mark.parametrize("message", ["100 %", "%s %d", "{}"])
def test_what_is_added_is_no_template(message: str) -> None:
    few = Few()
    record = a_record("%s", message)
    for _ in range(SHOWN):
        record = a_record("%s", message)
        assert few.filter(record)
    assert record.getMessage().startswith(message)


def test_a_library_that_writes_whole_urls_is_not_heard() -> None:
    """Behaviour 9: keys hide in URLs."""
    code = (
        "import logging; from leadrelay.logs import to_standard_error; to_standard_error();"
        "logging.getLogger('httpx').info('HTTP Request: POST %s', 'https://u:topsecret@c/');"
        "logging.getLogger('leadrelay').info('heard')"
    )
    end = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=an_environment()
    )
    assert "heard" in end.stderr
    assert "topsecret" not in end.stderr

"""A defect is reported with its place and without the values that ran into it (behaviour 9)."""

import pytest

from leadrelay.runtime.defects import report


def stumble(secret: str) -> None:
    raise LookupError(f"no entry for {secret}")


def test_the_log_names_the_type_and_the_place_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    try:
        stumble("078-05-1120")
    except LookupError as error:
        report("lead 1", error)
    (line,) = caplog.messages
    assert "lead 1: LookupError in stumble" in line
    assert "test_defects.py" in line
    assert "078-05-1120" not in line

"""Which leads and when, as people write it."""

import argparse
from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.edges.cli import filters


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    filters.leads(parser)
    return parser.parse_args(argv)


def test_what_is_not_given_is_not_asked_for() -> None:
    assert filters.is_everything(parsed())
    assert "since" not in filters.wanted(parsed())
    args = parsed("--lead", "a", "--lead", "b", "--result", "error", "--since", "2026-03-01")
    assert not filters.is_everything(args)
    wanted = filters.wanted(args)
    assert (wanted["lead_ids"], wanted["result"]) == (["a", "b"], "error")
    assert filters.wanted(parsed("--lead", "01A22BE5-17B2"))["lead_ids"] == ["01a22be5-17b2"]
    assert wanted["since"] == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"), [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("2w", 1_209_600)]
)
def test_how_long_ago_is_a_moment(text: str, ago: int) -> None:
    assert abs(datetime.now(UTC) - filters.moment(text) - timedelta(seconds=ago)) < timedelta(seconds=30)


def test_a_time_zone_is_heard_and_without_one_it_is_utc() -> None:
    assert filters.moment("2026-03-01T09:30") == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert filters.moment("2026-03-01T09:30+02:00") == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["999999w", "99999d", "1969-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"]
)
def test_a_moment_that_no_calendar_has_is_told_in_words(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="from 1970 to 9999"):
        filters.moment(text)


@pytest.mark.parametrize("text", ["yesterday", "7", "", "2026-13-01", "7y"])
def test_what_is_no_moment_is_told_what_would_be_one(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="how long ago"):
        filters.moment(text)

"""What a sample came to: how many leads would be sent, and which parts of a payload never are."""

import pytest

from leadrelay.edges.cli.tally import EVERY, Tally
from leadrelay_client.v1.catalog_service_pb2 import MappedValue, PreviewResponse


def seen(*sent: str, warnings: int = 0, problems: int = 0) -> PreviewResponse:
    """A preview of a mapping with rules for `a`, twice for `b`, and `c`, of which these gave something."""
    values = [MappedValue(to=to[0], value='"x"' if to in sent else "") for to in ("a", "b", "b2", "c")]
    return PreviewResponse(values=values, warnings=["w"] * warnings, problems=["p"] * problems)


def test_leads_are_counted_by_the_worst_that_is_said_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(is_shown=False)
    assert tally.is_empty
    for one in (seen("a"), seen("a", "b"), seen("a", "b2", warnings=2), seen("a", warnings=1, problems=2)):
        tally.add(one)
    assert tally.tell() == 1
    assert capsys.readouterr().err.splitlines() == [
        "4 lead(s): 2 ok, 1 with warnings, 1 with problems",
        "sent for none of them: c",
        "sent for some of them: b (2)",
    ]


def test_without_problems_it_is_exit_zero(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(is_shown=False)
    tally.add(seen("a", "b", "c"))
    assert tally.tell() == 0
    assert capsys.readouterr().err == "1 lead(s): 1 ok, 0 with warnings, 0 with problems\n"


def test_what_could_not_be_read_as_a_lead_says_nothing_of_the_mapping(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally(is_shown=False)
    tally.add(PreviewResponse(problems=["is not JSON"]))
    tally.add(seen("a", "b", "c"))
    tally.tell()
    assert "sent for" not in capsys.readouterr().err


def test_a_long_sample_gives_signs_of_life_where_nothing_else_is_seen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally(is_shown=True)
    for _ in range(2 * EVERY + 1):
        tally.add(seen("a"))
    shown = capsys.readouterr().err
    assert shown == f"\r{EVERY} leads\r{2 * EVERY} leads"

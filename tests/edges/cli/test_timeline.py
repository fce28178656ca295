"""One lead's timeline is legible at any width, without colour and without Unicode (behaviour 10)."""

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.console import Console

from leadrelay.core.exchange import ReplyRecord
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result, skipped
from leadrelay.edges.cli.timeline import MAX_WIDTH, MIN_WIDTH, render
from telemetry.story import UNANSWERED, Story, sold

BUSY = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE, words="Maintenance, please retry")
CREATED = Outcome(kind=Kind.SUCCESS, reference="00Q8d")
WRONG_STATE = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.OUT_OF_AREA, words="We do not buy in CA")
CLOSED = Outcome(
    kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, words="connection refused", arrived=Arrived.NO
)
SOLD = Outcome(kind=Kind.SUCCESS, price=Decimal("42.50"), currency="USD", reference="SB-1")


def a_busy_day() -> Story:
    """Everything that usually happens: a retry, a no, a dead host, a sale and two that were not tried."""
    story = Story(source="partner-acme")
    story.starts("crm", 0.01)
    story.starts("premium_buyer", 0.01)
    story.ends("crm", 0.24, BUSY, reply=ReplyRecord(status=503), sent=0.02)
    story.ends("premium_buyer", 0.43, WRONG_STATE, reply=ReplyRecord(status=200), sent=0.02)
    story.concludes("premium_buyer", 0.43, WRONG_STATE)
    story.starts("night_buyer", 0.43)
    story.ends("night_buyer", 0.45, CLOSED)
    story.concludes("night_buyer", 0.45, CLOSED)
    story.starts("standard_buyer", 0.46)
    story.ends("standard_buyer", 0.86, SOLD, reply=ReplyRecord(status=200), sent=0.46)
    story.concludes("standard_buyer", 0.86, SOLD)
    story.concludes("overflow", 0.86, skipped(ReasonCode.ALREADY_SOLD, "sold to standard_buyer"), attempts=0)
    story.concludes("jumbo", 0.86, skipped(ReasonCode.CONDITION_FALSE, "25000 > 50000"), attempts=0)
    story.starts("crm", 1.24, attempt=2)
    story.ends("crm", 1.42, CREATED, attempt=2, reply=ReplyRecord(status=201), sent=1.24)
    story.concludes("crm", 1.42, CREATED, attempts=2)
    revenue = (Money(amount=Decimal("42.50"), currency="USD"),)
    story.settles(1.42, Result.SUCCESS, "accepted by standard_buyer, crm", revenue=revenue, accepted=2)
    return story


def drawn(story: Story, *, width: int = 80, detail: bool = False, encoding: str = "utf-8") -> list[str]:
    """As a terminal of this kind without colours shows it."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=file, width=width, color_system=None)
    console.print(render(story.entries, width=width, detail=detail))
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


def text(story: Story) -> str:
    """As one running text, for what is said rather than where."""
    return " ".join(" ".join(drawn(story)).split())


def test_a_busy_day_at_80_columns() -> None:
    assert drawn(a_busy_day()) == [
        "  lead      01935f00-0000-7000-8000-000000000001",
        "  result    ✓ SUCCESS after 1.42 s: accepted by standard_buyer, crm",
        "  revenue   42.50 USD",
        "  flow      loans, from partner-acme",
        "  received  2025-11-24 16:00:00.000 UTC",
        "  request   order-0001",
        "  trace     01935f00000070008000000000000001",
        "",
        "                 0      710 ms  1.42 s",
        "                 ├─────────┼─────────┤",
        "  crm            ━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄━━━  ✓ success       1.41 s",
        "    try 1        ━━━━                   ↻ soft_reject   230 ms  unavailable",
        '      "Maintenance, please retry" · HTTP 503',
        "                     ┄┄┄┄┄┄┄┄┄┄┄┄┄┄       pause         1.00 s",
        "    try 2                          ━━━  ✓ success       180 ms",
        "      ref 00Q8d · HTTP 201",
        "  premium_buyer  ━━━━━━                 ✗ hard_reject   420 ms  out_of_area",
        '    "We do not buy in CA" · HTTP 200',
        "  night_buyer          ━                ! system_error   20 ms  connect",
        "    connection refused · certainly not received",
        "  standard_buyer        ━━━━━━          ✓ success       400 ms  42.50 USD",
        "    ref SB-1 · HTTP 200",
        "  overflow                              – skipped               already_sold",
        "    sold to standard_buyer",
        "  jumbo                                 – skipped               condition_false",
        "    25000 > 50000",
    ]


def test_a_terminal_without_unicode_gets_the_same_in_ascii() -> None:
    lines = drawn(a_busy_day(), encoding="ascii")
    assert lines[8:17] == [
        "                 0      710 ms  1.42 s",
        "                 |---------+---------|",
        "  crm            ====..............===  + success       1.41 s",
        "    try 1        ====                   ~ soft_reject   230 ms  unavailable",
        '      "Maintenance, please retry" | HTTP 503',
        "                     ..............       pause         1.00 s",
        "    try 2                          ===  + success       180 ms",
        "      ref 00Q8d | HTTP 201",
        "  premium_buyer  ======                 x hard_reject   420 ms  out_of_area",
    ]
    assert len(lines) == len(drawn(a_busy_day()))


@pytest.mark.parametrize("width", [40, MIN_WIDTH, 80, 100, 120, MAX_WIDTH, 300])
@pytest.mark.parametrize("detail", [False, True])
def test_no_row_is_wider_than_the_terminal_or_wrapped(width: int, detail: bool) -> None:
    lines = drawn(a_busy_day(), width=width, detail=detail)
    assert max(map(cell_len, lines)) <= min(width, MAX_WIDTH)
    assert len(lines) == len(drawn(a_busy_day(), width=80, detail=detail))


def test_a_wide_terminal_gives_the_bars_more_room() -> None:
    (scale,) = (line for line in drawn(a_busy_day(), width=120) if "┼" in line)
    assert len(scale.strip()) > 50


def test_an_outcome_has_a_colour_as_well() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard", record=True)
    console.print(render(a_busy_day().entries, width=80))
    said = console.export_text(styles=True)
    assert "\x1b[32m✓ success" in said
    assert "\x1b[31m✗ hard_reject" in said
    assert "\x1b[33m↻ soft_reject" in said


def test_a_lead_that_is_under_way_says_so_and_what_is_open() -> None:
    story = Story()
    story.starts("crm", 0.01)
    story.starts("buyer", 0.1)
    story.ends("buyer", 0.5, WRONG_STATE, sent=0.1)
    lines = drawn(story)
    assert "  result    ▸ STILL UNDER WAY as of 500 ms after it came" in lines
    assert any(line.startswith("  crm ") and line.endswith("━▸  ▸ under way") for line in lines)
    assert "Still under way: this is what was on record when it was drawn" in text(story)


def test_a_lead_that_has_only_come_in_is_drawn_too() -> None:
    assert "STILL UNDER WAY as of <1 ms" in text(Story())


def test_a_lead_that_goes_on_after_it_was_settled_is_under_way_again() -> None:
    story = Story()
    story.settles(1, Result.UNRESOLVED)
    story.starts("buyer", 100)
    assert "STILL UNDER WAY" in text(story)


def test_a_held_lead_is_explained() -> None:
    """Behaviour 4.5: what may have arrived is neither sent again nor sold to the next."""
    story = Story()
    story.starts("premium", 0.01)
    story.ends("premium", 15, UNANSWERED, sent=0.02)
    story.concludes("premium", 15, UNANSWERED)
    story.settles(15, Result.UNRESOLVED, "premium may have it", waiting=("standard",))
    said = text(story)
    assert "? UNRESOLVED after 15.0 s: premium may have it" in said
    assert "? timeout 15.0 s timeout_response may have been received" in said
    assert "premium may have the lead: it was sent and no readable answer came back." in said
    assert "It is held, so that nobody buys it twice, until someone resolves it." in said
    assert "Waiting until that is resolved: standard." in said


def test_a_flow_that_goes_on_after_an_unknown_is_not_called_held() -> None:
    story = Story()
    story.starts("premium", 0.01)
    story.ends("premium", 15, UNANSWERED, sent=0.02)
    story.concludes("premium", 15, UNANSWERED)
    story.settles(16, Result.SUCCESS)
    assert "no readable answer came back. Its flow was told to go on all the same." in text(story)


def test_a_parked_delivery_says_until_when_and_why() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 0.4, BUSY, sent=0)
    story.parks("crm", 0.4, until=3600, reason="the recipient asked for an hour")
    said = text(story)
    assert "▸ parked" in said
    assert "until 2025-11-24 17:00:00.000 UTC · the recipient asked for an hour" in said


def test_a_cancelled_lead_says_who_and_when() -> None:
    story = sold()
    story.cancelled(2, "duplicate order")
    story.settles(2, Result.FAILURE)
    assert "Cancelled after 2.00 s: duplicate order. Nothing was sent from then on" in text(story)


def test_foreign_words_can_neither_steer_the_terminal_nor_break_the_rows() -> None:
    wild = "\x1b[2J\x1b]0;owned\x07 [red]markup[/red] " + "\u202eabc " + "x\ny\tz " * 40
    story = Story(source="evil\x1b[31m")
    outcome = replace(WRONG_STATE, words=wild, reference="r\x9b31m")
    story.starts("crm", 0)
    story.ends("crm", 1, outcome, reply=ReplyRecord(status=200, body=wild, headers=(("h", wild),)), sent=0)
    story.concludes("crm", 1, outcome)
    lines = drawn(story, detail=True)
    whole = "\n".join(lines)
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\t"} & set(whole)
    assert "[red]markup[/red]" in whole
    assert max(map(len, lines)) <= 80


def test_foreign_letters_are_spelt_out_or_marked_in_ascii() -> None:
    story = Story()
    outcome = replace(WRONG_STATE, words="naïve 日本語")
    story.starts("crm", 0)
    story.ends("crm", 1, outcome, reply=ReplyRecord(status=200), sent=0)
    story.concludes("crm", 1, outcome)
    assert '    "na?ve ???" | HTTP 200' in drawn(story, encoding="ascii")


def test_the_details_show_each_masked_request_and_reply() -> None:
    shown = "\n".join(drawn(sold(), detail=True))
    assert "        > POST https://buyer.example.com:8443/leads?key=***\n" in shown
    assert "        > authorization: ***\n        >\n" in shown
    assert '        > {"state":"TX"}\n        < HTTP 200\n' in shown
    assert "buyer.example.com" not in "\n".join(drawn(sold()))


def test_a_long_body_is_shown_to_its_end() -> None:
    story, body = Story(), "".join(f"<field{number}>日本</field{number}>" for number in range(50))
    story.starts("crm", 0)
    story.ends("crm", 1, WRONG_STATE, reply=ReplyRecord(status=200, body=body), sent=0)
    story.concludes("crm", 1, WRONG_STATE)
    lines = drawn(story, detail=True)
    assert body in "".join(line[8:] for line in lines if line.startswith("        ")).replace("< ", "")
    assert max(map(cell_len, lines)) <= 80


def test_a_lead_without_its_first_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with LeadReceived"):
        render(sold().entries[1:], width=80)
    with pytest.raises(ValueError, match="begins with LeadReceived"):
        render([], width=80)

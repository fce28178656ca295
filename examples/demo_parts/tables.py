"""The tables at the end: what each destination and each flow made of the leads, and why not more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from demo_parts.live import RESULTS
from demo_parts.tally import Destination, Story, Tally, word
from leadrelay_client import Result

WIDE = (
    100  # columns of a terminal that has room for all numbers; the usual 80 have room for those that matter
)
MOST_REASONS = 6  # of one destination; the rest is added up in one line


def legend(width: int) -> str:
    """What the columns of the first table count."""
    words = "tried = accepted + rejected + errors + unresolved (leads). p50, p95: of answered requests."
    if width < WIDE:
        return words
    return (
        words + " tries: requests, so retries count too, and a lead that lacks what is required is not sent."
    )


def by_destination(tally: Tally, width: int) -> Table:
    """Tried = accepted + rejected + errors + unresolved, in every row."""
    is_wide = width >= WIDE
    table = _table("Destinations", "destination", gap=0)
    _add_numbers(table, "tried", "tries" if is_wide else "", "accepted", "rejected", "errors")
    _add_numbers(table, *(("unresolved", "skipped") if is_wide else ("unre-\nsolved", "")))
    _add_numbers(table, *(("p50 ms", "p95 ms") if is_wide else ("p50\nms", "p95\nms")), "revenue")
    for name, one in tally.destinations.items():
        cells = (
            _number(one.tried),
            _number(one.attempts) if is_wide else None,
            _number(one.accepted, "green"),
            _number(one.rejected.total(), "yellow"),
            _number(one.errors.total(), "red"),
            _number(one.unresolved, "magenta"),
            _number(one.skipped.total(), "dim") if is_wide else None,
            _milliseconds(one.percentile(0.50)),
            _milliseconds(one.percentile(0.95)),
            money(one.revenue),
        )
        table.add_row(name, *(cell for cell in cells if cell is not None))
    return table


def by_ping(tally: Tally) -> Table:
    """Asked = bids + no bids + errors, in every row. A bid is no sale: what was sold stands above."""
    table = _table("Bids", "pinged")
    _add_numbers(table, "asked", "bids", "no bid", "too late", "errors", "bid in all")
    for name, one in tally.pings.items():
        late = sum(count for reason, count in one.errors.items() if reason.code == "timeout_total")
        table.add_row(
            name,
            _number(one.tried),
            _number(one.accepted, "green"),
            _number(one.rejected.total(), "yellow"),
            _number(late, "yellow"),
            _number(one.errors.total() - late + one.unresolved, "red"),
            money(one.revenue),
        )
    return table


def reasons(tally: Tally) -> Table:
    """Why destinations did not take what they did not take."""
    table = _table("Reasons", "destination")
    table.add_column("outcome", no_wrap=True)
    table.add_column("leads", justify="right", no_wrap=True)
    table.add_column("reason", no_wrap=True)
    table.add_column("in words")
    for name, one in {**tally.destinations, **tally.pings}.items():
        for position, row in enumerate(_reasons(one)):
            table.add_row(name if position == 0 else "", *row)
    return table


def by_flow(tally: Tally, descriptions: Mapping[str, str], width: int) -> Table:
    """Leads = success + failure + error + unresolved, in every row."""
    table = _table("Flows", "flow")
    _add_numbers(table, "leads", *RESULTS, "revenue")
    is_wide = width >= WIDE
    if is_wide:
        table.add_column("what it does")
    flows: dict[str, list[Story]] = {}
    for story in tally.stories:
        flows.setdefault(story.row.flow, []).append(story)
    for flow, stories in flows.items():
        words = [Text(descriptions.get(flow, ""), style="dim")] if is_wide else []
        table.add_row(flow, *_flow_numbers(stories), *words)
    table.add_section()
    table.add_row("all", *_flow_numbers(tally.stories))
    return table


def money(revenue: Mapping[str, Decimal]) -> Text:
    """Amounts by currency, a line each; one whose recipient names no currency stands alone."""
    amounts = [
        f"{currency} {amount:,.2f}".strip() for currency, amount in sorted(revenue.items(), reverse=True)
    ]
    return Text("\n".join(amounts)) if amounts else Text("-", style="dim")


def _table(title: str, first: str, gap: int = 1) -> Table:
    table = Table(
        title=title,
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap, 0, 0),
        header_style="dim",
    )
    table.add_column(first, no_wrap=True)
    return table


def _add_numbers(table: Table, *names: str) -> None:
    for name in filter(None, names):
        table.add_column(name, justify="right", no_wrap=True)


def _reasons(one: Destination) -> Iterator[tuple[Text, Text, Text, Text]]:
    for outcome, style, counted in (("rejected", "yellow", one.rejected), ("error", "red", one.errors)):
        listed = counted.most_common(MOST_REASONS)
        for reason, count in listed:
            yield Text(outcome, style=style), _number(count), Text(reason.code), Text(_plain(reason.words))
        rest = counted.total() - sum(count for _, count in listed)
        if rest:
            yield Text(outcome, style=style), _number(rest), Text("others"), Text()
    for reason, count in one.skipped.most_common(MOST_REASONS):
        code, words = Text(reason.code, style="dim"), Text(_plain(reason.words), style="dim")
        yield Text("skipped", style="dim"), _number(count, "dim"), code, words


def _plain(words: str) -> str:
    """A recipient's words without anything that could move our cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def _flow_numbers(stories: Sequence[Story]) -> list[Text]:
    results: Counter[str] = Counter(word(Result.Name(story.result)) for story in stories)
    return [
        _number(len(stories)),
        *(_number(results[result], style) for result, style in RESULTS.items()),
        money(added(story.revenue for story in stories)),
    ]


def added(revenues: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Money added up by currency."""
    total: dict[str, Decimal] = {}
    for revenue in revenues:
        for currency, amount in revenue.items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style=style) if number else Text("-", style="dim")


def _milliseconds(time: float | None) -> Text:
    if time is None:
        return Text("-", style="dim")
    return Text(f"{time:.1f}" if time < 100 else f"{time:,.0f}")

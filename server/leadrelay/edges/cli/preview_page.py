"""One previewed lead on a page: the request, where each of its values comes from, and what follows.

The request stands there whole, because it is what one came to see. The table below it is cut at the edge
of a terminal, and not cut where its reader is a file.
"""

from collections.abc import Iterable, Iterator
from functools import partial

import orjson
from rich.cells import cell_len
from rich.text import Text

from leadrelay.core.outcome import Kind
from leadrelay.core.structs import data
from leadrelay.edges.cli.line import outcome, word
from leadrelay.edges.cli.marks import Marks
from leadrelay_client.v1 import catalog_service_pb2 as pb
from leadrelay_client.v1.event_pb2 import RequestRecord
from leadrelay_client.v1.outcome_pb2 import OutcomeKind

WIDEST_PATH, WIDEST_VALUE = 32, 36  # cells
NOT_SENT = "(not sent)"

_RULE = 10  # cells of the number of the rule, with what stands round it
_QUIET, _BAD, _DOUBTFUL = "bright_black", "red", "yellow"
_SENT = {
    pb.MAPPED_HOW_VALUE,
    pb.MAPPED_HOW_DEFAULT,
    pb.MAPPED_HOW_EMPTY,
    pb.MAPPED_HOW_PASSED,
}
_WRONG = {pb.MAPPED_HOW_MISSING, pb.MAPPED_HOW_FAILED}


def page(seen: pb.PreviewResponse, marks: Marks, width: int | None) -> Iterator[Text]:
    """The lines of the page; those of the table take at most `width` cells, None: as many as they need."""
    if seen.HasField("request"):
        yield from request_lines(seen.request, marks)
    elif seen.problems or not seen.rules:
        yield Text("nothing would be sent", style=f"bold {_BAD}")
    if seen.shut:
        yield Text()
        yield _line(("at this moment: ", "bold"), (marks.clean(seen.shut), _DOUBTFUL))
    if seen.values:
        yield Text()
        yield from _table(seen.values, marks, width)
    for title, sign, style, lines in (
        ("warnings", "!", _DOUBTFUL, seen.warnings),
        ("problems", marks.kinds[Kind.HARD_REJECT], _BAD, seen.problems),
    ):
        if lines:
            yield Text()
            yield Text(title, style="bold")
            yield from (_line("  ", (sign, style), f" {marks.clean(line)}") for line in lines)
    if seen.rules:
        if seen.HasField("request") or seen.problems:
            yield Text()
        yield from _rules(seen.rules, marks)
    if seen.HasField("outcome"):
        yield Text()
        yield from _outcome(seen, marks)


def request_lines(request: RequestRecord, marks: Marks) -> Iterator[Text]:
    """The request line, the headers and the body, JSON with line breaks to be legible."""
    yield _line((request.method, "bold"), f" {marks.clean_line(request.url)}")
    for name, value in sorted(request.headers.items(), key=lambda pair: pair[0].lower()):
        yield _line((f"{name}: ", _QUIET), marks.clean_line(value))
    if request.body:
        yield Text()
        yield from (Text(marks.clean_line(line)) for line in _legible(request).splitlines())


def _legible(request: RequestRecord) -> str:
    if request.body_is_base64:
        return f"(base64) {request.body}"
    try:
        return orjson.dumps(orjson.loads(request.body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return request.body


def _table(values: Iterable[pb.MappedValue], marks: Marks, width: int | None) -> Iterator[Text]:
    rows = [(marks.clean(value.to), _value(value, marks), value) for value in values]
    path = min(max(len("sent as"), *(cell_len(to) for to, _, _ in rows)), WIDEST_PATH)
    most = WIDEST_VALUE if width is None else min(WIDEST_VALUE, (width - path - _RULE) // 2)
    wide = min(max(len("value"), *(cell_len(shown) for _, shown, _ in rows)), max(most, len(NOT_SENT)))
    fit = partial(_fitted, marks)
    yield Text(f"{'sent as':{path}}  {'value':{wide}}  rule  from", style=_QUIET)
    for to, shown, value in rows:
        rule = str(value.rule or "-")
        room = None if width is None else max(width - path - wide - _RULE, 10)
        origin = marks.clean(_origin(value))
        yield _line(
            (fit(to, path), "" if value.how in _SENT else _QUIET),
            "  ",
            (fit(shown, wide), _style(value)),
            f"  {rule:>4}  ",
            origin if room is None else marks.cut(origin, room),
        )


def _fitted(marks: Marks, text: str, cells: int) -> str:
    return marks.fit(text, cells)


def _value(value: pb.MappedValue, marks: Marks) -> str:
    return marks.clean(value.value) if value.how in _SENT else NOT_SENT


def _style(value: pb.MappedValue) -> str:
    if value.how in _WRONG:
        return _BAD
    return "" if value.how in _SENT else _QUIET


def _origin(value: pb.MappedValue) -> str:
    """Where a value comes from, or why there is none."""
    match value.how:
        case pb.MAPPED_HOW_VALUE:
            return value.template
        case pb.MAPPED_HOW_DEFAULT:
            return f"its default: {value.why}"
        case pb.MAPPED_HOW_EMPTY:
            return f"as `empty` says: {value.why}"
        case pb.MAPPED_HOW_PASSED:
            return "the lead's own field, passed through"
        case pb.MAPPED_HOW_WITHHELD:
            return value.why
        case pb.MAPPED_HOW_CONDITION_FALSE:
            return f"when {value.why}"
        case pb.MAPPED_HOW_MISSING:
            return f"{value.template}: required, but {value.why}"
        case _:
            return f"{value.template}: {value.why}" if value.template else value.why


def _rules(rules: Iterable[pb.TriedRule], marks: Marks) -> Iterator[Text]:
    """How each rule of the reading fared; the one that decided stands out."""
    yield Text("reading", style="bold")
    for row in rules:
        kind = word(OutcomeKind.Name, row.outcome)
        sign = marks.kinds[Kind.SUCCESS] if row.matched else " "
        yield _line(
            f"  {row.rule or '-':>3} ",
            (f"{sign} {kind:12}", "bold" if row.matched else _QUIET),
            "  ",
            (marks.clean(row.why), "" if row.matched else _QUIET),
        )


def _outcome(seen: pb.PreviewResponse, marks: Marks) -> Iterator[Text]:
    yield _line(("outcome  ", "bold"), marks.clean(outcome(seen.outcome)))
    captured = data(seen.outcome.appended)
    for name, value in sorted(captured.items()):
        shown = orjson.dumps(value).decode()
        yield _line("         ", (f"{marks.clean(name)} = ", _QUIET), marks.clean(shown))


def _line(*parts: str | tuple[str, str]) -> Text:
    line = Text.assemble(*parts)
    line.rstrip()
    return line

"""One lead's timeline in a terminal: who was asked when, what each one said, and what came of it.

It must be legible for someone who never saw one, at 80 columns, without colour and without Unicode.
All bars share one axis of time, so that what waited for what can be seen. Rows are cut, never wrapped;
requests and replies are shown whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from leadrelay.core.facts import Entry
from leadrelay.core.outcome import Kind
from leadrelay.edges.cli.axis import Axis, Stretch, duration, moment
from leadrelay.edges.cli.course import LeadCourse, Pause, Try, lead_course
from leadrelay.edges.cli.marks import ASCII, COLOURS, KIND_OF, UNICODE, Marks
from leadrelay.edges.cli.rows import Row, explanations, money, rows
from leadrelay.edges.cli.spoken import reply_lines, request_lines

MIN_WIDTH, MAX_WIDTH = 72, 140
WIDE = 110  # from here on names and codes have more room

_INDENT = "  "
_SAID, _TOOK = 14, 7  # cells of sign and word, and of a duration
_QUIET, _OPEN = "bright_black", "cyan"  # remarks must not outshine outcomes


def render(entries: Sequence[Entry], *, width: int, detail: bool = False) -> "Timeline":
    """The timeline of one lead from its first fact on; with `detail` each request and reply, too.

    Raises ValueError where the first fact is missing.
    """
    return Timeline(lead_course(entries), width=width, detail=detail)


class Timeline:
    """A rich renderable, drawn with what the terminal can show."""

    def __init__(self, told: LeadCourse, *, width: int, detail: bool) -> None:
        self._told, self._detail = told, detail
        self._width = max(MIN_WIDTH, min(width, MAX_WIDTH))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        told, page = self._told, _Page(self._told, ASCII if options.ascii_only else UNICODE, self._width)
        yield from page.header()
        yield from page.scale()
        for row in rows(told):
            yield page.row(row)
            yield from page.remarks(row)
            if self._detail and row.shown:
                yield from page.exchange(row.shown)
        for sentence in explanations(told):
            yield from page.prose(sentence)


class _Page:
    """How wide everything is, and which marks are used."""

    def __init__(self, told: LeadCourse, marks: Marks, width: int) -> None:
        self._told, self._marks, self._width = told, marks, width
        is_wide = width >= WIDE
        longest = max((cell_len(course.name) for course in told.courses), default=0)
        self._name = max(min(longest, 28 if is_wide else 15), 10)
        self._why = 18 if is_wide else 16
        taken = len(_INDENT) + self._name + 1 + 2 + _SAID + 1 + _TOOK + 2 + self._why
        self._axis = Axis(told.began, told.until, width - taken)

    def header(self) -> Iterator[Text]:
        told, lead, settled = self._told, self._told.lead, self._told.settled
        yield self._fact("lead", lead.id, "bold")
        yield self._result(duration(told.until - told.began))
        if settled and settled.revenue:
            yield self._fact("revenue", ", ".join(map(money, settled.revenue)), "bold")
        yield self._fact("flow", lead.flow + (f", from {lead.source}" if lead.source else ""))
        yield self._fact("received", moment(lead.received_at))
        if lead.request_id:
            yield self._fact("request", lead.request_id)
        yield self._fact("trace", lead.trace.trace_id)

    def scale(self) -> Iterator[Text]:
        if self._told.courses:
            indent = _INDENT + " " * (self._name + 1)
            yield Text()
            yield _line((indent + self._axis.labels(), _QUIET))
            yield _line((indent + self._axis.ticks(*self._marks.ticks), _QUIET))

    def row(self, row: Row) -> Text:
        marks = self._marks
        label = f"{_INDENT if row.is_part else ''}{marks.clean(row.label)}"
        took = duration(row.took) if row.took is not None else ""
        said, colour = self._said(row)
        return _line(
            _INDENT,
            (marks.fit(label, self._name), _QUIET if row.is_part else "bold"),
            " ",
            self._bar(row),
            _INDENT,
            (f"{said:<{_SAID}}", colour),
            f" {took:>{_TOOK}}  ",
            marks.cut(marks.clean(row.why), self._why),
        )

    def remarks(self, row: Row) -> Iterator[Text]:
        """One line, below the name and cut at the edge."""
        if row.remarks:
            text = self._marks.dot.join(map(self._marks.clean, row.remarks))
            yield self._quiet(_INDENT * (3 if row.is_part else 2), text)

    def exchange(self, attempt: Try) -> Iterator[Text]:
        if attempt.started and attempt.started.request:
            yield from self._block(request_lines(attempt.started.request))
        if attempt.ended and attempt.ended.reply:
            yield from self._block(reply_lines(attempt.ended.reply))

    def prose(self, sentence: str) -> Iterator[Text]:
        """The only text that may take several lines, because it is meant to be read as such."""
        yield Text()
        for line in wrap(self._marks.clean(sentence), self._width - 2 * len(_INDENT)):
            yield _line(_INDENT, line)

    def _fact(self, label: str, value: str, style: str = "") -> Text:
        room = self._width - len(_INDENT) - 10
        return _line(
            (f"{_INDENT}{label:<10}", _QUIET), (self._marks.cut(self._marks.clean(value), room), style)
        )

    def _result(self, took: str) -> Text:
        settled, marks = self._told.settled, self._marks
        if settled is None:
            return self._verdict(f"{marks.under_way} STILL UNDER WAY", _OPEN, f"as of {took} after it came")
        kind = KIND_OF[settled.result]
        sign = marks.unresolved if kind is Kind.TIMEOUT else marks.kinds[kind]
        reason = f": {marks.clean(settled.reason)}" if settled.reason else ""
        return self._verdict(f"{sign} {settled.result.upper()}", COLOURS[kind], f"after {took}{reason}")

    def _verdict(self, said: str, colour: str, more: str) -> Text:
        row = self._fact("result", said, f"bold {colour}")
        return row.append(" " + self._marks.cut(more, self._width - row.cell_len - 1))

    def _said(self, row: Row) -> tuple[str, str]:
        if row.outcome:
            return f"{self._marks.sign(row.outcome)} {row.outcome.kind}", COLOURS[row.outcome.kind]
        if row.is_open:
            return f"{self._marks.under_way} {row.word}", _OPEN
        if isinstance(row.parts[0], Pause):
            return f"  {row.word}", _QUIET
        return f"{self._marks.unresolved} {row.word}", COLOURS[Kind.TIMEOUT]

    def _bar(self, row: Row) -> Text:
        stretches = [self._stretch(part) for part in row.parts]
        if row.is_open:
            end = self._told.until
            stretches.append(Stretch(end, end, self._marks.under_way, _OPEN))
        return self._axis.bar(stretches)

    def _stretch(self, part: Try | Pause) -> Stretch:
        until = self._told.until if part.until is None else part.until
        if isinstance(part, Pause):
            return Stretch(part.began, until, self._marks.idle, _QUIET)
        colour = COLOURS[part.ended.outcome.kind] if part.ended else _OPEN
        return Stretch(part.began, until, self._marks.busy, colour)

    def _block(self, lines: Iterable[str]) -> Iterator[Text]:
        """Whole, on as many lines as it takes: the end of a body matters as much as its beginning."""
        for line in lines:
            for part in chop_cells(self._marks.clean_line(line), self._width - 4 * len(_INDENT)) or [""]:
                yield self._quiet(_INDENT * 4, part)

    def _quiet(self, indent: str, text: str) -> Text:
        return _line(indent, (self._marks.cut(text, self._width - len(indent)), _QUIET))


def _line(*parts: str | Text | tuple[str, str]) -> Text:
    line = Text.assemble(*parts, no_wrap=True, overflow="crop")
    line.rstrip()
    return line

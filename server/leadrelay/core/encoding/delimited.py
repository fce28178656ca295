"""CSV bodies: one record, with or without a line of names above it (behaviour 3.5)."""

from collections.abc import Iterable, Sequence

from leadrelay.core.encoding.body import CsvSpec
from leadrelay.core.encoding.payload import Payload
from leadrelay.core.template.errors import nearest
from leadrelay.core.values import Problem, text


def check_csv(spec: CsvSpec) -> list[Problem]:
    problems: list[Problem] = []
    if len(spec.delimiter) != 1 or spec.delimiter in '"\r\n':
        problems.append(
            Problem(None, "csv.delimiter", "is one character, and neither a quote nor a line break")
        )
    if spec.no_header and not spec.columns:
        message = "are needed: without a header nothing else says which value is which"
        problems.append(Problem(None, "csv.columns", message))
    twice = sorted({name for name in spec.columns if spec.columns.count(name) > 1})
    problems += [Problem(None, "csv.columns", f"name `{name}` twice") for name in twice]
    return problems


def unknown_columns(paths: Iterable[str], columns: Sequence[str]) -> list[str]:
    """What a mapping gives and no column takes."""
    return [
        f"`{path}` is no column, so it would not be sent{nearest(path, columns)}"
        for path in paths
        if path not in columns
    ]


class CsvWriter:
    """Writes the record of a payload as text."""

    def __init__(self, spec: CsvSpec) -> None:
        self._spec = spec
        self._needs_quotes = frozenset({spec.delimiter, '"', "\r", "\n", *spec.terminator})

    def write(self, payload: Payload) -> str:
        spec = self._spec
        columns = spec.columns or tuple(payload)
        header = "" if spec.no_header else self._row(columns)
        return header + self._row([text(payload.get(name)) for name in columns])

    def _row(self, values: Sequence[str]) -> str:
        is_alone = len(values) == 1  # an empty line would be no record
        cells = [self._quoted(value, is_needed=is_alone and not value) for value in values]
        return self._spec.delimiter.join(cells) + self._spec.terminator

    def _quoted(self, value: str, *, is_needed: bool) -> str:
        is_needed = is_needed or self._spec.quote_all or value != value.strip()
        if not is_needed and self._needs_quotes.isdisjoint(value):
            return value
        return '"' + value.replace('"', '""') + '"'

    def check(self, paths: Iterable[str]) -> list[str]:
        return unknown_columns(paths, self._spec.columns) if self._spec.columns else []

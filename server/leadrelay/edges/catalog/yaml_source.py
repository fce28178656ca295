"""Catalog files -> YAML documents whose every node knows its file, line and column.

Whatever a file holds ends in documents or in problems, never in an exception or in unbounded work: size,
depth and the number of nodes are bounded, aliases counted as often as they are used (no billion laughs).
JSON is YAML and is read the same way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from leadrelay.edges.catalog.composer import Budget, Composer, TooMuch
from leadrelay.edges.catalog.nodes import Document
from leadrelay.edges.catalog.problems import UNQUOTED_TEMPLATE, Problem

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_FILES = 1_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is some ten times as fast
_JSON_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB]\w\w)\\u([dD][c-fC-F]\w\w)")
_OPENING_TEMPLATE = re.compile(r"(^|[:,\[-])\s*\{\{")
_CURLY_QUOTE = re.compile("[\u201c\u201d\u201e]")
_AFTER_QUOTES = (
    "a comma or a quote is missing, or a text that has quotes needs the other kind round it, as in "
    """'{{format phone_1 "(###) ###-####"}}'"""
)
_NEEDS_QUOTES = "@`%&*!|>"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A catalog file as it came, from a folder or over the wire."""

    name: str  # shown in every problem
    content: str | bytes


@dataclass(slots=True)
class Sources:
    """What could be read. `torn` names files whose end could not be: what they define is not all known."""

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    torn: set[str] = field(default_factory=set)


def read_sources(files: Sequence[SourceFile]) -> Sources:
    """Every document of every file, in order."""
    sources, budget = Sources(), Budget()
    if len(files) > MAX_FILES:
        message = f"{len(files)} files are more than the {MAX_FILES} that a catalog may have"
        sources.problems.append(Problem("", 0, "", message))
        sources.torn.add("")
    for file in files[:MAX_FILES]:
        found = len(sources.problems)
        _read(file, budget, sources)
        if len(sources.problems) > found:
            sources.torn.add(file.name)
    return sources


def _read(file: SourceFile, budget: Budget, sources: Sources) -> None:
    text = _text(file, sources.problems)
    if text is None:
        return
    composer = Composer(file.name, budget, sources.problems)
    try:
        for root in composer.documents(yaml.parse(text, Loader=_LOADER)):
            sources.documents.append(Document(file.name, root))
    except TooMuch as refusal:
        sources.problems.append(Problem(file.name, refusal.line, "", str(refusal)))
    except yaml.MarkedYAMLError as error:
        sources.problems.append(_syntax_problem(file.name, text, error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"the character U+{_code_point(error):04X} cannot stand in YAML text; remove or escape it"
        sources.problems.append(Problem(file.name, line, "", message))
    except yaml.YAMLError as error:
        sources.problems.append(Problem(file.name, 1, "", f"this is not valid YAML: {error}"))


def _text(file: SourceFile, problems: list[Problem]) -> str | None:
    """The file as text, or None after the problem with it has been noted."""
    content = file.content
    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    if len(raw) > MAX_FILE_BYTES:
        megabytes = MAX_FILE_BYTES // 1024**2
        message = f"the file is larger than {megabytes} MiB; split it, a catalog may have many files"
        problems.append(Problem(file.name, 0, "", message))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "the file is not UTF-8 text from here on; save it as UTF-8"
        problems.append(Problem(file.name, line, "", message))
        return None
    # JSON writes what lies beyond U+FFFF as two escapes, which YAML does not know.
    return _JSON_PAIR.sub(_joined, text) if file.name.endswith(".json") else text


def _joined(pair: re.Match[str]) -> str:
    try:
        high, low = int(pair[2], 16), int(pair[3], 16)
    except ValueError:
        return pair[0]
    return f"{pair[1]}\\U{0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00:08X}"


def _code_point(error: yaml.reader.ReaderError) -> int:
    return error.character if isinstance(error.character, int) else ord(error.character)


def _syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Told where the parser stumbled, or where what it was reading began if the mistake is seen there."""
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark]
    lines = text.splitlines()
    for mark in marks:
        written = lines[mark.line] if mark.line < len(lines) else ""
        advice = _advice(written, mark.column)
        if advice:
            return Problem(file, mark.line + 1, "", advice)
    return Problem(file, marks[0].line + 1 if marks else 1, "", _what_the_parser_says(error))


def _advice(written: str, column: int) -> str:
    """For the mistakes that everybody makes once, what to do instead of what the parser stumbled over."""
    found = written[column : column + 1]
    if found == "\t":
        return "a tab cannot indent YAML; use spaces"
    if written[:column].rstrip().endswith(('"', "'")):
        return f"the quotes are closed before column {column + 1}: {_AFTER_QUOTES}"
    if _OPENING_TEMPLATE.search(written):
        return UNQUOTED_TEMPLATE
    if _CURLY_QUOTE.search(written):
        return "typographic quotes are no quotes to YAML; write \" or ' instead"
    if found and found in _NEEDS_QUOTES:
        return f"this is not valid YAML: a text that begins with `{found}` needs quotes"
    return ""


_PLAINER = {
    "mapping values are not allowed in this context": (
        "a second `: ` on this line, or a line that is indented too far; a text that holds `: ` needs quotes"
    ),
    "did not find expected key": "a key was expected here; look at the indentation and the quotes around it",
    "did not find expected '-' indicator": "a `- ` was expected here; look at the indentation",
    "did not find expected <document start>": (
        "the document has ended before this; documents are set apart by a line `---`"
    ),
    "found unexpected end of stream": "the file ends before the quotes are closed",
}


def _what_the_parser_says(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be read"
    context = ""
    if error.context and error.context_mark:
        context = f" ({error.context} that begins in line {error.context_mark.line + 1})"
    return f"this is not valid YAML: {_PLAINER.get(problem, problem)}{context}"

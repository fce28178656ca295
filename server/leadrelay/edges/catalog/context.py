"""What compiling any part of a catalog needs: its fields, its secrets, and where to complain."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration

from leadrelay.core.condition import Condition, compile_condition
from leadrelay.core.egress import Rule
from leadrelay.core.fields import Field
from leadrelay.core.reading import CodeRule
from leadrelay.core.template import Template, TemplateError, compile_template
from leadrelay.core.values import NO_TYPES, NotCompiled, Problem, Types
from leadrelay.edges.catalog.findings import Findings, Path
from leadrelay.edges.catalog.problems import named, nearest
from leadrelay.edges.catalog.secret_names import PATTERN, how_to_store
from leadrelay.v1.destination_pb2 import Credential

Secrets = Collection[str] | None  # their names; None: whether they exist is not asked

_PLACE = re.compile(r"line (\d+), column (\d+): ")
_WORDS = {"is_in": "in", "negate": "not"}  # where the core cannot use a catalog's word
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

Compiled = TypeVar("Compiled", Template, Condition)


@dataclass(slots=True)
class Context:
    findings: Findings
    fields: dict[str, Field]
    sensitive: frozenset[str]
    types: Types = field(default_factory=lambda: NO_TYPES)  # how each typed field is read
    secrets: Secrets = None
    egress: tuple[Rule, ...] = ()  # what is open besides public addresses
    codes: tuple[CodeRule, ...] = ()  # of the whole catalog, behind those of a reading
    destinations: Collection[str] = ()
    keeps_reads: bool = True
    read_at: dict[Path, frozenset[str]] = field(default_factory=dict)  # lead fields by place, for lint
    asked_at: dict[Path, frozenset[tuple[str, ...]]] = field(
        default_factory=dict
    )  # names by place, for slips
    against_at: dict[Path, frozenset[str]] = field(default_factory=dict)  # those that are compared with
    texts_at: dict[Path, list[str]] = field(default_factory=dict)  # templates, and what is none, by place
    captured: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what is kept of replies; none: all

    def template(self, path: Path, text: str, escape: Callable[[str], str] | None = None) -> Template | None:
        """The template at a path, or None after the problem with it has been noted."""
        compiler = partial(compile_template, types=self.types, escape=escape, sensitive=self.sensitive)
        return self._compiled(path, text, compiler)

    def condition(self, path: Path, text: str) -> Condition | None:
        """The condition at a path; None where there is none or a problem has been noted."""
        if text:
            return self._compiled(path, text, partial(compile_condition, types=self.types))
        if self.findings.is_written(path) and not self.findings.is_damaged(path):
            self.findings.problem(path, "the condition is empty; write one or remove the key")
        return None

    def _compiled(self, path: Path, text: str, compiler: Callable[[str], Compiled]) -> Compiled | None:
        try:
            compiled = compiler(text)
        except TemplateError as error:
            self.complain(path, str(error))
            return None
        self.reads(path, compiled)
        return compiled

    def reads(self, path: Path, compiled: Template | Condition) -> None:
        """Remember what is read at a place, which may have several texts, unless nobody will ask."""
        if self.keeps_reads:
            self.read_at[path] = self.read_at.get(path, frozenset()) | compiled.fields
            self.asked_at[path] = self.asked_at.get(path, frozenset()) | compiled.asked
            self.against_at[path] = self.against_at.get(path, frozenset()) | compiled.against
            if isinstance(compiled, Template):
                self.texts_at.setdefault(path, []).append(compiled.source)

    def complain(self, path: Path, message: str) -> None:
        """A problem inside a text, whose own line and column become the file's line."""
        place = _PLACE.match(message)
        if place is None:
            self.findings.problem(path, message)
            return
        line, column = int(place[1]), place[2]
        message = message[place.end() :]
        where = f"column {column}" if line == 1 else f"line {line}, column {column}"
        self.findings.problem(path, f"at {where} of this text: {message}", text_line=line)

    def complain_all(self, path: Path, error: NotCompiled, list_name: str = "") -> None:
        """Every problem that the core found with a mapping, a reading or a body at `path`."""
        for problem in error.problems:
            if problem.is_warning:
                self.warn(path, problem, list_name)
            else:
                self.complain(path + parts_of(problem, list_name), problem.message)

    def warn(self, path: Path, warning: Problem, list_name: str = "") -> None:
        """A warning of the core about a mapping or a reading at `path`."""
        self.findings.warning(path + parts_of(warning, list_name), warning.message)

    def seconds(self, path: Path, duration: Duration, *, may_be_zero: bool = False) -> float:
        """A length of time."""
        seconds = duration.seconds + duration.nanos / 1e9
        if seconds < 0 or (seconds == 0 and not may_be_zero and not self.findings.is_damaged(path)):
            self.findings.problem(path, "must be more than zero")
        return seconds

    def secret(self, path: Path, credential: Credential) -> str:
        """The name of the secret that stands at a path."""
        name = credential.secret
        if not name:
            self.findings.absence(path[:-1], f"needs a credential: `{path[-1]}: {{secret: NAME}}`")
        elif not PATTERN.fullmatch(name):
            message = "this is no name of a secret: letters, digits, `_`, `-` and `.`, at most 128"
            self.findings.problem((*path, "secret"), message)
        elif not self._has_secret(name):
            self.findings.problem((*path, "secret"), f"there is no secret {named(name)}{self._remedy(name)}")
        return name

    def _remedy(self, name: str) -> str:
        near = nearest(name, self.secrets or ())
        return f"; did you mean {named(near)}? {how_to_store(name)}" if near else f". {how_to_store(name)}"

    def _has_secret(self, name: str) -> bool:
        return self.secrets is None or name in self.secrets


def parts_of(problem: Problem, list_name: str) -> Path:
    """Where in a message a core problem is: `match[0].path` of rule 2 is rules[2].match[0].path."""
    steps = [_WORDS.get(name, name) or int(index) for name, index in _STEP.findall(problem.part)]
    return tuple(steps) if problem.index is None else (list_name, problem.index, *steps)

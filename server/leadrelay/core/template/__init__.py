"""Templates (behaviour 3.2): compiled once, when a catalog is applied; called once per lead.

Three kinds, told apart by their text: a literal has no `{{`; one variable and nothing else keeps
its type; everything else renders to a text without outer white space. No code runs from a template:
there is no attribute access, no import and no loop but over a list that is there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from leadrelay.core.scope import Read, Scope, field_of
from leadrelay.core.template import helpers as helpers
from leadrelay.core.template.closures import Builder
from leadrelay.core.template.errors import TemplateError as TemplateError
from leadrelay.core.template.errors import TemplateFault as TemplateFault
from leadrelay.core.template.errors import checked_size
from leadrelay.core.template.parser import parse_template
from leadrelay.core.template.registry import HELPERS as HELPERS
from leadrelay.core.template.rendering import constant
from leadrelay.core.template.syntax import Path, Print
from leadrelay.core.template.tainted import Taint, taint_of
from leadrelay.core.values import NO_TYPES, Types, Value


class TemplateKind(StrEnum):
    LITERAL = "literal"
    VARIABLE = "variable"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template: call `read` with a scope, or the template itself."""

    source: str
    kind: TemplateKind
    read: Read
    paths: frozenset[str] = frozenset()  # as written
    fields: frozenset[str] = frozenset()  # the lead fields it may read
    field: str | None = None  # when it is one bare name
    taint: Taint | None = None  # None: it reads no sensitive field
    asked: frozenset[tuple[str, ...]] = frozenset()  # paths but those inside of `#each`, by segments
    against: frozenset[str] = frozenset()  # bare names that something is compared with

    def __call__(self, scope: Scope) -> Value:
        return self.read(scope)

    def shown(self, scope: Scope) -> Value:
        """The same as it may be recorded: with `***` for every tag that reads a sensitive field."""
        return self.read(scope) if self.taint is None else self.taint.shown(scope)

    def told(self, scope: Scope) -> list[str]:
        """What it makes of sensitive fields, to be hidden wherever it is repeated."""
        return [] if self.taint is None else self.taint.told(scope)


def compile_template(
    source: str,
    types: Types = NO_TYPES,
    escape: Callable[[str], str] | None = None,
    sensitive: Collection[str] = (),
) -> Template:
    """The template in a text. Raises TemplateError with line, column and what was expected.

    `escape` is applied to what tags print and not to the text between them, as a URL needs it; `sensitive`
    are the names of the fields of which nothing may be recorded.
    """
    if "{{" not in source:
        return Template(source, TemplateKind.LITERAL, constant(source))
    tree = parse_template(source, HELPERS, NULLARY)
    builder = Builder(source, types, escape)
    variable = tree.value if isinstance(tree, Print) and isinstance(tree.value, Path) else None
    if variable and not escape:
        kind, read = TemplateKind.VARIABLE, builder.value(variable)
    else:
        variable = None
        kind, read = TemplateKind.TEMPLATE, _trimmed(builder.text(tree))
    paths = list(builder.paths)
    return Template(
        source,
        kind,
        read,
        frozenset(".".join(segments) for segments in paths),
        frozenset(field_of(segments) for segments in paths),
        _bare_field(variable) if variable else None,
        taint_of(tree, lambda: Builder(source, types, escape), types, sensitive) if sensitive else None,
        frozenset(builder.asked),
        frozenset(builder.against),
    )


def _bare_field(path: Path) -> str | None:
    return path.segments[0] if len(path.segments) == 1 else None


def _trimmed(render: Callable[[Scope], str]) -> Read:
    def read(scope: Scope) -> str:
        printed = render(scope).strip()
        checked_size(len(printed))
        return printed

    return read


NULLARY = frozenset(name for name, helper in HELPERS.items() if helper.minimum == 0)

"""The helpers, from the registry: how each is called, what it says of itself, and its examples."""

import inspect
from collections.abc import Iterator
from itertools import groupby

from scripts.reference_parts.markdown import code, table, value
from scripts.reference_parts.page import BadPage, slug

from leadrelay.core.scope import Scope
from leadrelay.core.template import HELPERS, compile_template
from leadrelay.core.template.registry import Helper
from leadrelay.core.values import Value

NOW = 1_700_000_000_000_000_000  # ns since the epoch: the moment of the page's examples

# Chapters, by the module that the helpers are in.
CHAPTERS = {
    "texts": "Texts and lists",
    "formats": "Numbers, dates and masks",
    "times": "The time",
    "sums": "Sums",
    "patterns": "Searching and replacing",
    "codes": "Codes and hashes",
}
# What the arguments of prepared helpers are called: their functions are handed all in one.
ARGUMENTS = {
    "format": ("value", '"shape"'),
    "now": ('"shape"',),
    "math": ('"expression"',),
    "regexp": ('"expression"', '"i"'),
    "replace": ("value", "wanted", "instead"),
    "extract": ("value", '"expression"'),
}
# Calls that show what helpers make of nothing and of nonsense, where `{{helper v}}` is not the way.
CALLS = {
    "format": ('{{format v "###"}}', '{{format v "0,0"}}', '{{format v "L"}}'),
    "math": ('{{math "v / 12"}}',),
    "default": ('{{default v "none"}}',),
    "join": ('{{join "-" v "x"}}',),
    "concat": ('{{concat v "x"}}',),
    "substring": ("{{substring v 1 2}}",),
    "split": ('{{split v "/" 1}}',),
    "replace": ('{{replace v "n" "N"}}',),
    "extract": ('{{extract v "[a-z]"}}',),
    # Those that take no value, and the hashes that differ from md5 only in length.
    **dict.fromkeys(("now", "regexp", "sha1", "sha256", "sha512"), ()),
}
NONSENSE: tuple[Value, ...] = (None, " ", "n/a", ["a", "b"])
WARNED = " and a warning"


def all_helpers() -> str:
    """An overview, and a chapter for each subject."""
    if missing := {_module(helper) for helper in HELPERS.values()} - CHAPTERS.keys():
        raise BadPage(f"helpers of {missing} are in no chapter; add one to CHAPTERS")
    kinds = [kind for module in CHAPTERS for kind in _kinds(module)]
    overview = table(["helper", "gives"], [[_links(kind), _gist(kind[0])] for kind in kinds])
    return "\n\n".join([overview, *(_chapter(module, title) for module, title in CHAPTERS.items())])


def of_nothing() -> str:
    """What each helper makes of null, a blank, and what it has no use for."""
    head = ["call, with `v` as", *map(value, NONSENSE)]
    calls = [call for name in HELPERS for call in CALLS.get(name, (f"{{{{{name} v}}}}",))]
    return table(head, [[code(call), *(_made_of(call, v) for v in NONSENSE)] for call in calls])


def _made_of(call: str, given: Value) -> str:
    scope = Scope({}, {"v": given}, now=NOW)
    made = compile_template(call)(scope)
    return value(made) + (WARNED if scope.warnings else "")


def _kinds(module: str) -> Iterator[list[Helper]]:
    """The helpers of a chapter; those that differ only in their names together."""
    helpers = [helper for helper in HELPERS.values() if _module(helper) == module]
    for _, alike in groupby(helpers, key=lambda helper: (helper.summary, [*_arguments(helper)])):
        yield list(alike)


def _chapter(module: str, title: str) -> str:
    return "\n\n".join([f"### {title}", *map(_section, _kinds(module))])


def _module(helper: Helper) -> str:
    return helper.function.__module__.rpartition(".")[2]


def _section(kind: list[Helper]) -> str:
    for option in kind[0].options:
        if f"`{option}" not in kind[0].summary:
            raise BadPage(f"the docstring of {kind[0].name} says nothing of its option {option}")
    calls = "<br>".join(code(_signature(helper)) for helper in kind)
    examples = [[code(source), value(made)] for helper in kind for source, made in helper.examples]
    parts = [f"#### {_title(kind)}", calls, kind[0].summary, table(["template", "gives"], examples)]
    return "\n\n".join(parts)


def _title(kind: list[Helper]) -> str:
    return ", ".join(helper.name for helper in kind)


def _signature(helper: Helper) -> str:
    return " ".join([f"{{{{{helper.name}", *_arguments(helper)]) + "}}"


def _arguments(helper: Helper) -> Iterator[str]:
    if not helper.is_prepared:
        yield from _parameters(helper)
        return
    names = ARGUMENTS.get(helper.name, ())
    if len(names) != helper.maximum:
        raise BadPage(f"{helper.name} takes {helper.takes}; name them in ARGUMENTS")
    for place, name in enumerate(names):
        yield name if place < helper.minimum else f"[{name}]"
    if helper.options:
        yield "[option=…]"


def _parameters(helper: Helper) -> Iterator[str]:
    kinds = inspect.Parameter
    for parameter in inspect.signature(helper.function).parameters.values():
        is_needed = parameter.default is kinds.empty
        if parameter.kind is kinds.VAR_POSITIONAL:
            yield "…"
        elif parameter.kind is kinds.KEYWORD_ONLY:
            yield f"[{parameter.name}=…]"
        elif parameter.name != "scope":
            yield parameter.name if is_needed else f"[{parameter.name}]"


def _gist(helper: Helper) -> str:
    """The first paragraph of what it says of itself, as a cell."""
    return helper.summary.partition("\n\n")[0].replace("\n", " ")


def _links(kind: list[Helper]) -> str:
    return ", ".join(f"[{helper.name}](#{slug(_title(kind))})" for helper in kind)

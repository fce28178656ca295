"""What a condition of a flow may ask: fields that exist, and what was answered before it is asked.

A mapping may read any field, for a lead may carry any. Where a lead goes must not hang on a slip: a
condition on a field that nobody declares would quietly never hold.
"""

from collections.abc import Collection, Iterator

from leadrelay.core.condition import Condition
from leadrelay.core.scope import OWN_WORDS
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named, nearest


def check_condition(context: Context, path: Path, condition: Condition, before: Collection[str]) -> None:
    """A problem for everything that a condition asks and cannot be told.

    `before` are the destinations that may have answered when it is asked.
    """
    if context.findings.is_torn:  # what it asks for may stand in what could not be read
        return
    for asked in sorted(condition.paths):
        words = _trouble(context, asked, before)
        if words:
            context.findings.problem(path, words)


def _trouble(context: Context, asked: str, before: Collection[str]) -> str:
    head, _, rest = asked.partition(".")
    if head == "lead":
        return "" if not rest or rest.split(".")[0] in {"id", *context.fields} else _unknown(context, rest)
    if head in context.fields:
        return ""
    destination = _destination(context, rest if head == "appended" else asked)
    if destination is not None:
        return "" if destination in before else _too_early(asked, destination)
    if head == "appended" and rest:
        return _unknown(context, rest)
    return "" if head in OWN_WORDS else _unknown(context, asked)


def _destination(context: Context, asked: str) -> str | None:
    """Whose answer a path leads into; its name may have dots, and the longest wins."""
    return max((name for name in _prefixes(asked) if name in context.destinations), key=len, default=None)


def _prefixes(asked: str) -> Iterator[str]:
    segments = asked.split(".")
    return (".".join(segments[:end]) for end in range(1, len(segments) + 1))


def _too_early(asked: str, destination: str) -> str:
    return (
        f"{named(asked)} is not known here: {named(destination)} has not ended when this is asked; "
        "put its step before this one"
    )


def _unknown(context: Context, asked: str) -> str:
    head = asked.partition(".")[0]
    near = nearest(head, {*context.fields, *context.destinations})
    meant = f"did you mean {named(near)}? If leads" if near else "if leads"
    return f"no field is called {named(head)}; {meant} carry it, declare it: `fields: [{{name: {head}}}]`"

"""What a condition of a flow may ask: fields that exist, and what was answered before it is asked.

A mapping may read any field, for a lead may carry any. Where a lead goes must not hang on a slip: a
condition on a field that nobody declares would quietly never hold.
"""

from collections.abc import Collection

from leadrelay.core.condition import Condition
from leadrelay.core.expecting import expected
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.scope import OWN_WORDS
from leadrelay.core.template import Template
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import did_you_mean, named, nearest
from leadrelay.edges.catalog.slips import Asked, destination_in, in_quotes, no_member

_CLOSED = {"outcome": frozenset(Kind), "code": frozenset(ReasonCode)}
# What other systems call an outcome.
_ELSEWHERE = {
    "accepted": Kind.SUCCESS,
    "sold": Kind.SUCCESS,
    "failure": Kind.HARD_REJECT,
    "rejected": Kind.HARD_REJECT,
    "error": Kind.SYSTEM_ERROR,
    "skip": Kind.SKIPPED,
}


def check_condition(context: Context, path: Path, condition: Condition, before: Collection[str]) -> None:
    """A problem for everything that a condition asks and cannot be told.

    `before` are the destinations that may have answered when it is asked.
    """
    if context.findings.is_torn:  # what it asks for may stand in what could not be read
        return
    for asked in sorted(condition.asked):
        words = _trouble(context, asked, before, condition.against)
        if words:
            context.findings.problem(path, words)
    check_words(context, path, condition.source)


def check_words(context: Context, path: Path, condition: str) -> None:
    """A problem for every word that the outcome of a destination, or its code, can never be."""
    for asked, word in expected(condition):
        known, whose = _CLOSED.get(asked[-1]), ".".join(asked[:-1])
        if known is None or word.strip().casefold() in {"", *known} or asked[0] in context.fields:
            continue
        if whose in context.destinations:
            meant = _ELSEWHERE.get(word) if asked[-1] == "outcome" else None
            hint = f"; write {named(meant)}" if meant else did_you_mean(word, known, otherwise="there are")
            context.findings.problem(path, f"no {asked[-1]} is called {named(word)}{hint}")


def check_template(context: Context, path: Path, template: Template, before: Collection[str]) -> None:
    """A problem for every answer that a template of a flow reads before there can be one.

    What else it reads may be of any name, as in a mapping.
    """
    for asked in sorted(template.asked):
        destination = destination_in(context, asked[1:] if asked[0] == "appended" else asked)
        if destination is not None and destination not in before and asked[0] not in context.fields:
            context.findings.problem(path, _too_early(".".join(asked), destination))


def _trouble(context: Context, asked: Asked, before: Collection[str], against: Collection[str]) -> str:
    head, rest = asked[0], asked[1:]
    if head == "lead":
        return "" if not rest or rest[0] in {"id", *context.fields} else _unknown(context, rest[0], ())
    if head in context.fields:
        return ""
    destination = destination_in(context, rest if head == "appended" else asked)
    if destination is not None and destination not in before:
        return _too_early(".".join(asked), destination)
    if destination is None and head not in OWN_WORDS:
        return _unknown(context, head, against if not rest else ())
    return no_member(context, asked)


def _too_early(asked: str, destination: str) -> str:
    return (
        f"{named(asked)} is not known here: {named(destination)} has not ended when this is asked; "
        "put its step before this one"
    )


def _unknown(context: Context, name: str, against: Collection[str]) -> str:
    near = nearest(name, {*context.fields, *context.destinations, *OWN_WORDS})
    quotes = f"; {in_quotes(name)}" if name in against else ""
    meant = f"; did you mean {named(near)}? If" if near else "; if"
    remedy = f"leads carry it, declare it: `fields: [{{name: {name}}}]`"
    return f"no field is called {named(name)}{quotes}{meant} {remedy}"

"""A sale that the body of a catalog's own sample reply denies: the status alone was believed."""

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Reading, TriedRule
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.kept import line
from leadrelay.core.reading.usual import usual_words
from leadrelay.core.reading.wordings import code_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.sample_replies import sample_reply
from leadrelay.v1 import destination_pb2 as pb


def doubt_sales(context: Context, path: Path, message: pb.Destination, reading: Reading) -> None:
    """Warn of each rule that takes a reply for a sale by its status, where the body says no."""
    told: set[int] = set()
    for number, example in enumerate(message.examples, 1):
        if not example.HasField("reply"):
            continue
        reply = sample_reply(example.reply)
        rule = _decided(reading, reply)
        if rule is None or rule in told or not _is_by_status(message.reading, rule):
            continue
        no = _denial(reply)
        if no:
            told.add(rule)
            name = named(example.name) if example.name else f"example {number}"
            words = f"takes the reply of {name} for a sale by its status alone, but its body says {named(no)}"
            where = (*path, "reading", "rules", rule - 1) if rule else (*path, "reading")
            context.findings.warning(where, f"{words}; match what the body says of a sale")


def _decided(reading: Reading, reply: Reply) -> int | None:
    """The number of the rule that makes the reply a sale; None where it is none."""
    row: TriedRule | None = next((row for row in reading.explain(reply) if row.matched), None)
    return row.number if row is not None and row.kind is Kind.SUCCESS else None


def _is_by_status(message: pb.Reading, rule: int) -> bool:
    if message.HasField("leadconduit"):
        return not message.leadconduit.outcome_search_term
    if not rule:
        return not message.otherwise and not message.rules
    return all(match.WhichOneof("subject") == "status" for match in message.rules[rule - 1].match)


def _denial(reply: Reply) -> str:
    """What a reply says in the usual places that sounds like a no."""
    words = line(usual_words(Content(reply)))
    return words if code_of(words) is not None else ""

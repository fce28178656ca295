"""A file of scripted replies, read as strictly as a catalog: every slip with its line."""

from collections import Counter
from pathlib import Path

from google.protobuf.duration_pb2 import Duration

from leadrelay.core.catalog import Catalog
from leadrelay.core.exchange import Reply
from leadrelay.core.fields import types_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.decode import fill
from leadrelay.edges.catalog.findings import Findings
from leadrelay.edges.catalog.findings import Path as Place
from leadrelay.edges.catalog.knowing import check_condition
from leadrelay.edges.catalog.problems import did_you_mean, in_order, named
from leadrelay.edges.catalog.sample_replies import sample_reply
from leadrelay.edges.catalog.yaml_source import SourceFile, read_sources
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.saying import say
from leadrelay.runtime.simulation.script import NOTHING, Fate, Line
from leadrelay.v1 import simulation_pb2 as pb

Lines = dict[str, list[Line]]  # by destination


def read_replies(path: Path, catalog: Catalog) -> Lines:
    """The lines of a file. Says every problem and ends the verb where there is one."""
    try:
        text = path.read_bytes()
    except OSError as error:
        say(f"{path}: cannot be read: {error.strerror}")
        raise Stop(Exit.USAGE) from error
    script = pb.ReplyScript()
    findings = fill(script, read_sources([SourceFile(str(path), text)]))
    lines = _Reader(catalog, findings).lines(script)
    for problem in in_order(findings.problems):
        say(str(problem))
    if findings.problems:
        raise Stop(Exit.USAGE)
    return lines


class _Reader:
    def __init__(self, catalog: Catalog, findings: Findings) -> None:
        self._findings, self._names = findings, catalog.destinations
        fields = dict(catalog.fields)
        self._context = Context(
            findings=findings,
            fields=fields,
            sensitive=catalog.sensitive,
            types=types_of(fields),
            destinations=list(catalog.destinations),
        )

    def lines(self, script: pb.ReplyScript) -> Lines:
        known: Counter[str] = Counter()
        lines: Lines = {}
        for index, recipient in enumerate(script.destinations):
            place: Place = ("destinations", index)
            self._check_name(place, recipient.name, known)
            replies = enumerate(recipient.replies)
            lines[recipient.name] = [self._line((*place, "replies", at), reply) for at, reply in replies]
        return lines

    def _check_name(self, place: Place, name: str, known: Counter[str]) -> None:
        known[name] += 1
        if not name:
            self._findings.absence(place, "needs a `name`, that of a destination")
        elif name not in self._names:
            hint = did_you_mean(name, self._names, otherwise="there are")
            self._findings.problem((*place, "name"), f"there is no destination {named(name)}{hint}")
        elif known[name] > 1:
            words = f"{named(name)} is here a second time; put all its replies in one place"
            self._findings.problem((*place, "name"), words)

    def _line(self, place: Place, message: pb.ScriptedReply) -> Line:
        when = self._context.condition((*place, "when"), message.when)
        if when is not None:
            check_condition(self._context, (*place, "when"), when, ())
        if message.HasField("share") and message.share <= 0:
            self._findings.problem((*place, "share"), "must be more than zero")
        reply, fate = self._what(place, message)
        return Line(
            reply=reply,
            fate=fate,
            after=self._seconds((*place, "after"), message.after),
            until=self._seconds((*place, "until"), message.until),
            when=when,
            share=message.share if message.HasField("share") else None,
            times=message.times or None,
        )

    def _what(self, place: Place, message: pb.ScriptedReply) -> tuple[Reply, Fate]:
        kind = message.WhichOneof("what")
        if kind is None:
            return NOTHING, Fate.ANSWERED
        if kind == "reply":
            if message.reply.status and not 100 <= message.reply.status <= 599:
                words = "is no status that a reply can have: 100 to 599"
                self._findings.problem((*place, "reply", "status"), words)
            return sample_reply(message.reply), Fate.ANSWERED
        return NOTHING, Fate(kind) if getattr(message, kind) else Fate.ANSWERED

    def _seconds(self, place: Place, duration: Duration) -> float:
        """Zero where there is none."""
        return self._context.seconds(place, duration, may_be_zero=True)

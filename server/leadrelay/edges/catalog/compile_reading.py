"""The reading of a destination: what its replies mean."""

from collections.abc import Sequence
from typing import Any

from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.reading import (
    CodeRule,
    LeadConduitSpec,
    Match,
    OnMatch,
    Reading,
    ReadingRule,
    ReadingSpec,
    compile_reading,
)
from leadrelay.core.reading.codes import SAID, compile_code
from leadrelay.core.values import NotCompiled
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.v1 import destination_pb2 as pb
from leadrelay.v1 import outcome_pb2

_UNREAD = Match(text=True, exists=True)  # stands in for a match that could not be read


def compile_destination_reading(context: Context, path: Path, message: pb.Destination) -> Reading | None:
    """What a destination's replies mean; None after every problem with it has been noted."""
    return compile_a_reading(context, (*path, "reading"), message.reading)


def compile_a_reading(context: Context, below: Path, reading: pb.Reading) -> Reading | None:
    """The reading at a path."""
    if reading.HasField("leadconduit"):
        _check_alone(context, below, reading)
    rules = tuple(_rule(context, (*below, "rules", index), rule) for index, rule in enumerate(reading.rules))
    spec = ReadingSpec(
        rules=rules,
        otherwise=kind_of(reading.otherwise),
        reason=tuple(reading.reason),
        price=tuple(reading.price),
        currency=tuple(reading.currency),
        reference=tuple(reading.reference),
        capture=dict(sorted(reading.capture.items())),
        content_type=reading.content_type,
        codes=codes_of(context, (*below, "codes"), reading.codes) + context.codes,
        namespaces=dict(reading.namespaces),
        leadconduit=_leadconduit(reading.leadconduit) if reading.HasField("leadconduit") else None,
    )
    try:
        compiled = compile_reading(spec)
    except NotCompiled as error:
        context.complain_all(below, error, "rules")
        return None
    for warning in compiled.warnings:
        context.warn(below, warning, "rules")
    return compiled


def codes_of(context: Context, path: Path, rules: Sequence[pb.CodeRule]) -> tuple[CodeRule, ...]:
    """Wordings and their codes, after every problem with them has been noted."""
    found: list[CodeRule] = []
    for index, rule in enumerate(rules):
        code = code_of(rule.code)
        if code is None or code not in SAID:
            words = f"needs a `code` that recipients' words can come to: {', '.join(SAID)}"
            context.findings.absence((*path, index), words)
            continue
        try:
            compile_code(CodeRule(matches=rule.matches, code=code))
        except ValueError as error:
            context.findings.problem((*path, index, "matches"), str(error))
            continue
        found.append(CodeRule(matches=rule.matches, code=code))
    return tuple(found)


_BESIDE_LEADCONDUIT = ("leadconduit", "codes", "currency", "namespaces")


def _check_alone(context: Context, path: Path, reading: pb.Reading) -> None:
    for field, _ in reading.ListFields():
        if field.name not in _BESIDE_LEADCONDUIT:
            words = (
                "does not go together with `leadconduit`, which says the same in its own words; remove one"
            )
            context.findings.problem((*path, field.name), words)


def _leadconduit(message: pb.LeadConduitReading) -> LeadConduitSpec:
    on_match = (
        pb.LeadConduitOutcome.Name(message.outcome_on_match).removeprefix("LEAD_CONDUIT_OUTCOME_").lower()
    )
    return LeadConduitSpec(
        outcome_search_term=message.outcome_search_term,
        outcome_search_path=message.outcome_search_path,
        outcome_on_match=OnMatch(on_match) if message.outcome_on_match else None,
        reason_path=message.reason_path,
        default_reason=message.default_reason,
        price_path=message.price_path,
        fallback_price=message.fallback_price,
        reference_path=message.reference_path,
        cookie_search_term=message.cookie_search_term,
        response_content_type_override=message.response_content_type_override,
        capture=dict(sorted(message.capture.items())),
    )


def _rule(context: Context, path: Path, rule: pb.ReadingRule) -> ReadingRule:
    kind = kind_of(rule.outcome)
    if kind is None:
        message = "needs an `outcome`: success, hard_reject, soft_reject, system_error or timeout"
        context.findings.absence(path, message)
    return ReadingRule(
        outcome=kind or Kind.SYSTEM_ERROR,
        match=tuple(_match(context, (*path, "match", at), match) for at, match in enumerate(rule.match)),
        code=code_of(rule.code),
        reason=rule.reason,
    )


def compile_matches(context: Context, path: Path, matches: Sequence[pb.Match]) -> Reading | None:
    """A reading that calls a reply a success where all of these hold, and nothing else."""
    rule = ReadingRule(
        outcome=Kind.SUCCESS,
        match=tuple(_match(context, (*path, at), match) for at, match in enumerate(matches)),
    )
    try:
        return compile_reading(ReadingSpec(rules=(rule,), otherwise=Kind.HARD_REJECT))
    except NotCompiled as error:
        for problem in error.problems:
            context.complain(path, f"{problem.part}: {problem.message}")
        return None


def _match(context: Context, path: Path, match: pb.Match) -> Match:
    subject, test = match.WhichOneof("subject"), match.WhichOneof("test")
    if subject is None:
        context.findings.absence(path, "says not what it looks at: `status`, `header`, `path` or `text`")
        return _UNREAD
    if subject == "text" and not match.text:
        context.findings.problem((*path, "text"), "can only be true; remove it to look at something else")
        return _UNREAD
    if test is not None and context.findings.is_damaged((*path, test)):
        return _UNREAD
    asked: dict[str, Any] = {subject: getattr(match, subject)}
    if test is not None:
        value = getattr(match, test)
        asked |= {"is_in": tuple(value.values)} if test == "in" else {test: value}
    return Match(**asked, negate=getattr(match, "not"))


def kind_of(kind: outcome_pb2.OutcomeKind.ValueType) -> Kind | None:
    """Our word for an outcome; None where the catalog has none."""
    name = outcome_pb2.OutcomeKind.Name(kind)
    return Kind(name.removeprefix("OUTCOME_KIND_").lower()) if kind else None


def code_of(code: outcome_pb2.ReasonCode.ValueType) -> ReasonCode | None:
    name = outcome_pb2.ReasonCode.Name(code)
    return ReasonCode(name.removeprefix("REASON_CODE_").lower()) if code else None

"""What a timeline says, row by row and before anyone asks how wide the terminal is.

A delivery is a row. One that took more than a single answer has a row for each of its attempts and
pauses as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from leadrelay.core.facts import LeadSettled
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, Result
from leadrelay.edges.cli.axis import duration, moment
from leadrelay.edges.cli.course import Course, LeadCourse, Pause, Try

Part = Try | Pause

_TECHNICAL: Final = (Kind.SYSTEM_ERROR, Kind.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    is_part: bool = False  # of the delivery above it
    parts: tuple[Part, ...]  # what its bar shows
    outcome: Outcome | None = None
    word: str = ""  # instead of an outcome
    took: int | None = None  # ns
    remarks: tuple[str, ...] = ()
    shown: Try | None = None  # whose request and reply belong here

    @property
    def is_open(self) -> bool:
        """More is to come. A part of a delivery may be over without anyone knowing how."""
        return self.outcome is None and (not self.is_part or self.parts[0].until is None)

    @property
    def why(self) -> str:
        """The code, or what a success brought."""
        if self.outcome is None:
            return ""
        return self.outcome.code or price(self.outcome)


def rows(told: LeadCourse) -> Iterator[Row]:
    for course in told.courses:
        unsorted: list[Part] = [*course.tries, *course.pauses]
        parts = tuple(sorted(unsorted, key=lambda part: part.began))
        is_plain = len(parts) <= 1 and not _differs(course)
        yield _delivery(course, parts, is_plain=is_plain)
        if not is_plain:
            yield from map(_part, parts)


def explanations(told: LeadCourse) -> Iterator[str]:
    """What a person who reads a timeline for the first time would ask next."""
    settled, cancelled = told.settled, told.cancelled
    if cancelled:
        reason = f": {cancelled.reason}" if cancelled.reason else ""
        after = duration(told.cancelled_at - told.began)
        yield f"Cancelled after {after}{reason}. Nothing was sent from then on; what was out was waited for."
    for course in told.courses:
        if course.asked:
            times = "once" if course.asked == 1 else f"{course.asked} times"
            yield f"{course.name} was asked {times} what became of the lead, which may have arrived."
        if course.outcome and course.was_resolved:
            yield f"{course.name} was unresolved until somebody said {course.outcome.kind}: {_words(course)}."
        if course.outcome and course.outcome.is_unresolved:
            may_have = f"{course.name} may have the lead: it was sent and no readable answer came back."
            yield f"{may_have} {_what_follows(settled)}".rstrip()
    if pings := [course.name for course in told.courses if course.is_ping]:
        yield f"Asked for a price: {', '.join(pings)}. A success of theirs is a bid, and no sale."
    if settled and settled.waiting:
        yield f"Waiting until that is resolved: {', '.join(settled.waiting)}."
    if settled is None:
        yield "Still under way: this is what was on record when it was drawn, and more is to come."


def _words(course: Course) -> str:
    return (course.outcome.words if course.outcome else "").rstrip(".")


def _what_follows(settled: LeadSettled | None) -> str:
    if settled is None:
        return ""
    if settled.result is Result.UNRESOLVED:
        return "It is held, so that nobody buys it twice, until someone resolves it."
    return "Its flow was told to go on all the same."


def money(amount: Money) -> str:
    return f"{amount.amount} {amount.currency}".rstrip()


def price(outcome: Outcome) -> str:
    if outcome.price is None:
        return ""
    return money(Money(amount=outcome.price, currency=outcome.currency))


def _delivery(course: Course, parts: tuple[Part, ...], *, is_plain: bool) -> Row:
    is_parked = any(pause.until is None for pause in course.pauses)
    last = course.tries[-1] if course.tries else None
    remarks: tuple[str, ...] = ()
    if course.outcome and (is_plain or _differs(course)):
        remarks = _remarks(course.outcome, last if is_plain else None, is_ping=course.is_ping)
    return Row(
        label=course.name,
        parts=parts,
        outcome=course.outcome,
        word="parked" if is_parked else "under way",
        took=course.ended - parts[0].began if parts and course.ended is not None else None,
        remarks=remarks,
        shown=last if is_plain else None,
    )


def _part(part: Part) -> Row:
    return _pause(part) if isinstance(part, Pause) else _try(part)


def _try(attempt: Try) -> Row:
    outcome = attempt.ended.outcome if attempt.ended else None
    return Row(
        label=f"try {attempt.number}",
        is_part=True,
        parts=(attempt,),
        outcome=outcome,
        word="under way" if attempt.until is None else "no answer",
        took=attempt.until - attempt.began if attempt.ended and attempt.until is not None else None,
        remarks=_remarks(outcome, attempt) if outcome else (),
        shown=attempt,
    )


def _pause(pause: Pause) -> Row:
    due = (f"until {moment(pause.due)}",) if pause.due is not None else ()
    return Row(
        label="",
        is_part=True,
        parts=(pause,),
        word="pause" if pause.due is None else "parked",
        took=None if pause.until is None else pause.until - pause.began,
        remarks=(*due, pause.reason) if pause.reason else due,
    )


def _differs(course: Course) -> bool:
    """The delivery ended otherwise than its last attempt: something else decided."""
    if course.outcome is None or not course.tries:
        return False
    ended = course.tries[-1].ended
    if ended is None:
        return True
    ours, theirs = course.outcome, ended.outcome
    return (ours.kind, ours.code, ours.words) != (theirs.kind, theirs.code, theirs.words)


def _remarks(outcome: Outcome, attempt: Try | None, *, is_ping: bool = False) -> tuple[str, ...]:
    """What stands beside the code, in the order in which people ask for it. Quotes mark foreign words."""
    reply = attempt.ended.reply if attempt and attempt.ended else None
    warnings = attempt.started.warnings if attempt and attempt.started else ()
    is_theirs = reply is not None or outcome.arrived is Arrived.YES
    said = (
        f'"{outcome.words}"' if outcome.words and is_theirs else outcome.words,
        price(outcome) if outcome.code else "",
        f"ref {outcome.reference}" if outcome.reference else "",
        f"HTTP {reply.status}" if reply else "",
        *_endpoint(attempt),
        *_batch(attempt),
        "" if is_ping else _arrival(outcome),  # no lead goes with a ping
        *(f"warning: {warning}" for warning in warnings),
    )
    return tuple(each for each in said if each)


def _endpoint(attempt: Try | None) -> Iterator[str]:
    """Which of several endpoints answered, and why not one before it."""
    ended = attempt.ended if attempt else None
    if ended and (ended.reply or ended.sent_at is not None) and (ended.endpoint or ended.passed_over):
        yield f"by {ended.endpoint}"
        yield from ended.passed_over


def _batch(attempt: Try | None) -> Iterator[str]:
    ended = attempt.ended if attempt else None
    if ended and ended.batch:
        yield f"in a batch of {ended.batch_size}"


def _arrival(outcome: Outcome) -> str:
    if outcome.kind not in _TECHNICAL or outcome.arrived is Arrived.YES:
        return ""
    return "certainly not received" if outcome.arrived is Arrived.NO else "may have been received"

"""What became of a lead, arranged for the eye: by delivery and attempt rather than by number."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryParked,
    DeliveryResolved,
    Entry,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Outcome


@dataclass(slots=True)
class Try:
    """One attempt; without an end it is under way, or its end was never written."""

    number: int
    began: int
    started: AttemptStarted | None = None
    ended: AttemptEnded | None = None
    until: int | None = None  # None: it lasts


@dataclass(slots=True)
class Pause:
    """The time between two attempts."""

    began: int
    until: int | None = None  # None: it lasts
    due: int | None = None  # parked until then
    reason: str = ""


@dataclass(slots=True)
class Course:
    """All that happened to one delivery."""

    name: str
    tries: list[Try] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    outcome: Outcome | None = None  # None: not ended
    ended: int | None = None
    was_resolved: bool = False  # somebody said so, later
    asked: int = 0  # how often the recipient was asked what became of an attempt
    is_ping: bool = False  # it was asked for a price, and sold nothing

    @property
    def last(self) -> Try | None:
        return self.tries[-1] if self.tries else None


@dataclass(slots=True)
class LeadCourse:
    """A lead with its deliveries in the order in which they appeared."""

    lead: Lead
    began: int
    until: int  # the last fact
    courses: list[Course] = field(default_factory=list)
    settled: LeadSettled | None = None  # None: still under way
    cancelled: LeadCancelled | None = None
    cancelled_at: int = 0

    def of(self, delivery: str) -> Course:
        for course in self.courses:
            if course.name == delivery:
                return course
        self.courses.append(Course(delivery))
        return self.courses[-1]


def lead_course(entries: Sequence[Entry]) -> LeadCourse:
    """Raises ValueError where the first fact is missing: the lead is unknown then."""
    if not entries or not isinstance(entries[0].fact, LeadReceived):
        raise ValueError("a lead begins with LeadReceived")
    told = LeadCourse(entries[0].fact.lead, entries[0].at, max(entry.at for entry in entries))
    for entry in entries[1:]:
        _add(told, entry)
    return told


def _add(told: LeadCourse, entry: Entry) -> None:
    told.settled = None  # whatever follows a settlement opens the lead again
    match entry.fact:
        case AttemptStarted() as fact:
            _start(told.of(fact.delivery), Try(fact.attempt, entry.at, fact))
        case AttemptEnded() as fact:
            _end(told.of(fact.delivery), fact, entry.at)
        case DeliveryAsked() as fact:
            told.of(fact.delivery).asked += 1
        case DeliveryParked() as fact:
            _park(told.of(fact.delivery), fact, entry.at)
        case DeliveryEnded() as fact:
            course = told.of(fact.delivery)
            course.outcome, course.ended, course.is_ping = fact.outcome, entry.at, fact.is_ping
            _wake(course, entry.at)
            if course.last and course.last.until is None:
                course.last.until = entry.at
        case DeliveryResolved() as fact:
            course = told.of(fact.delivery)
            course.outcome, course.was_resolved = fact.outcome, True
        case LeadCancelled() as fact:
            told.cancelled, told.cancelled_at = fact, entry.at
        case LeadSettled() as fact:
            told.settled = fact
        case LeadReceived() | LeadParked():
            pass


def _start(course: Course, attempt: Try) -> None:
    last = course.last
    if last and last.until is None:  # nobody wrote down its end
        last.until = attempt.began
    elif last and last.until is not None and not _wake(course, attempt.began):
        course.pauses.append(Pause(last.until, attempt.began))
    course.tries.append(attempt)


def _end(course: Course, fact: AttemptEnded, at: int) -> None:
    found = next((each for each in course.tries if each.number == fact.attempt), None)
    if found is None:  # nobody wrote down its start
        found = Try(fact.attempt, fact.sent_at or at - fact.took)
        course.tries.append(found)
    found.ended, found.until = fact, at


def _park(course: Course, fact: DeliveryParked, at: int) -> None:
    began = course.last.until if course.last and course.last.until is not None else at
    course.pauses.append(Pause(began, due=fact.due_at, reason=fact.reason))


def _wake(course: Course, at: int) -> bool:
    """End a pause that lasts; whether there was one."""
    open_ones = [pause for pause in course.pauses if pause.until is None]
    for pause in open_ones:
        pause.until = at
    return bool(open_ones)

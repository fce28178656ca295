"""Facts arranged by delivery and attempt keep their times."""

from leadrelay.core.outcome import Kind, Outcome, Result
from leadrelay.edges.cli.course import LeadCourse, lead_course
from telemetry.story import ACCEPTED, REJECTED, Story, at, sold

LATER = Outcome(kind=Kind.SOFT_REJECT)


def course_of(story: Story) -> LeadCourse:
    return lead_course(story.entries)


def test_deliveries_stand_in_the_order_of_their_appearance() -> None:
    told = course_of(sold())
    assert [course.name for course in told.courses] == ["crm", "buyer"]
    assert [course.outcome for course in told.courses] == [REJECTED, ACCEPTED]
    assert (told.began, told.until) == (at(0), at(1))
    assert told.settled is not None


def test_the_time_between_two_attempts_is_a_pause() -> None:
    story = Story()
    story.starts("crm", 1)
    story.ends("crm", 2, LATER)
    story.starts("crm", 5, attempt=2)
    (course,) = course_of(story).courses
    assert [(pause.began, pause.until, pause.due) for pause in course.pauses] == [(at(2), at(5), None)]


def test_a_parked_pause_lasts_until_the_next_attempt() -> None:
    story = Story()
    story.starts("crm", 1)
    story.ends("crm", 2, LATER)
    story.parks("crm", 2.1, until=60, reason="asked")
    (parked,) = course_of(story).courses[0].pauses
    assert (parked.began, parked.until, parked.due) == (at(2), None, at(60))
    story.starts("crm", 61, attempt=2)
    (woken,) = course_of(story).courses[0].pauses
    assert woken.until == at(61)


def test_a_pause_ends_with_its_delivery() -> None:
    story = Story()
    story.starts("crm", 1)
    story.ends("crm", 2, LATER)
    story.parks("crm", 2, until=60, reason="asked")
    story.concludes("crm", 30, LATER)
    (pause,) = course_of(story).courses[0].pauses
    assert pause.until == at(30)


def test_an_attempt_whose_end_nobody_wrote_down_lasts_until_something_else_happened() -> None:
    story = Story()
    story.starts("crm", 1)
    assert [each.until for each in course_of(story).courses[0].tries] == [None]
    story.starts("crm", 60, attempt=2)
    lost, open_one = course_of(story).courses[0].tries
    assert (lost.ended, lost.until, open_one.until) == (None, at(60), None)
    assert course_of(story).courses[0].pauses == []
    story.concludes("crm", 90, LATER)
    assert [each.until for each in course_of(story).courses[0].tries] == [at(60), at(90)]


def test_an_attempt_whose_start_nobody_wrote_down_begins_with_its_first_byte() -> None:
    story = Story()
    story.ends("crm", 3, REJECTED, sent=2)
    (attempt,) = course_of(story).courses[0].tries
    assert (attempt.began, attempt.until, attempt.started) == (at(2), at(3), None)


def test_whatever_follows_a_settlement_opens_the_lead_again() -> None:
    story = sold()
    story.cancelled(3, "no more")
    assert course_of(story).settled is None
    story.settles(4, Result.FAILURE)
    told = course_of(story)
    assert told.settled is not None
    assert told.settled.result is Result.FAILURE
    assert told.cancelled_at == at(3)

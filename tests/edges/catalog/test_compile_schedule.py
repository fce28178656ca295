"""Opening hours as a catalog writes them (behaviour 7)."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.limits.schedule import Hours, Schedule

OFFICE = Hours(time(9), time(17, 30))
NINE_TO_FIVE = 'from: "09:00", to: "17:30"'


def of_schedule(keys: str) -> str:
    return of_rest(f"limits: {{schedule: {{{keys}}}}}")


def schedule(keys: str) -> Schedule:
    limits = loaded(of_schedule(keys)).catalog.destinations["crm"].limits
    assert limits is not None
    assert limits.schedule is not None
    return limits.schedule


def problems(keys: str) -> list[str]:
    place = "c.yaml:5: destinations[crm].limits.schedule"
    found = refused(of_schedule(keys))
    assert all(each.startswith(place) for each in found)
    return [each.removeprefix(place) for each in found]


def test_hours_stand_for_each_of_their_days() -> None:
    found = schedule(f"time_zone: America/Chicago, open: [{{days: [mon, wed], {NINE_TO_FIVE}}}]")
    assert found.week == {0: (OFFICE,), 2: (OFFICE,)}
    assert found.zone == ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("days", "numbers"),
    [
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("Sat, sunday", [5, 6]),
        ("fri-mon", [0, 4, 5, 6]),
        ("mon, mon", [0]),
    ],
)
def test_days_may_be_written_in_several_ways(days: str, numbers: list[int]) -> None:
    found = schedule(f"open: [{{days: [{days}], {NINE_TO_FIVE}}}]")
    assert sorted(found.week) == numbers
    assert all(hours == (OFFICE,) for hours in found.week.values())


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("from: 9:00, to: 17:30", OFFICE),
        ('from: "00:00", to: "24:00"', Hours(time(0), time(0))),
        ('from: "22:00", to: "02:00"', Hours(time(22), time(2))),
        ('from: "09:00:30", to: "17:30"', Hours(time(9, 0, 30), time(17, 30))),
    ],
)
def test_times_of_day(written: str, hours: Hours) -> None:
    assert schedule(f"open: [{{days: [mon], {written}}}]").week == {0: (hours,)}


def test_several_ranges_of_a_day_add_up() -> None:
    found = schedule(
        'open: [{days: [mon-fri], from: "09:00", to: "12:00"}, {days: [mon], from: "13:00", to: "17:00"}]'
    )
    assert found.week[0] == (Hours(time(9), time(12)), Hours(time(13), time(17)))
    assert len(found.week[1]) == 1


def test_holidays_and_days_with_hours_of_their_own() -> None:
    found = schedule(
        f"open: [{{days: [mon-fri], {NINE_TO_FIVE}}}], holidays: [2026-12-25], "
        'special: [{date: 2026-12-24, from: "09:00", to: "12:00"}]'
    )
    assert found.holidays == {date(2026, 12, 25)}
    assert found.special == {date(2026, 12, 24): (Hours(time(9), time(12)),)}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            "",
            ': has no open hour at all; write `open: [{days: [mon-fri], from: "09:00", to: "17:00"}]`',
        ),
        (
            "holidays: [2026-12-25]",
            ': has no open hour at all; write `open: [{days: [mon-fri], from: "09:00", to: "17:00"}]`',
        ),
        (f"open: [{{{NINE_TO_FIVE}}}]", ".open[0]: names no days; write `days: [mon-fri]`"),
        (f"open: [{{days: [], {NINE_TO_FIVE}}}]", ".open[0]: names no days; write `days: [mon-fri]`"),
        (
            f"open: [{{days: [mo], {NINE_TO_FIVE}}}]",
            ".open[0].days[0]: no day is called `mo`; did you mean `mon`?",
        ),
        (
            f"open: [{{days: [mon-fir], {NINE_TO_FIVE}}}]",
            ".open[0].days[0]: no day is called `fir`; did you mean `fri`?",
        ),
        (
            'open: [{days: [mon], from: "25:00", to: "17:00"}]',
            ".open[0].from: `25:00` is no time of day; write it from 00:00 to 23:59",
        ),
        (
            'open: [{days: [mon], from: "9am", to: "17:00"}]',
            ".open[0].from: `9am` is no time of day; write it from 00:00 to 23:59",
        ),
        (
            'open: [{days: [mon], from: "09:00", to: "24:30"}]',
            ".open[0].to: `24:30` is no time of day; write it from 00:00 to 23:59, or 24:00",
        ),
        (
            'open: [{days: [mon], from: "09:00"}]',
            '.open[0]: needs `to`, a time of day such as "09:00"',
        ),
        (
            'open: [{days: [mon], from: "09:00", to: "09:00"}]',
            ".open[0].to: opens and closes at 09:00; the whole day is from 00:00 to 24:00",
        ),
        (
            f"open: [{{days: [mon], {NINE_TO_FIVE}}}], holidays: [2026-13-25]",
            ".holidays[0]: `2026-13-25` is no date; write it as 2026-12-25",
        ),
        (
            f"open: [{{days: [mon], {NINE_TO_FIVE}}}], holidays: [Christmas]",
            ".holidays[0]: `Christmas` is no date; write it as 2026-12-25",
        ),
        (
            f"time_zone: Mars/Olympus, open: [{{days: [mon], {NINE_TO_FIVE}}}]",
            ".time_zone: there is no time zone `Mars/Olympus`; a name is like `America/Chicago`",
        ),
        (
            f"open: [{{days: [mon], {NINE_TO_FIVE}}}], special: [{{{NINE_TO_FIVE}}}]",
            ".special[0]: needs a `date`, such as 2026-12-24",
        ),
        (
            f"open: [{{days: [mon], {NINE_TO_FIVE}}}], holidays: [2026-12-25], "
            f"special: [{{date: 2026-12-25, {NINE_TO_FIVE}}}]",
            ".special[0].date: is a holiday as well; remove one of the two",
        ),
    ],
)
def test_says_what_cannot_be_meant(keys: str, words: str) -> None:
    assert problems(keys) == [words]


def test_every_problem_is_told_at_once() -> None:
    assert len(problems('time_zone: X/Y, open: [{days: [xxx], from: "1", to: "2"}], holidays: [soon]')) == 5


@pytest.mark.parametrize(
    ("second", "is_told"),
    [
        ('days: [wed], from: "16:00", to: "20:00"', True),
        ('days: [wed], from: "17:30", to: "20:00"', False),
        ('days: [tue], from: "22:00", to: "10:00"', True),  # into Wednesday
        ('days: [sun], from: "09:00", to: "17:30"', False),
    ],
)
def test_warns_of_hours_that_overlap(second: str, is_told: bool) -> None:
    found = warned(of_schedule(f"open: [{{days: [wed], {NINE_TO_FIVE}}}, {{{second}}}]"))
    assert len(found) == is_told
    assert all("overlaps with the hours at c.yaml:5" in each for each in found)


def test_hours_from_sunday_into_monday_overlap_with_those_of_monday() -> None:
    text = of_schedule(
        'open: [{days: [mon], from: "00:00", to: "05:00"}, {days: [sun], from: "22:00", to: "01:00"}]'
    )
    assert len(warned(text)) == 1


def test_a_holiday_that_is_listed_twice_is_warned_of() -> None:
    keys = f"open: [{{days: [mon], {NINE_TO_FIVE}}}], holidays: [2026-12-25, 2026-12-25]"
    (warning,) = warned(of_schedule(keys))
    assert warning.endswith("2026-12-25 is listed twice")

"""What the journal holds before and after the run, read from the data folder without a server."""

import os
import subprocess
import sys
from pathlib import Path

import trio

from demo_parts.processes import Failed, shown
from demo_parts.tally import Story, Tally
from leadrelay.core.errors import JournalError
from leadrelay.journal.journal import open_journal
from leadrelay_client import OutcomeKind

PAGE = 1000
DRAWN_WITHIN = 30.0  # seconds


def unsettled(data: Path) -> list[str]:
    """The leads that are accepted and have not settled. None where nothing ran here yet."""
    if not data.exists():
        return []

    async def read() -> list[str]:
        async with open_journal(data, read_only=True) as journal:
            found: list[str] = []
            while page := await journal.unsettled(after=found[-1] if found else "", limit=PAGE):
                found += page
            return found

    try:
        return trio.run(read)
    except* JournalError as group:
        raise Failed(f"the journal in {shown(data)} cannot be read: {_first(group)}") from group


def worth_seeing(tally: Tally) -> Story | None:
    """A lead that one destination did not want and another bought, best with a retry on the way."""
    stories = [story for story in tally.stories if story.is_settled]
    return max(stories, key=_interest, default=None)


def what_happened(story: Story) -> str:
    """The lead's way in words, such as `rejected by premium_buyer, bought by standard_buyer`."""
    parts = []
    for delivery, outcome in story.outcomes.items():
        tries = story.attempts[delivery]
        times = f" at the {_ordinal(tries)} try" if tries > 1 else ""
        if outcome.kind == OutcomeKind.OUTCOME_KIND_SUCCESS:
            parts.append(f"accepted by {delivery}{times}")
        elif outcome.kind == OutcomeKind.OUTCOME_KIND_HARD_REJECT:
            parts.append(f"rejected by {delivery}")
        elif outcome.kind != OutcomeKind.OUTCOME_KIND_SKIPPED:
            parts.append(f"no luck at {delivery} in {tries} {'try' if tries == 1 else 'tries'}")
    return ", ".join(parts) or "no destination was tried"


def draw(data: Path, lead_id: str, *, width: int, color: bool) -> str:
    """What `leadrelay trace` draws of the lead. Raises Failed."""
    environment = {**os.environ, "COLUMNS": str(width), "PYTHONIOENCODING": "utf-8"}
    if color:
        environment["FORCE_COLOR"] = "1"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "leadrelay", "trace", "--data", str(data), lead_id],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=DRAWN_WITHIN,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"leadrelay trace said nothing within {DRAWN_WITHIN:g} s") from error
    except subprocess.CalledProcessError as error:
        raise Failed(f"leadrelay trace ended with exit code {error.returncode}: {error.stderr}") from error
    return done.stdout


def _interest(story: Story) -> tuple[bool, bool, bool, int]:
    kinds = {outcome.kind for outcome in story.outcomes.values()}
    moved_on = {OutcomeKind.OUTCOME_KIND_SUCCESS, OutcomeKind.OUTCOME_KIND_HARD_REJECT} <= kinds
    was_retried = any(
        tries > 1 and story.outcomes[delivery].kind == OutcomeKind.OUTCOME_KIND_SUCCESS
        for delivery, tries in story.attempts.items()
        if delivery in story.outcomes
    )
    return moved_on, was_retried, story.row.flow == "waterfall", story.attempts.total()


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""Hands leads over, a bounded number at once, and listens to each until it has settled.

A lead that the server has accepted is the server's to deliver, whatever becomes of us; so what is lost here
is only the listening. The client takes a dropped stream up again by itself where the server comes back in
time; where it does not, no further lead is sent and those under way are left as they are known.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from demo_parts.tally import Story, Tally, word
from leadrelay_client import (
    AsyncClient,
    AsyncStream,
    DeadlineExceeded,
    Event,
    LeadrelayError,
    Result,
    Unavailable,
)

AT_ONCE = 32
PATIENCE = 40.0  # seconds for one lead from its hand-over to its end; the catalog's own limits are tighter
RESUME_WITHIN = 3.0  # seconds that a server has to come back; the last try may come a little later
EARLIER_WITHIN = 20.0  # seconds that the leads of an earlier run have, once ours are done


class Carrier:
    """Carries the leads of one tally."""

    def __init__(self, client: AsyncClient, tally: Tally) -> None:
        self._client, self._tally = client, tally
        self.lost: LeadrelayError | None = None  # why listening had to be given up

    async def carry(self) -> None:
        """Until every lead has settled, or no server answers any more."""
        waiting = iter(self._tally.stories)
        async with asyncio.TaskGroup() as hands:
            for _ in range(AT_ONCE):
                hands.create_task(self._work(waiting))

    async def _work(self, waiting: Iterator[Story]) -> None:
        for story in waiting:  # shared by all hands: each takes the next one that is left
            if self.lost is not None:
                return
            try:
                await self._hand_over(story)
            except (Unavailable, DeadlineExceeded) as error:
                self.lost = error
            except LeadrelayError as error:
                if story.is_accepted:
                    self.lost = error
                else:
                    story.refusal = str(error)

    async def _hand_over(self, story: Story) -> None:
        row, story.is_sent = story.row, True
        await self._listen(
            story,
            self._client.deliver(row.flow, row.lead, request_id=row.request_id, timeout=PATIENCE),
        )
        if not story.is_settled:  # the flow's `answer_within` has passed: it told what it knew
            await self._listen(story, self._client.watch(story.lead_id, story.last_event, timeout=PATIENCE))

    async def _listen(self, story: Story, events: AsyncStream[Event]) -> None:
        async with events:
            async for event in events:
                self._tally.take(story, event)


async def wait_for(client: AsyncClient, lead_ids: Sequence[str]) -> Counter[str]:
    """What becomes of leads that an earlier run left behind, by result, as far as it is known in time."""
    results: Counter[str] = Counter()

    async def follow(waiting: Iterator[str]) -> None:
        for lead_id in waiting:
            async with client.watch(lead_id) as events:
                async for event in events:
                    if event.HasField("lead_settled"):
                        results[word(Result.Name(event.lead_settled.result))] += 1

    waiting = iter(lead_ids)
    with suppress(TimeoutError, LeadrelayError):
        async with asyncio.timeout(EARLIER_WITHIN):
            await asyncio.gather(*(follow(waiting) for _ in range(AT_ONCE)))
    return results

"""The pictures of all leads under way, within bounds: what does not fit is read again when needed.

Facts come in the journal's order, so a lead's picture is there from its first fact on and the
journal is asked for nothing. It is asked after a restart, and for leads that were put away because
too many were under way at once.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.core.facts import (
    AttemptEnded,
    DeliveryEnded,
    DeliveryResolved,
    Entry,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.telemetry.picture import Picture, restored

log = logging.getLogger(__name__)

MAX_WEIGHT = 32 * 1024 * 1024  # bytes, roughly: some ten thousand leads

Read = Callable[[str], Awaitable[Sequence[Entry]]]  # all entries of a lead, in order


class Gallery:
    def __init__(self, read: Read, max_weight: int = MAX_WEIGHT) -> None:
        self._read, self._max_weight = read, max_weight
        self._pictures: OrderedDict[str, Picture] = OrderedDict()  # the longest under way first
        self._weight = 0

    def __len__(self) -> int:
        return len(self._pictures)

    async def draw(self, entry: Entry) -> list[Span]:
        """The spans that end with a fact. One that cannot be drawn is left out: it must not stop the rest."""
        try:
            picture = self._pictures.get(entry.lead_id)
            if picture is None or picture.number != entry.number - 1:
                self._forget(entry.lead_id)
                picture = await self._begin(entry)
            return self._add(picture, entry) if picture else []
        except ValueError as error:
            log.warning("fact %d of lead %s cannot be drawn: %s", entry.number, entry.lead_id, error)
            return []

    async def _begin(self, entry: Entry) -> Picture | None:
        match entry.fact:
            case LeadReceived():
                picture = Picture(entry)
            case AttemptEnded() | DeliveryEnded() | DeliveryResolved() | LeadSettled():
                found = restored(await self._read(entry.lead_id), before=entry.number)
                if found is None:
                    return None
                picture = found
            case _:  # draws nothing; whoever needs it later finds it in the journal
                return None
        self._pictures[entry.lead_id] = picture
        self._weight += picture.weight
        return picture

    def _add(self, picture: Picture, entry: Entry) -> list[Span]:
        before = picture.weight
        drawn = picture.add(entry)
        self._weight += picture.weight - before
        if isinstance(entry.fact, LeadSettled | LeadParked):  # what it needs later is in the journal
            self._forget(entry.lead_id)
        while self._weight > self._max_weight:
            self._weight -= self._pictures.popitem(last=False)[1].weight
        return drawn

    def _forget(self, lead_id: str) -> None:
        picture = self._pictures.pop(lead_id, None)
        self._weight -= picture.weight if picture else 0

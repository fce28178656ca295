"""Which call to make next, so that the caller sees every event of a lead once and in order (behaviour 8).

No call is made and nothing waits here, so the blocking and the asyncio client share all of it. A stream that
drops is taken up again where that is safe: by `Watch` after the last event once the lead is known to be
accepted, and by the same `Deliver` before that, if a request id makes it safe to repeat.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

import grpc

from leadrelay_client.errors import (
    DeadlineExceeded,
    LeadrelayError,
    Overloaded,
    Unavailable,
    refused,
    translate,
)
from leadrelay_client.v1.analytics_service_pb2 import TailRequest, TailResponse
from leadrelay_client.v1.delivery_service_pb2 import (
    DeliverManyResponse,
    DeliverRequest,
    DeliverResponse,
    WatchRequest,
    WatchResponse,
)
from leadrelay_client.v1.event_pb2 import Event

FIRST_PAUSE = 0.1  # seconds; doubled after each try that brought nothing
LONGEST_PAUSE = 5.0
# A call that stood this long did work, although nothing happened to the lead meanwhile (servers close old
# connections): its loss is a new one. Longer than connecting takes before it fails.
STOOD = 30.0


class Listening:
    """One lead's events, over as many calls as it takes."""

    def __init__(
        self,
        first: DeliverRequest | WatchRequest,
        *,
        timeout: float | None,
        resume_within: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = first
        self._clock = clock
        self._deadline = None if timeout is None or timeout == math.inf else clock() + timeout
        self._resume_within = resume_within
        self._lead_id = first.lead_id if isinstance(first, WatchRequest) else ""
        self._last_event = first.after if isinstance(first, WatchRequest) else 0
        self._is_accepted = False  # known from an event of it
        self._opened_at = clock()
        self._failing_since: float | None = None
        self._pause = FIRST_PAUSE

    def next_call(self) -> tuple[DeliverRequest | WatchRequest, float | None]:
        """What to send, and for how many seconds to listen."""
        self._opened_at = self._clock()
        left = None if self._deadline is None else max(0.0, self._deadline - self._opened_at)
        if not self._is_accepted:
            return self._first, left
        detail = self._first.detail
        return WatchRequest(lead_id=self._lead_id, after=self._last_event, detail=detail), left

    def took(self, answer: DeliverResponse | WatchResponse) -> Event:
        event = answer.event
        self._lead_id, self._last_event, self._is_accepted = event.lead_id, event.number, True
        self._failing_since, self._pause = None, FIRST_PAUSE
        return event

    def pause_after(self, failure: grpc.RpcError) -> float:
        """Seconds until the next call; raises what the caller has to decide about instead."""
        error, now = translate(failure), self._clock()
        left = math.inf if self._deadline is None else self._deadline - now
        if left <= 0:  # gRPC does not always tell, where the time is over while a call begins
            error = DeadlineExceeded("the time to listen is over", code=grpc.StatusCode.DEADLINE_EXCEEDED)
        if not self._may_go_on(error, now):
            if self._is_accepted:
                error.lead_id, error.last_event = self._lead_id, self._last_event
            raise error from failure
        pause = max(self._pause * random.uniform(0.5, 1), min(error.retry_after, self._resume_within))
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        return min(pause, left)

    def _may_go_on(self, error: LeadrelayError, now: float) -> bool:
        was_lost_before = self._failing_since is not None
        if self._failing_since is None or now - self._opened_at >= STOOD:
            self._failing_since, self._pause = now, FIRST_PAUSE
        if isinstance(error, Overloaded):
            # An answer to the first call is the caller's to decide; later the lead may be accepted already.
            may_wait = was_lost_before or self._is_accepted
        else:
            may_wait = isinstance(error, Unavailable)
        is_safe = isinstance(self._first, WatchRequest) or self._is_accepted or self._first.request_id != ""
        return may_wait and is_safe and now - self._failing_since < self._resume_within


class Tailing:
    """Every event of every lead, over as many calls as it takes: each goes on after the last place."""

    def __init__(
        self,
        first: TailRequest,
        *,
        timeout: float | None,
        resume_within: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._request, self._clock, self._resume_within = first, clock, resume_within
        self._deadline = None if timeout is None or timeout == math.inf else clock() + timeout
        self._failing_since: float | None = None
        self._pause = FIRST_PAUSE

    def next_call(self) -> tuple[TailRequest, float | None]:
        left = None if self._deadline is None else max(0.0, self._deadline - self._clock())
        return self._request, left

    def took(self, answer: TailResponse) -> Event:
        self._request.after, self._request.from_start = answer.place, False
        self._failing_since, self._pause = None, FIRST_PAUSE
        return answer.event

    def pause_after(self, failure: grpc.RpcError) -> float:
        """Seconds until the next call; raises what cannot be taken up again."""
        error, now = translate(failure), self._clock()
        self._failing_since = now if self._failing_since is None else self._failing_since
        if not isinstance(error, Unavailable) or now - self._failing_since >= self._resume_within:
            raise error from failure
        pause = self._pause * random.uniform(0.5, 1)
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        return pause


def give_up(failure: grpc.RpcError, failures: Sequence[Exception] = ()) -> NoReturn:
    """For streams that cannot be taken up again. What the caller's own iterator raised comes first."""
    if failures:
        raise failures[0]
    raise translate(failure) from failure


def event_or_refusal(answer: DeliverManyResponse) -> tuple[str, Event | LeadrelayError]:
    """An answer of `DeliverMany` with its tag; a refusal is the error that `Deliver` would have raised."""
    if answer.WhichOneof("answer") == "refusal":
        return answer.tag, refused(answer.refusal)
    return answer.tag, answer.event

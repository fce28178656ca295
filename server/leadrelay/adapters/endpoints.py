"""Backup endpoints: another address of the same recipient, where one could not be reached (behaviour 4.6).

The next is tried only while the lead certainly did not arrive, so never after an answer and never after a
doubt. It is one attempt, with one number, one key and one trace, and the very bytes that were signed: a host
is no part of any proof. Each endpoint has the time to connect for itself; `total` covers them all.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import trio

from leadrelay.core.destination import PRIMARY, EndpointOrder, Endpoints
from leadrelay.core.endpoints import Health
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import together
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Progress, Started, Wire
from leadrelay.core.scope import Scope

Compose = Callable[[Mapped, Scope, Envelope], Request]


class EndpointsAdapter:
    """Any adapter over HTTP, with backups."""

    def __init__(
        self, primary: Adapter, endpoints: Endpoints, composers: Sequence[Compose], patience: float
    ) -> None:
        """`composers` compose for the backups, in order; a connection has `patience` seconds at each."""
        self._primary, self._composers, self._patience = primary, composers, patience
        self._ranking = Ranking(endpoints)

    async def run(self, task_status: Started) -> None:
        """See core.ports.Adapter."""
        await self._primary.run(task_status)

    async def ready(self) -> None:
        """See core.ports.Adapter."""
        await self._primary.ready()

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter. The request is the primary's and knows where else it may go."""
        request = self._primary.compose(mapped, scope, envelope)
        others = [compose(mapped, scope, envelope) for compose in self._composers]
        hidden = request.secrets
        for other in others:
            hidden = together(other.secrets, hidden)
        return replace(request, backups=tuple([other.url for other in others]), secrets=hidden)

    def open(self) -> Wire:
        """See core.ports.Adapter."""
        return EndpointsWire(self._primary.open, self._ranking, self._patience)


class Ranking:
    """In which order the endpoints of one destination are tried; all its wires share what they learn."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.names = (PRIMARY, *(backup.name for backup in endpoints.backups))
        self._health = Health() if endpoints.order is EndpointOrder.HEALTH else None

    def turn(self) -> tuple[int, ...]:
        if self._health is None:
            return tuple(range(len(self.names)))
        order, self._health = self._health.turn(len(self.names), trio.current_time())
        return order

    def failed(self, place: int) -> None:
        if self._health is not None:
            self._health = self._health.failed(place, trio.current_time())

    def reached(self, place: int) -> None:
        if self._health is not None:
            self._health = self._health.reached(place)


class EndpointsWire:
    """A wire to each endpoint, opened when it is first needed, so that each keeps its connection."""

    def __init__(self, open_wire: Callable[[], Wire], ranking: Ranking, patience: float) -> None:
        self._open_wire, self._ranking, self._patience = open_wire, ranking, patience
        self._wires: dict[int, Wire] = {}

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        urls, failures = (request.url, *request.backups), list[str]()
        *before, last = (place for place in self._ranking.turn() if place < len(urls))
        for place in before:
            try:
                return await self._leg(place, urls[place], request, progress, failures)
            except NotSent as error:
                if error.code is ReasonCode.MAPPING_INVALID:  # the request is at fault, and no endpoint
                    raise
                failures.append(self._told(place, error))
        try:
            return await self._leg(last, urls[last], request, progress, failures)
        except NotSent as error:
            raise NotSent(error.code, "; ".join([*failures, self._told(last, error)])) from error

    async def aclose(self) -> None:
        """See core.ports.Wire."""
        for wire in self._wires.values():
            await wire.aclose()
        await trio.lowlevel.checkpoint()

    async def _leg(
        self, place: int, url: str, request: Request, progress: Progress, passed_over: Sequence[str]
    ) -> Reply:
        if place not in self._wires:
            self._wires[place] = self._open_wire()
        connecting = _Connecting(progress, self._ranking.names[place], tuple(passed_over), self._patience)
        try:
            return await connecting.reply(self._wires[place], replace(request, url=url, backups=()))
        except NotSent as error:
            connecting.is_out = False
            if error.code is not ReasonCode.MAPPING_INVALID:
                self._ranking.failed(place)
            raise
        finally:
            if connecting.is_out:  # it was reached, whatever it made of the request
                self._ranking.reached(place)

    def _told(self, place: int, error: NotSent) -> str:
        return f"{self._ranking.names[place]}: {error.words}"


class _Connecting:
    """A core.ports.Progress at one endpoint: it keeps the time that a connection may take there."""

    def __init__(self, whole: Progress, endpoint: str, passed_over: tuple[str, ...], patience: float) -> None:
        self._whole, self._endpoint, self._passed_over = whole, endpoint, passed_over
        self._patience, self._scope = patience, trio.CancelScope()
        self.is_out = False

    async def reply(self, wire: Wire, request: Request) -> Reply:
        self.handed_back()
        with self._scope:
            return await wire.send(request, self)
        words = f"no connection within {self._patience:g} s"
        raise (NoAnswer if self.is_out else NotSent)(ReasonCode.TIMEOUT_CONNECT, words)

    def sending(self) -> None:
        """See core.ports.Progress."""
        self.is_out, self._scope.deadline = True, math.inf
        self._whole.sending()

    def handed_back(self) -> None:
        """See core.ports.Progress. Another address, which has to be reached like the first."""
        self.is_out, self._scope.deadline = False, trio.current_time() + self._patience
        self._whole.trying(self._endpoint, self._passed_over)

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """See core.ports.Progress. An endpoint has no endpoints."""

    def batched(self, key: str, size: int) -> None:
        """See core.ports.Progress. What is sent here is complete."""

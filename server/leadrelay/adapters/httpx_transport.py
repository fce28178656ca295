"""httpx over our own wires: a library that speaks httpx goes where leads go, past the same guard and bounds.

Mount it with `httpx.AsyncClient(transport=WireTransport(http_wires(allow=...)), trust_env=False)`. Redirects
that the client follows come through here one by one. A reply is whole when the client sees it, also one that
it streams, and bounded by the wires.

httpx's time limits hold, in two pieces: `connect` until the first byte leaves, `read` from there to the last
byte of the answer. What httpx raises tells what our wires know: ConnectError, ConnectTimeout, PoolTimeout and
LocalProtocolError mean that nothing left, everything else that something may have arrived.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import httpx
import trio

from leadrelay.adapters.head import OF_THE_CONNECTION
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Wire

AT_ONCE = 100  # requests under way; others wait
IDLE_AFTER = 30.0  # seconds after which a wire that nobody used is closed

Place = tuple[str, str, int | None]


class WireTransport(httpx.AsyncBaseTransport):
    """Keeps idle wires by origin, the newest first."""

    def __init__(self, open_wire: Callable[[], Wire], *, at_once: int = AT_ONCE) -> None:
        self._open_wire = open_wire
        self._slots = trio.Semaphore(at_once)
        self._idle: defaultdict[Place, list[tuple[float, Wire]]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx.AsyncBaseTransport."""
        limits = request.extensions.get("timeout", {})
        ours = await _ours(request)
        await self._take_slot(limits.get("pool"))
        try:
            return _theirs(await self._exchange(request, ours, limits))
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """See httpx.AsyncBaseTransport."""
        await self._close_idle(float("inf"))

    async def _take_slot(self, seconds: float | None) -> None:
        try:
            with trio.fail_after(float("inf") if seconds is None else seconds):
                await self._slots.acquire()
        except trio.TooSlowError:
            raise httpx.PoolTimeout(f"no free slot within {seconds:g} s") from None

    async def _exchange(
        self, request: httpx.Request, ours: Request, limits: dict[str, float | None]
    ) -> Reply:
        place = (request.url.scheme, request.url.host, request.url.port)
        await self._close_idle(trio.current_time() - IDLE_AFTER)
        wires = self._idle[place]
        wire = wires.pop()[1] if wires else self._open_wire()
        try:
            return await _sent(wire, ours, limits)
        finally:
            self._idle[place].append((trio.current_time(), wire))

    async def _close_idle(self, since: float) -> None:
        for place, wires in list(self._idle.items()):
            old = [wire for used, wire in wires if used <= since]
            self._idle[place] = [(used, wire) for used, wire in wires if used > since]
            if not self._idle[place]:
                del self._idle[place]
            for wire in old:
                await wire.aclose()


class _Timed:
    """A core.ports.Progress that keeps httpx's time limits."""

    def __init__(self, limits: dict[str, float | None]) -> None:
        self._limits = limits
        self.is_out = False
        self.scope = trio.CancelScope(deadline=self._deadline("connect"))

    def sending(self) -> None:
        """See core.ports.Progress."""
        self.is_out, self.scope.deadline = True, self._deadline("read")

    def handed_back(self) -> None:
        """See core.ports.Progress."""
        self.is_out, self.scope.deadline = False, self._deadline("connect")

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """See core.ports.Progress. What speaks httpx has one endpoint."""

    def batched(self, key: str, size: int) -> None:
        """See core.ports.Progress. It travels alone."""

    def _deadline(self, name: str) -> float:
        seconds = self._limits.get(name)
        return float("inf") if seconds is None else trio.current_time() + seconds


async def _sent(wire: Wire, ours: Request, limits: dict[str, float | None]) -> Reply:
    timed = _Timed(limits)
    try:
        with timed.scope:
            return await wire.send(ours, timed)
    except NotSent as error:
        raise _NOTHING_LEFT.get(error.code, httpx.ConnectError)(error.words) from error
    except NoAnswer as error:
        raise _SOMETHING_LEFT.get(error.code, httpx.RemoteProtocolError)(error.words) from error
    if timed.is_out:
        raise httpx.ReadTimeout(f"no answer within {limits['read']:g} s")
    raise httpx.ConnectTimeout(f"no connection within {limits['connect']:g} s")


_NOTHING_LEFT: dict[ReasonCode, type[httpx.TransportError]] = {
    ReasonCode.MAPPING_INVALID: httpx.LocalProtocolError,
    ReasonCode.TIMEOUT_CONNECT: httpx.ConnectTimeout,
}
_SOMETHING_LEFT: dict[ReasonCode, type[httpx.TransportError]] = {
    ReasonCode.RESET: httpx.ReadError,
    ReasonCode.TLS: httpx.ReadError,
}


async def _ours(request: httpx.Request) -> Request:
    pairs = (
        (name.decode("ascii"), value.decode(errors="surrogateescape")) for name, value in request.headers.raw
    )
    headers = tuple(pair for pair in pairs if pair[0].lower() not in OF_THE_CONNECTION)
    return Request(method=request.method, url=str(request.url), headers=headers, body=await request.aread())


def _theirs(reply: Reply) -> httpx.Response:
    """The reply with the headers that still are true: it is decoded and whole."""
    dropped = OF_THE_CONNECTION | {"content-encoding"}
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name.lower() not in dropped
    ]
    return httpx.Response(reply.status, headers=headers, content=reply.body)

"""The one long-lived channel to a peer, shared by all slots of its destination.

A connection is dialled when the first lead needs it, once for all who wait, and again when it has broken or
the peer has said goodbye. Who waits for it gives up by himself; the dialling goes on for the others.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio

from leadrelay.adapters.direct.http2 import Connection
from leadrelay.adapters.direct.stream import Lost
from leadrelay.adapters.line import Line
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Started


@dataclass(slots=True)
class _Dialling:
    done: trio.Event = field(default_factory=trio.Event)
    failure: NotSent | None = None


class Channel:
    """An actor: `run` owns the connections."""

    def __init__(
        self, dial: Callable[[], Awaitable[Line]], *, authority: str, is_plaintext: bool, patience: float
    ) -> None:
        """`patience`: seconds until a connection has to stand."""
        self._dial, self._patience = dial, patience
        self.authority, self.is_plaintext = authority, is_plaintext
        self._current: Connection | None = None
        self._dialling: _Dialling | None = None
        self._nursery: trio.Nursery | None = None

    async def run(self, task_status: Started) -> None:
        """Until cancelled; then every connection is closed."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def connection(self) -> Connection:
        """A connection that stands and is known to live. Raises NotSent."""
        while True:
            if self._current is not None and self._current.is_open:
                try:
                    await self._current.proven()
                except Lost:
                    continue
                return self._current
            await self._dialled()

    async def _dialled(self) -> None:
        if self._nursery is None:
            raise RuntimeError("Channel.run must be started before the first lead")
        if self._dialling is None:
            self._dialling = _Dialling()
            self._nursery.start_soon(self._connect, self._nursery, self._dialling)
        dialling = self._dialling
        await dialling.done.wait()
        if dialling.failure is not None:  # a copy: an exception belongs to who raises it
            raise NotSent(dialling.failure.code, dialling.failure.words)

    async def _connect(self, nursery: trio.Nursery, dialling: _Dialling) -> None:
        words = f"no connection to the peer within {self._patience:g} s"
        dialling.failure = NotSent(ReasonCode.TIMEOUT_CONNECT, words)
        try:
            with trio.move_on_after(self._patience):
                connection = Connection(await self._dial())
                await nursery.start(connection.run)
                await _greeted(connection)
                self._current, dialling.failure = connection, None
        except NotSent as error:
            dialling.failure = error
        except Lost as error:
            wants = "" if self.is_plaintext else ", or wants a client certificate (`mtls`) that it accepts"
            words = f"what listens there is no leadrelay{wants}: {error.words}"
            no_peer = NotSent(ReasonCode.PROTOCOL, words)
            dialling.failure = NotSent(ReasonCode.TLS, error.words) if error.is_tls else no_peer
        finally:
            self._dialling = None
            dialling.done.set()


async def _greeted(connection: Connection) -> None:
    try:
        await connection.greeted()
    except BaseException:
        connection.close()
        raise

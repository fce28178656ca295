"""The server: calls come in, each becomes a task, and stopping is orderly.

`serve` runs until `stop` or until it is cancelled from outside, which means the same. Then, in this
order: `on_drain` is told; clients are told to go elsewhere; open calls have `grace` seconds; the
rest is cancelled and ends as UNAVAILABLE; whatever still hangs on a caller who does not read is cut.
All tasks have ended when `serve` returns. Take SIGTERM and SIGINT with trio.open_signal_receiver and
call `stop`: a KeyboardInterrupt could land inside any handler and would end all of them.

A handler's exception ends its call as INTERNAL, and only `on_error` learns more. An exception in
the server itself, or in `on_error`, is a bug: it comes out of `serve`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import grpc
import trio
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from leadrelay.edges.grpc.bridge import cython
from leadrelay.edges.grpc.bridge.call import Call
from leadrelay.edges.grpc.bridge.cython import CallEvent, Event
from leadrelay.edges.grpc.bridge.limits import Limits
from leadrelay.edges.grpc.bridge.methods import Method
from leadrelay.edges.grpc.bridge.park import Park
from leadrelay.edges.grpc.bridge.polling import Polling
from leadrelay.edges.grpc.bridge.status import DOMAIN, Abort, Status, plain
from leadrelay.edges.grpc.bridge.wire import Flusher, Wire

Proceed = Callable[[], Awaitable[None]]
Interceptor = Callable[[Call, Proceed], Awaitable[None]]

ACCEPTS_AHEAD = 64  # calls that core may hand over before we have looked at the first
LAST_WORDS = 1.0  # seconds in which cancelled calls may still send their status

OK = plain(grpc.StatusCode.OK)
LATE = plain(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed")
CANCELLED = plain(grpc.StatusCode.CANCELLED, "the call was cancelled")
BROKEN = plain(grpc.StatusCode.INTERNAL, "internal error")


def _later(code: grpc.StatusCode, reason: str, words: str) -> Status:
    retry = RetryInfo(retry_delay=Duration(seconds=1))
    return Abort(code, words, retry, ErrorInfo(reason=reason, domain=DOMAIN)).as_status()


FULL = _later(
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    "OVERLOADED",
    "the server has as many calls open as it takes; try again in a second",
)
TOO_LATE = _later(
    grpc.StatusCode.UNAVAILABLE, "DRAINING", "the server is shutting down; nothing was accepted"
)
CUT_SHORT = _later(
    grpc.StatusCode.UNAVAILABLE,
    "DRAINING",
    "the server is shutting down; what it has accepted goes on, and whether it had more is not known",
)


class CannotListen(OSError):
    """The address cannot be listened on, and trying again without a change is of no use."""


class Server:
    """Serves `methods`, named "/package.Service/Method", on every address it was bound to."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        *,
        on_error: Callable[[Call, Exception], None],
        on_drain: Callable[[], None] = lambda: None,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        interceptors: Sequence[Interceptor] = (),
        options: Mapping[str, int | str] | None = None,
    ) -> None:
        """`interceptors` wrap every handler, the first one outermost.

        `options` are core's channel arguments and win over ours; `{"grpc.so_reuseport": 1}` lets
        several processes share a port, which otherwise would be taken without a word.
        """
        self._methods = {name.encode(): (name, method) for name, method in methods.items()}
        self._limits = limits
        self._on_error, self._on_drain = on_error, on_drain
        self._innermost_first = tuple(reversed(interceptors))
        self._polling = Polling()
        self._flusher = Flusher(self._polling.glance)
        self._queue = self._polling.queue
        self._core = cython.new_server(
            {"grpc.so_reuseport": 0, **limits.as_options(), **(options or {})}, self._queue
        )
        self._open: set[Call] = set()
        self._idle = Park()
        self._stop, self._core_is_down = trio.Event(), trio.Event()
        self._is_stopping = self._is_cancelling = False

    @property
    def active(self) -> int:
        """Calls that are open, those included whose last words have not been read yet."""
        return len(self._open)

    def bind(self, address: str, tls: grpc.ServerCredentials | None = None) -> int:
        """Listen on "host:port" and return the port, which for port 0 is a free one.

        `tls` comes from grpc.ssl_server_credentials; with `require_client_auth` it is mutual.
        """
        port = cython.add_port(self._core, address, tls)
        if not port:
            also = "" if tls is None else ", or its certificate and key are not a PEM pair"
            raise CannotListen(f"cannot listen on {address}: it is taken or not an address of ours{also}")
        return port

    def stop(self) -> None:
        """Begin to drain. `serve` returns when that is done."""
        self._stop.set()

    async def serve(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Accept calls until told to stop, then drain. For one use."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._live)
            task_status.started()
            try:
                await self._stop.wait()
            finally:
                self._stop.set()

    async def _live(self, task_status: trio.TaskStatus[None]) -> None:
        # The shield is as long as the drain: grace, LAST_WORDS, and what handlers shield themselves.
        with trio.CancelScope(shield=True):
            async with trio.open_nursery() as below:
                below.start_soon(self._polling.run)
                below.start_soon(self._flusher.run)
                async with trio.open_nursery() as self._calls:
                    self._begin()
                    task_status.started()
                    await self._stop.wait()
                    await self._drain()
                self._core.destroy()
                self._queue.shutdown()
                await self._polling.shut()
                below.cancel_scope.cancel()

    def _begin(self) -> None:
        self._core.start()
        self._polling.start()
        for _ in range(ACCEPTS_AHEAD):
            self._expect_call()

    async def _drain(self) -> None:
        self._on_drain()
        self._is_stopping = True
        self._core.shutdown(self._queue, self._core_went_down)
        await self._idle_within(self._limits.grace)
        self._is_cancelling = True
        for call in tuple(self._open):
            call.scope.cancel()
        await self._idle_within(LAST_WORDS)
        self._core.cancel_all_calls()
        await self._core_is_down.wait()

    async def _idle_within(self, seconds: float) -> None:
        with trio.move_on_after(seconds):
            while self._open:
                await self._idle.wait()

    def _core_went_down(self, _: Event) -> None:
        self._core_is_down.set()

    def _expect_call(self) -> None:
        self._core.request_call(self._queue, self._queue, self._accept)

    def _accept(self, event: CallEvent) -> None:
        if not event.success:
            return  # nobody called: core gives back what it no longer needs
        if not self._is_stopping:
            self._expect_call()
        wanted = event.call_details.method
        name, method = self._methods.get(wanted) or (wanted.decode(errors="replace"), None)
        wire = Wire(event.call, self._limits, self._flusher)
        call = Call(
            wire,
            method=name,
            metadata=event.invocation_metadata,
            peer=cython.peer_of(event.call),
            deadline=event.call_details.deadline,
        )
        self._open.add(call)
        wire.open(call.hang_up, partial(self._forget, call))
        if method is None:
            wire.finish(plain(grpc.StatusCode.UNIMPLEMENTED, f"this server has no method {name}"))
        elif self._is_cancelling:
            wire.finish(TOO_LATE)
        elif len(self._open) > self._limits.max_calls:
            wire.finish(FULL)
        else:
            self._start(call, wire, method)

    def _start(self, call: Call, wire: Wire, method: Method) -> None:
        start = partial(self._calls.start_soon, self._run, call, wire, method)
        if method.streams_requests:
            wire.listen()
            start()  # now, for it may want to speak first
        else:
            wire.listen_once(start)  # spares a task the wait for its only request

    def _forget(self, call: Call) -> None:
        self._open.discard(call)
        if not self._open:
            self._idle.wake()

    async def _run(self, call: Call, wire: Wire, method: Method) -> None:
        status, at_once = CUT_SHORT, True  # what is left to say when all of `serve` breaks down
        try:
            with call.scope:
                await self._intercepted(call, method)()
            status, at_once = self._ending(call)
        except Exception as raised:
            status, at_once = self._failing(call, raised), False
        finally:
            wire.finish(status, at_once=at_once)

    def _intercepted(self, call: Call, method: Method) -> Proceed:
        proceed: Proceed = partial(method.run, call)
        for intercept in self._innermost_first:
            proceed = partial(intercept, call, proceed)
        return proceed

    def _ending(self, call: Call) -> tuple[Status, bool]:
        """The status after the handler has ended by itself or was cancelled, and whether it is urgent.

        A cancelled handler ends quietly too; that must never look like OK.
        """
        if not call.scope.cancelled_caught:
            return (Status(0, b"", call.trailing_metadata) if call.trailing_metadata else OK), False
        if self._is_cancelling:
            return CUT_SHORT, True
        if call.verdict is not None:
            return call.verdict.as_status(call.trailing_metadata), True
        return (LATE if call.time_remaining() == 0 else CANCELLED), True

    def _failing(self, call: Call, raised: Exception) -> Status:
        error = _only(raised)
        if isinstance(error, Abort):
            return error.as_status(call.trailing_metadata)
        self._on_error(call, raised)
        return BROKEN


def _only(error: Exception) -> Exception:
    """The exception itself, out of the groups that nurseries wrap around a single one."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error

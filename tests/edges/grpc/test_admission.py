"""An interceptor lets in who is known, to what is his (behaviour 9)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
import trio
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from trio.testing import MockClock

from edges.grpc.scripted_core import ScriptedCore, a_wire
from edges.grpc.serving import Served, ask, refusal, serving, text
from fakes import TrioClock
from leadrelay.auth.api_keys import LOOK_AGAIN, ApiKeys, Entry, new_key, write_entries
from leadrelay.core.callers import Caller
from leadrelay.edges.grpc.admission import Admission, is_bounded, permit, seen_by
from leadrelay.edges.grpc.bridge import Call, unary_unary

DELIVER, APPLY = "/leadrelay.v1.DeliveryService/Deliver", "/leadrelay.v1.CatalogService/Apply"
HEALTH, REFLECTION = (
    "/grpc.health.v1.Health/Check",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
)
SELLER = Caller(name="seller", verbs=frozenset({"deliver"}), flows=("loans",))


@dataclass
class Guarded:
    served: Served
    key: str
    reached: list[str] = field(default_factory=list)

    async def says(self, method: str, *metadata: tuple[str, str], flow: str = "loans") -> str:
        """What the handler answers: who calls."""
        answer = await ask(self.served.stub("unary_unary", method), text(flow), metadata=metadata)
        return str(answer.value)

    async def refuses(self, method: str, *metadata: tuple[str, str], flow: str = "loans") -> str:
        error = await refusal(self.served.stub("unary_unary", method), text(flow), metadata=metadata)
        return f"{error.code().name}: {error.details()}"


@asynccontextmanager
async def guarded(folder: Path, *, open_reflection: bool = False) -> AsyncIterator[Guarded]:
    key, entry = new_key(Entry(caller=SELLER))
    write_entries(folder / "callers", [entry])
    reached: list[str] = []

    async def handler(flow: StringValue, call: Call) -> Message:
        reached.append(call.method)
        permit(call, flow.value)
        return text(f"{getattr(call.caller, 'name', None)} {is_bounded(call)}")

    admission = Admission(ApiKeys(folder / "callers", TrioClock()), open_reflection=open_reflection)
    methods = {name: unary_unary(handler, StringValue) for name in (DELIVER, APPLY, HEALTH, REFLECTION)}
    async with serving(methods, interceptors=[admission]) as served:
        yield Guarded(served, key, reached)


async def test_a_key_is_taken_as_a_bearer_token_or_by_its_own_name(tmp_path: Path) -> None:
    async with guarded(tmp_path) as server:
        for shown in (
            ("authorization", f"Bearer {server.key}"),
            ("authorization", f"bearer {server.key}"),
            ("x-api-key", server.key),
        ):
            assert await server.says(DELIVER, shown) == "seller True"


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ((), "this server asks who calls: send an API key as the metadata `authorization: Bearer KEY`"),
        ((("authorization", "Basic YTpi"),), "this server asks who calls"),
        ((("authorization", "Bearer lrk_1"),), "the API key is not known here, or counts no longer"),
        ((("x-api-key", "no"),), "the API key is not known here, or counts no longer"),
    ],
)
async def test_nobody_else_reaches_a_handler(
    tmp_path: Path, metadata: tuple[tuple[str, str], ...], words: str
) -> None:
    async with guarded(tmp_path) as server:
        assert (await server.refuses(DELIVER, *metadata)).startswith(f"UNAUTHENTICATED: {words}")
        assert server.reached == []


async def test_a_known_caller_reaches_what_is_his_and_only_for_his_flows(tmp_path: Path) -> None:
    async with guarded(tmp_path) as server:
        shown = ("x-api-key", server.key)
        assert (
            await server.refuses(APPLY, shown)
            == "PERMISSION_DENIED: seller may deliver only; this takes `apply`"
        )
        assert server.reached == []
        assert await server.refuses(DELIVER, shown, flow="autos") == (
            "PERMISSION_DENIED: seller is not let in for the flow 'autos'"
        )


@pytest.mark.parametrize("is_open", [False, True])
async def test_health_asks_nobody_and_reflection_everybody_unless_it_is_opened(
    tmp_path: Path, is_open: bool
) -> None:
    async with guarded(tmp_path, open_reflection=is_open) as server:
        assert await server.says(HEALTH) == "None False"
        assert await server.says(REFLECTION, ("x-api-key", server.key))
        if is_open:
            assert await server.says(REFLECTION) == "None False"
        else:
            assert (await server.refuses(REFLECTION)).startswith("UNAUTHENTICATED")


async def test_where_nobody_is_asked_everything_is_permitted() -> None:
    async def handler(flow: StringValue, call: Call) -> Message:
        permit(call, flow.value)
        return flow

    async with serving({DELIVER: unary_unary(handler, StringValue)}) as served:
        assert (await ask(served.stub("unary_unary", DELIVER), text("loans"))).value == "loans"


# Calls that are open while a caller's line changes.

DAY = 86_400.0
Change = Callable[[Path, Entry], None]


def turned_into(*entries: Callable[[Entry], Entry]) -> Change:
    return lambda path, entry: write_entries(path, [each(entry) for each in entries])


def rescoped(**scope: object) -> Change:
    return turned_into(lambda entry: replace(entry, caller=replace(entry.caller, **scope)))  # type: ignore[arg-type]


@asynccontextmanager
async def an_open_call(path: Path, entry: Entry, key: str) -> AsyncIterator[Call]:
    """Of somebody who stays, with an admission that works."""
    call = Call(
        a_wire(ScriptedCore()), method=DELIVER, metadata=(("x-api-key", key),), peer="", deadline=float("inf")
    )
    write_entries(path, [entry])
    admission = Admission(ApiKeys(path, TrioClock()))

    async def handle() -> None:
        with call.scope:
            await admission(call, trio.sleep_forever)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(admission.run)
        nursery.start_soon(handle)
        await trio.testing.wait_all_tasks_blocked()
        yield call
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (turned_into(), "UNAUTHENTICATED"),
        (turned_into(lambda entry: new_key(entry)[1]), "UNAUTHENTICATED"),
        (rescoped(verbs=frozenset({"watch"})), "UNAVAILABLE"),
        (rescoped(flows=("autos",)), "UNAVAILABLE"),
        (rescoped(flows=("loans", "autos")), "UNAVAILABLE"),
        (turned_into(lambda entry: replace(entry, until=date(2999, 1, 1))), ""),
        (turned_into(lambda entry: entry, lambda _: new_key(Entry(caller=Caller(name="other")))[1]), ""),
        (lambda path, _: path.write_text("half a line"), ""),
        (lambda path, _: path.unlink(), ""),
    ],
    ids=[
        "revoked",
        "a new key",
        "other verbs",
        "other flows",
        "more flows",
        "until",
        "others",
        "half",
        "gone",
    ],
)
async def test_a_change_ends_the_open_calls_of_those_whom_it_concerns(
    tmp_path: Path, autojump_clock: MockClock, change: Change, verdict: str
) -> None:
    key, entry = new_key(Entry(caller=SELLER))
    async with an_open_call(tmp_path / "callers", entry, key) as call:
        await trio.sleep(10 * LOOK_AGAIN)
        assert not call.scope.cancel_called
        change(tmp_path / "callers", entry)
        await trio.sleep(2 * LOOK_AGAIN)
        assert (call.verdict.code.name if call.verdict else "") == verdict
        assert call.scope.cancelled_caught is bool(verdict)
        assert not call.cancelled_by_peer, "leads that go with their caller stay"


async def test_an_open_call_ends_with_the_last_day_of_its_key(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    key, entry = new_key(Entry(caller=SELLER))
    today = date.fromtimestamp(TrioClock().now() / 1e9)
    async with an_open_call(tmp_path / "callers", replace(entry, until=today), key) as call:
        await trio.sleep(DAY + 2 * LOOK_AGAIN)
        assert call.verdict is not None
        assert call.verdict.code.name == "UNAUTHENTICATED"


def test_a_caller_is_told_of_no_flows_but_its_own() -> None:
    flows = ["auto", "loans", "loans-eu"]
    call = Call(a_wire(ScriptedCore()), method=DELIVER, metadata=(), peer="", deadline=float("inf"))
    assert seen_by(call, flows) == flows, "nobody asked who it is"
    call.caller = SELLER
    assert seen_by(call, flows) == ["loans"]
    call.caller = replace(SELLER, flows=())
    assert seen_by(call, flows) == seen_by(None, flows) == flows

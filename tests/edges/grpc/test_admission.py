"""An interceptor lets in who is known, to what is his (behaviour 9)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from edges.grpc.serving import Served, ask, refusal, serving, text
from fakes import TrioClock
from leadrelay.auth.api_keys import ApiKeys, Entry, new_key, write_entries
from leadrelay.core.callers import Caller
from leadrelay.edges.grpc.admission import Admission, is_bounded, permit
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
        assert await server.refuses(APPLY, shown) == "PERMISSION_DENIED: seller may deliver only"
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

"""A preset as it stands in examples/presets, put into force by a real server whose recipient is a double.

Nothing of the preset is changed but where it leads: the documented host is written over with the double's,
and pauses between tries are cut short.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import trio

from leadrelay.recipients.http_server import Request, Response, serve
from leadrelay_client import Settlement
from leadrelay_client.v1.outcome_pb2 import OutcomeKind, ReasonCode
from servers import ROOT, a_server, deliver

PRESETS = ROOT / "examples" / "presets"
LOOPBACK = ("127.0.0.0/8",)
NOTHING: Mapping[str, str] = {}

JULIA = {
    "first_name": "Julia",
    "last_name": "White",
    "email": "Julia.White@Example.net",
    "phone_1": "(614) 555-0105",
    "address_1": "12 Main St",
    "city": "Columbus",
    "state": "OH",
    "postal_code": "43215-1234",
    "loan_amount": "$52,400",
    "homeowner": "yes",
}


class Double(Protocol):
    """What stands in for a service."""

    async def hear(self, request: Request) -> Response: ...


@dataclass
class Stage:
    """A server with one preset in force."""

    address: str
    said: list[Settlement] = field(default_factory=list)

    async def deliver(self, flow: str, **changes: Any) -> "Told":
        """Julia's lead, with changes, to a flow of the preset; what its destinations said."""
        lead = {name: value for name, value in {**JULIA, **changes}.items() if value is not None}
        settled = await deliver(self.address, flow, lead)
        self.said.append(settled)
        return Told(settled)


@dataclass
class Told:
    """What became of one lead."""

    settled: Settlement

    def outcome(self, name: str = "") -> Any:
        """Of one destination, or of the only one."""
        rows = self.settled.deliveries
        return rows[name or next(iter(rows))].outcome

    @property
    def attempts(self) -> int:
        return int(next(iter(self.settled.deliveries.values())).attempts)

    def kind(self, name: str = "") -> str:
        return OutcomeKind.Name(self.outcome(name).kind).removeprefix("OUTCOME_KIND_").lower()

    def code(self, name: str = "") -> str:
        code = ReasonCode.Name(self.outcome(name).code).removeprefix("REASON_CODE_").lower()
        return "" if code == "unspecified" else code

    def both(self, name: str = "") -> tuple[str, str]:
        return self.kind(name), self.code(name)


@asynccontextmanager
async def staged(
    folder: Path,
    preset: str,
    double: Double,
    *,
    hosts: tuple[str, ...],
    secrets: Mapping[str, str],
    edits: Mapping[str, str] = NOTHING,
) -> AsyncIterator[Stage]:
    """The preset of that name, whose documented `hosts` (with scheme) all lead to the double.

    `edits` are what somebody who starts from it would write differently.
    """
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, double.hear)
        catalog = written(folder, preset, dict.fromkeys(hosts, f"http://127.0.0.1:{port}") | dict(edits))
        kept = stored(folder, secrets)
        async with a_server(folder, catalog, secrets=kept, allow_egress=LOOPBACK) as address:
            yield Stage(address)
        nursery.cancel_scope.cancel()


def written(folder: Path, preset: str, edits: Mapping[str, str]) -> Path:
    """A copy of the preset, and of the WSDL beside it, that leads elsewhere."""
    target = folder / "catalog"
    target.mkdir(exist_ok=True)
    text = (PRESETS / f"{preset}.yaml").read_text(encoding="utf-8")
    for before, after in edits.items():
        assert before in text, f"{preset} has no {before}"
        text = text.replace(before, after)
    text = re.sub(r"first_delay: \d+s", "first_delay: 5ms", text)
    for wsdl in PRESETS.glob("*.wsdl"):
        (target / wsdl.name).write_bytes(wsdl.read_bytes())
    path = target / f"{preset}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def stored(folder: Path, secrets: Mapping[str, str]) -> Path:
    kept = folder / "secrets"
    kept.mkdir(exist_ok=True)
    for name, value in secrets.items():
        (kept / name).write_text(value)
    return kept

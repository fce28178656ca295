"""Recipients that answer by script: wires that reach nobody, and proofs that need no secret."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import trio

from leadrelay.core.destination import Destination
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Progress, Signer, Started, Wire
from leadrelay.runtime.simulation.script import Fate, Script

LEAD_ID = 36  # characters, with which every idempotency key begins

# The adapter of a destination over these wires, and the signer whose `show` it is signed by.
Adapters = Callable[[Destination, Callable[[], Wire]], Adapter]
Signers = Callable[[Destination], Signer]


class Company:
    """A core.ports.Outfitter: the real adapters over scripted recipients."""

    def __init__(
        self, script: Script, leads: Mapping[str, Lead], adapters: Adapters, signers: Signers
    ) -> None:
        """`leads` by id, for conditions of the script; more may be added."""
        self._script, self._leads, self._adapters, self._signers = script, leads, adapters, signers
        self._asked: Counter[str] = Counter()  # requests by idempotency key

    def adapter(self, destination: Destination) -> Adapter:
        return self._adapters(destination, lambda: _ScriptedWire(self, destination.name))

    def signer(self, destination: Destination) -> Signer:
        return _Shown(self._signers(destination))

    async def answer(self, destination: str, request: Request, progress: Progress) -> Reply:
        """As a recipient would, in virtual time."""
        key = request.idempotency_key
        self._asked[key] += 1
        line, takes = self._script.answer(
            destination, self._leads.get(key[:LEAD_ID]), f"{key}/{self._asked[key]}"
        )
        if line.fate is Fate.REFUSED:
            await trio.sleep(takes)
            raise NotSent(ReasonCode.CONNECT, "connection refused")
        progress.sending()
        await trio.sleep(takes)
        match line.fate:
            case Fate.LOST:
                raise NoAnswer(ReasonCode.RESET, "the connection was closed before an answer")
            case Fate.SILENT:
                await trio.sleep_forever()
        return line.reply


class _ScriptedWire:
    """A core.ports.Wire to one recipient."""

    def __init__(self, company: Company, destination: str) -> None:
        self._company, self._destination = company, destination

    async def send(self, request: Request, progress: Progress) -> Reply:
        await trio.lowlevel.checkpoint()
        return await self._company.answer(self._destination, request, progress)

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


class _Shown:
    """Signs as a preview does: with `***`, so that no secret is read and no token is fetched."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def run(self, task_status: Started) -> None:
        task_status.started()
        await trio.sleep_forever()

    async def sign(self, request: Request) -> Request:
        await trio.lowlevel.checkpoint()
        return replace(self._signer.show(request), idempotency_key=request.idempotency_key)

    def show(self, request: Request) -> Request:
        return self._signer.show(request)

    def renew(self, signed: Request, reply: Reply) -> bool:  # noqa: ARG002 - nothing expires here
        return False

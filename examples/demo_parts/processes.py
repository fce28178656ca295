"""The demo's own processes: up within a bound, explained where they fail, and gone when the demo is.

Each holds the other end of a pipe of ours as its standard input and stops when that closes, which the kernel
does for us even on SIGKILL. They are in sessions of their own, so that Ctrl-C reaches us alone and we stop
them in order.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

UP_WITHIN = 30.0  # seconds, for a machine that is busy with other things
DOWN_WITHIN = 15.0
TAIL = 12  # lines of a log that are shown


class Failed(Exception):
    """The demo cannot go on; the message is for the person who runs it."""


class Process:
    """One `leadrelay` subprocess that is up."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name, self.log = name, log
        self.address = ""  # as its ready line tells it
        self.was_stopped = False  # by us
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def ended(self) -> None:
        """Wait until it has ended, however that came."""
        await self._process.wait()

    def how_it_ended(self) -> str:
        code = self._process.returncode
        if code is None:
            return "did not end"
        return f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def hear(self, greeting: str) -> None:
        """Wait for its ready line, which is `greeting` and the address. Raises Failed."""
        if self._process.stdout is None:
            raise RuntimeError("a process is started with its standard output in a pipe")
        try:
            async with asyncio.timeout(UP_WITHIN):
                line = (await self._process.stdout.readline()).decode()
                if not line:
                    await self.ended()
        except TimeoutError:
            raise Failed(self.explain(f"said nothing within {UP_WITHIN:g} s")) from None
        if not line.startswith(greeting):
            raise Failed(self.explain(f"did not come up and {self.how_it_ended()}"))
        self.address = line.removeprefix(greeting).strip()

    async def stop(self) -> None:
        """Ask it to finish and wait for that; one that does not is killed, and that is a failure."""
        self.was_stopped = not self.has_ended
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(DOWN_WITHIN):
                await self.ended()
        except TimeoutError:
            self._process.kill()
            await self.ended()

    @property
    def stopped_well(self) -> bool:
        return self.was_stopped and self._process.returncode == 0

    def explain(self, what: str) -> str:
        """`what` happened to it, and the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
        if not lines:
            return f"the {self.name} {what}, and {shown(self.log)} is empty"
        tail = "".join(f"\n    {line}" for line in lines)
        return f"the {self.name} {what}. The end of {shown(self.log)}:{tail}"


@asynccontextmanager
async def running(name: str, arguments: Sequence[str], log: Path, greeting: str) -> AsyncIterator[Process]:
    """`leadrelay ARGUMENTS`, up inside the block and stopped when it ends. Raises Failed."""
    with _opened(log) as file:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "leadrelay", *arguments, "--until-stdin-ends"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            start_new_session=True,
        )
    process = Process(name, started, log)
    try:
        await process.hear(greeting)
        yield process
    finally:
        await process.stop()


def _opened(log: Path) -> BinaryIO:
    try:
        return log.open("wb")
    except OSError as error:
        raise Failed(f"{shown(log)} cannot be written: {error.strerror}") from error


def command() -> str:
    """How a person runs `leadrelay` from where they are."""
    script = Path(sys.executable).with_name("leadrelay")
    return shown(script) if script.exists() else f"{shown(Path(sys.executable))} -m leadrelay"


def shown(path: Path) -> str:
    """A path as short as it can be said from where the person is."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative

"""A program ends together with the one that started it, whatever standard input is (`--until-stdin-ends`)."""

import os
from pathlib import Path

import pytest
import trio
import trio.testing

from leadrelay.edges.cli.parent import until_stdin_ends


async def test_the_end_of_a_pipe_ends_it_and_nothing_before(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    ended = trio.Event()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(until_stdin_ends, ended.set, ours)
            for _ in range(3):
                os.write(theirs, b"x" * 10_000)
                await trio.testing.wait_all_tasks_blocked(0.01)
                assert not ended.is_set()
            os.close(theirs)
            with trio.fail_after(5):
                await ended.wait()
    finally:
        os.close(ours)


async def test_it_leaves_the_stream_as_it_was(tmp_path: Path) -> None:
    """A terminal is shared with the shell: to make it non-blocking would break that."""
    ours, theirs = os.pipe()
    os.close(theirs)
    await until_stdin_ends(lambda: None, ours)
    assert os.get_blocking(ours)
    os.close(ours)


@pytest.mark.parametrize("kind", ["file", "nothing", "closed"])
async def test_what_cannot_be_waited_for_is_at_its_end(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    stream = os.open({"file": tmp_path / "file"}.get(kind, os.devnull), os.O_RDONLY)
    if kind == "closed":
        os.close(stream)
    ended = trio.Event()
    with trio.fail_after(5):
        await until_stdin_ends(ended.set, stream)
    assert ended.is_set()
    if kind != "closed":
        os.close(stream)

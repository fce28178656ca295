"""The sample recipients by themselves, for a first delivery without anybody else."""

import socket
import subprocess
import sys

import pytest

from edges.cli.commands import run
from leadrelay.edges.cli.exits import Exit
from servers import an_environment


def test_they_say_where_they_are_and_end_with_their_parent() -> None:
    popen = subprocess.Popen(
        [sys.executable, "-m", "leadrelay", "recipients", "--port", "0", "--until-stdin-ends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=an_environment(),
    )
    try:
        assert popen.stdout is not None
        line = popen.stdout.readline()
        assert line.startswith("recipients at http://127.0.0.1:")
        port = int(line.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert visitor.recv(100).startswith(b"HTTP/1.1 200")
        _, errors = popen.communicate(timeout=20)
    finally:
        popen.kill()
        popen.wait(10)
    assert (popen.returncode, errors) == (Exit.OK, "")


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_cannot_be_had_is_told_in_a_sentence(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        end = run(capsys, "recipients", "--host", host, "--port", str(port))
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert host in end.err
    assert "sub-exception" not in end.err

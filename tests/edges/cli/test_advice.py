"""Who reaches no server is told what to try, in the words of the command line."""

import socket
from pathlib import Path

import pytest

from edges.cli.commands import run, run_beside
from edges.market import a_market
from leadrelay.edges.cli.advice import advice
from leadrelay.edges.cli.exits import Exit
from leadrelay_client import InvalidArgument, Unauthenticated, Unavailable, Unimplemented

Capsys = pytest.CaptureFixture[str]


def test_where_nothing_listens_a_server_can_be_started_or_named(capsys: Capsys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    end = run(capsys, "list", "--server", address)
    assert end.code == Exit.UNAVAILABLE
    assert "start one with `leadrelay serve`" in end.err


async def test_tls_to_a_server_that_speaks_none_is_left_out(tmp_path: Path, capsys: Capsys) -> None:
    async with a_market(tmp_path) as market:
        end = await run_beside(capsys, "list", "--server", market.address, "--tls")
    assert end.code == Exit.UNAVAILABLE
    assert "leave out --tls" in end.err


def test_what_is_no_grpc_server_is_told() -> None:
    words = "Failed parsing HTTP/2 (Expected SETTINGS frame as the first frame, got frame type 80)"
    assert "no gRPC server" in advice(Unavailable(words))


def test_a_key_is_asked_for_by_the_option_that_gives_it() -> None:
    assert "--api-key-file" in advice(Unauthenticated("send an API key as the metadata `authorization`"))
    assert "none" in advice(Unimplemented("Received http2 header with status: 404"))


def test_what_is_not_known_has_no_advice() -> None:
    assert advice(Unavailable("words that gRPC has not used before")) == ""
    assert advice(InvalidArgument("Connection refused, says a lead")) == ""

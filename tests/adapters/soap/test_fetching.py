"""A WSDL that does not come, or comes wrong, is a reason code and a hint: no traceback and no hang."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.soap.fetching import Remote, fetch, read_files
from leadrelay.adapters.soap.gathering import MAX_BYTES
from leadrelay.adapters.soap.refusal import BadWsdl
from leadrelay.core.egress import parse_rule
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress, Wire
from leadrelay.recipients.http_server import Request as Asked
from leadrelay.recipients.http_server import Response, serve
from wires import LOOPBACK

ROOT = b'<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/">%b</w:definitions>'


@asynccontextmanager
async def serving(answer: Callable[[Asked], Response]) -> AsyncIterator[str]:
    async def handler(request: Asked) -> Response:
        return answer(request)

    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, handler)
        yield f"http://127.0.0.1:{port}/leads?wsdl"
        nursery.cancel_scope.cancel()


def wires() -> Callable[[], Wire]:
    return http_wires(allow=LOOPBACK, max_reply=MAX_BYTES)


@pytest.mark.parametrize(
    ("response", "code", "words"),
    [
        (Response(200, b"<html>Log in</html>", "text/html"), ReasonCode.PROTOCOL, "HTML page"),
        (Response(200, b" " * 50 * 1024 * 1024), ReasonCode.RESPONSE_TOO_LARGE, "larger than 5 MB; save"),
        (Response(301, headers=(("Location", "/x"),)), ReasonCode.PROTOCOL, "301; it was moved"),
        (Response(401), ReasonCode.PROTOCOL, "401; it is not public; save it as a file"),
        (Response(404), ReasonCode.PROTOCOL, "404; check the address"),
        (Response(503), ReasonCode.PROTOCOL, "503; try again later"),
    ],
)
async def test_a_bad_answer_is_told(response: Response, code: ReasonCode, words: str) -> None:
    async with serving(lambda _: response) as place:
        with pytest.raises(BadWsdl, match=words) as caught:
            await fetch(place, wires())
    assert caught.value.code is code
    assert place not in caught.value.words  # keys hide in URLs


async def test_nobody_there_is_told() -> None:
    async with serving(lambda _: Response(200)) as place:
        pass
    with pytest.raises(BadWsdl, match="connection refused") as caught:
        await fetch(place, wires())
    assert caught.value.code is ReasonCode.CONNECT


async def test_a_chain_of_imports_without_end_is_cut() -> None:
    """Each document imports another that never was."""
    asked = list[str]()

    def answer(request: Asked) -> Response:
        asked.append(request.path)
        return Response(200, ROOT % b'<w:import namespace="u" location="/n%d"/>' % len(asked), "text/xml")

    async with serving(answer) as place:
        with pytest.raises(BadWsdl, match="more than 64 documents"):
            await fetch(place, wires())
    assert len(asked) == 64


class SlowWire:
    def __init__(self) -> None:
        self.is_closed = False

    async def send(self, request: Request, progress: Progress) -> Reply:
        progress.sending()
        await trio.sleep_forever()
        raise AssertionError

    async def aclose(self) -> None:
        self.is_closed = True


async def test_a_slow_wsdl_is_given_up(autojump_clock: trio.testing.MockClock) -> None:
    wire = SlowWire()
    with pytest.raises(BadWsdl, match="within 10 s; save it as a file") as caught:
        await fetch("https://crm.example/leads?wsdl", lambda: wire)
    assert (caught.value.code, wire.is_closed) == (ReasonCode.TIMEOUT_RESPONSE, True)


def test_a_file_that_is_not_there_or_leads_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(BadWsdl, match=r"`gone.wsdl` of the WSDL cannot be read: No such file"):
        read_files(str(tmp_path / "gone.wsdl"))
    with pytest.raises(BadWsdl, match="cannot be read: Is a directory"):
        read_files(str(tmp_path))
    place = tmp_path / "a.wsdl"
    place.write_bytes(ROOT % b'<w:import namespace="u" location="https://crm.example/b.wsdl"/>')
    with pytest.raises(Remote):
        read_files(str(place))


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1/leads?wsdl", "http://169.254.169.254/latest", "http://[::1]/w"]
)
async def test_neither_a_wsdl_nor_an_import_is_fetched_from_a_closed_address(place: str) -> None:
    """Behaviour 9: whoever writes a WSDL decides what it imports, so the guard stands before it too."""
    with pytest.raises(BadWsdl, match="closed to leads") as caught:
        await fetch(place, http_wires(max_reply=MAX_BYTES))
    assert caught.value.code is ReasonCode.SSRF_BLOCKED
    importing = ROOT % f'<w:import namespace="urn:x" location="{place}"/>'.encode()
    async with serving(lambda asked: Response(200, importing, "text/xml")) as open_place:
        port = open_place.split(":")[2].partition("/")[0]
        allow = [parse_rule(f"127.0.0.1:{port}")]
        with pytest.raises(BadWsdl, match="closed to leads") as caught:
            await fetch(open_place, http_wires(allow=allow, max_reply=MAX_BYTES))
    assert caught.value.code is ReasonCode.SSRF_BLOCKED

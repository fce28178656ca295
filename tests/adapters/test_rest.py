"""REST from end to end: a real recipient hears what a destination says (behaviour 4.1)."""

import orjson
import pytest
import trio

from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.rest import RestAdapter
from leadrelay.core.destination import Rest
from leadrelay.core.encoding import Body, Format, compile_body
from leadrelay.core.encoding.form import escaped
from leadrelay.core.exchange import Envelope
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from leadrelay.recipients.http_server import Request, Response, serve
from values import a_lead
from wires import LOOPBACK, Watched

MAPPING = compile_mapping((Rule("name", "{{first_name}} {{last_name}}"), Rule("amount", 52400)))


@pytest.mark.parametrize(
    ("method", "written_as", "query", "body"),
    [
        ("POST", Format.JSON, "", b'{"name":"Ada Lovelace","amount":52400}'),
        ("PUT", Format.FORM, "", b"name=Ada%20Lovelace&amount=52400"),
        ("GET", Format.QUERY, "name=Ada%20Lovelace&amount=52400", b""),
    ],
)
async def test_a_recipient_hears_what_the_destination_says(
    method: str, written_as: Format, query: str, body: bytes, nursery: trio.Nursery
) -> None:
    heard: list[Request] = []

    async def hear(request: Request) -> Response:
        heard.append(request)
        return Response(201, orjson.dumps({"id": "B-1"}))

    port = await nursery.start(serve, hear)
    rest = Rest(
        url=compile_template(f"http://127.0.0.1:{port}/{{{{first_name}}}}", escape=escaped),
        method=method,
        body=compile_body(Body(format=written_as)),
        headers={"X-Source": compile_template("{{source}}")},
    )
    adapter = RestAdapter(rest, lambda: HttpWire(Dialer(allow=LOOPBACK)))
    scope = Scope.of(a_lead(first_name="Ada", last_name="Lovelace", source="search"))
    request = adapter.compose(MAPPING.apply(scope), scope, Envelope(idempotency_key="key-1"))
    wire = adapter.open()
    reply = await wire.send(request, Watched())
    await wire.aclose()
    assert (reply.status, reply.body) == (201, b'{"id":"B-1"}')
    (request_heard,) = heard
    assert (request_heard.method, request_heard.path) == (method, "/Ada")
    assert (request_heard.query, request_heard.body) == (query, body)
    assert request_heard.headers["x-source"] == "search"
    assert request_heard.headers["idempotency-key"] == "key-1"


async def test_every_slot_gets_a_wire_of_its_own() -> None:
    rest = Rest(url=compile_template("http://127.0.0.1/"), body=compile_body(Body()))
    adapter = RestAdapter(rest, lambda: HttpWire(Dialer(allow=LOOPBACK)))
    assert adapter.open() is not adapter.open()

"""What a preview shows is what a recipient gets, and a preview itself reaches nobody (behaviour 3.6)."""

import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio

from leadrelay.recipients.analytics import Analytics
from leadrelay.recipients.crm import Crm
from leadrelay.recipients.dialer import Dialer
from leadrelay.recipients.http_message import Request, Response
from leadrelay.recipients.http_server import serve
from leadrelay.recipients.premium import Premium
from leadrelay.recipients.reception import Reception
from leadrelay.recipients.slow import Slow
from leadrelay.recipients.standard import Standard
from leadrelay_client import Client, InvalidArgument, NotFound, lead_of
from leadrelay_client.v1.catalog_service_pb2 import PreviewResponse
from leadrelay_client.v1.event_pb2 import ReplyRecord
from leadrelay_client.v1.lead_pb2 import Lead
from leadrelay_client.v1.outcome_pb2 import OUTCOME_KIND_HARD_REJECT
from servers import ROOT, a_server, command, deliver, in_thread

pytestmark = pytest.mark.timeout(60)

DESTINATIONS = ("crm", "dialer", "premium_buyer", "standard_buyer", "analytics", "slow_partner")
SECRETS = ROOT / "examples" / "secrets"
UUID = 36  # characters of a lead's id, which is another for a preview
OF_LEAD = ("idempotency-key", "x-lead")
OF_HTTP = {"host", "content-length", "user-agent", "accept", "accept-encoding", "connection"}


def sample_leads(count: int) -> list[Lead]:
    """Rows of the examples' untidy leads."""
    with (ROOT / "examples" / "leads.csv").open(newline="", encoding="utf-8") as file:
        rows = list(islice(csv.DictReader(file), count))
    return [lead_of({name: cell for name, cell in row.items() if cell}) for row in rows]


class Street:
    """The sample recipients behind one door, where everything that comes is written down."""

    def __init__(self) -> None:
        recipients = [Crm(), Dialer(), Premium(), Standard(), Analytics(), Slow(delay=0)]
        self._reception = Reception(recipients)
        self.requests: list[Request] = []

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return await self._reception.handle(request)

    def take(self, path: str) -> list[Request]:
        """What came for a recipient since the last time."""
        found = [one for one in self.requests if one.path == path]
        self.requests.clear()
        return found


@asynccontextmanager
async def a_street(folder: Path) -> AsyncIterator[tuple[Street, Path]]:
    """The recipients, and the example catalog as it reaches them; a flow `to_NAME` for each destination."""
    street, catalog = Street(), folder / "catalog"
    catalog.mkdir()
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, street.handle)
        for file in (ROOT / "examples" / "catalog").glob("*.yaml"):
            text = file.read_text(encoding="utf-8").replace("127.0.0.1:7480", f"127.0.0.1:{port}")
            (catalog / file.name).write_text(text, encoding="utf-8")
        flows = [{"name": f"to_{name}", "steps": [{"deliver": name}]} for name in DESTINATIONS]
        (catalog / "more.json").write_text(json.dumps({"flows": flows}))
        yield street, catalog
        nursery.cancel_scope.cancel()


async def previewed(address: str, destination: str, lead: Lead, reply: str | None = None) -> PreviewResponse:
    def call() -> PreviewResponse:
        with Client(address) as client:
            record = None if reply is None else ReplyRecord(status=200, body=reply)
            return client.preview(destination, lead, flow=f"to_{destination}", reply=record)

    return await in_thread(call)


def check(shown: PreviewResponse, got: Request) -> None:
    """A recipient got what a preview showed, but for proofs, ids and what HTTP adds."""
    request = shown.request
    address = urlsplit(request.url)
    assert (request.method, address.path, address.query) == (got.method, got.path, got.query)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert set(headers) == set(got.headers) - OF_HTTP
    for name, value in headers.items():
        if value != "***" and name != "traceparent":
            assert value[UUID:] == got.headers[name][UUID:] if name in OF_LEAD else value == got.headers[name]
    assert len(headers["traceparent"]) == len(got.headers["traceparent"])
    if headers["content-type"] == "application/json":  # a lead that is passed through has no order
        assert json.loads(request.body) == json.loads(got.body)
    else:
        assert request.body.encode() == got.body


@pytest.mark.parametrize("destination", DESTINATIONS)
async def test_a_recipient_gets_what_the_preview_showed(tmp_path: Path, destination: str) -> None:
    async with (
        a_street(tmp_path) as (street, catalog),
        a_server(tmp_path, catalog, secrets=SECRETS) as server,
    ):
        for lead in sample_leads(9):
            shown = await previewed(server, destination, lead)
            assert street.requests == [], "a preview reaches neither the recipient nor a token endpoint"
            settlement = await deliver(server, f"to_{destination}", lead)
            got = street.take(urlsplit(shown.request.url).path)
            if shown.problems:
                assert got == []
                assert settlement.deliveries[destination].outcome.words == shown.outcome.words
            else:
                check(shown, got[0])


async def test_a_preview_reads_a_reply_as_a_delivery_does(tmp_path: Path) -> None:
    (lead,) = sample_leads(1)
    async with (
        a_street(tmp_path) as (street, catalog),
        a_server(tmp_path, catalog, secrets=SECRETS) as server,
    ):
        reply = '{"result": "rejected", "reason": "Duplicate lead"}'
        shown = await previewed(server, "premium_buyer", lead, reply)
        assert street.requests == []
    assert (shown.outcome.kind, shown.outcome.words) == (OUTCOME_KIND_HARD_REJECT, "Duplicate lead")


async def test_a_catalog_can_be_previewed_before_it_is_applied_and_before_its_secrets_exist(
    tmp_path: Path,
) -> None:
    (lead,) = sample_leads(1)
    async with a_street(tmp_path) as (street, catalog), a_server(tmp_path) as server:

        def call() -> PreviewResponse:
            with Client(server) as client:
                with pytest.raises(NotFound, match="there is none to use"):
                    client.preview("crm", lead)
                with pytest.raises(NotFound, match="did you mean 'crm'"):
                    client.preview("crn", lead, catalog=catalog)
                with pytest.raises(InvalidArgument, match=r"bad\.yaml:1"):
                    client.preview("crm", lead, catalog={"bad.yaml": "colour: red"})
                return client.preview("crm", lead, catalog=catalog)

        shown = await in_thread(call)
        assert street.requests == []
    assert json.loads(shown.request.body)["LastName"] == "White"
    assert shown.request.headers["Authorization"] == "***"


async def test_the_command_line_shows_the_same_with_a_server_and_without(tmp_path: Path) -> None:
    lead = tmp_path / "lead.json"
    lead.write_text(json.dumps(dict(sample_leads(1)[0].fields)))
    async with (
        a_street(tmp_path) as (street, catalog),
        a_server(tmp_path, catalog, secrets=SECRETS) as server,
    ):
        arguments = ("preview", "crm", "--lead", str(lead))
        asked = await in_thread(lambda: command(*arguments, "--server", server))
        alone = await in_thread(lambda: command(*arguments, "--catalog", str(catalog)))
        piped = await in_thread(lambda: command(*arguments[:3], "-", "--server", server, stdin="{}"))
        assert street.requests == []
    assert (asked.returncode, alone.returncode, piped.returncode) == (0, 0, 2)
    assert without_ids(asked.stdout) == without_ids(alone.stdout)
    for line in ("Authorization: ***", '  "LastName": "White",', 'LastName     "White"'):
        assert line in asked.stdout
    assert "is empty" in piped.stderr


async def test_a_whole_sample_is_previewed_with_a_line_for_each_lead(tmp_path: Path) -> None:
    sample = ROOT / "examples" / "leads.csv"
    async with (
        a_street(tmp_path) as (street, catalog),
        a_server(tmp_path, catalog, secrets=SECRETS) as server,
    ):
        arguments = ("preview", "crm", "--lead", str(sample), "--server", server)
        table = await in_thread(lambda: command(*arguments))
        lines = await in_thread(lambda: command(*arguments, "--json"))
        assert street.requests == []
    assert table.returncode == lines.returncode == 1, "some rows have no last name"
    rows, objects = table.stdout.splitlines(), list(map(json.loads, lines.stdout.splitlines()))
    assert len(rows) == len(objects) == 260
    wrong = [row.split()[0] for row in rows if row.split()[1] == "problem"]
    assert wrong == [one["lead"] for one in objects if "problems" in one]
    assert f"260 lead(s): {260 - len(wrong)} ok, 0 with warnings, {len(wrong)} with problems" in table.stderr


def test_check_tries_the_examples_and_its_exit_code_is_the_verdict(tmp_path: Path) -> None:
    examples = ROOT / "examples" / "catalog"
    good = command("check", "-f", str(examples))
    assert (good.returncode, good.stderr.splitlines()[-1].endswith(" 0 failed")) == (0, True), good.stderr
    broken = tmp_path / "c.yaml"
    broken.write_text((examples / "crm.yaml").read_text().replace("lowercase email", "uppercase email"))
    bad = command("check", "-f", str(broken))
    assert bad.returncode == 1
    difference = 'request.body.Email: expected "julia.white@example.net", found "JULIA.WHITE@EXAMPLE.NET"'
    assert difference in bad.stdout
    broken.write_text("colour: red")
    assert command("check", "-f", str(broken)).returncode == 2


def without_ids(page: str) -> list[str]:
    return [line for line in page.splitlines() if not line.startswith(("Idempotency-Key", "traceparent"))]

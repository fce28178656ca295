"""Backup endpoints: who is tried, who is not, and what is told of it (behaviour 4.6)."""

from dataclasses import replace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from fakes import Act, Buyer, BuyerWire, answers, breaks, hangs, never_connects, refuses
from leadrelay.adapters.endpoints import EndpointsWire, Ranking
from leadrelay.adapters.registry import adapter_for
from leadrelay.auth.proof import with_header, with_parameter
from leadrelay.core.destination import Endpoint, EndpointOrder, Endpoints, Rest, Webhook
from leadrelay.core.encoding import Body, compile_body
from leadrelay.core.endpoints import REST
from leadrelay.core.errors import DeliveryError, NoAnswer, NotSent
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress, Wire
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from recipients_raw import closes_after_reading, deaf_port, keeps_answering, listening
from values import QUERY, a_destination, a_lead
from wires import LOOPBACK, Watched, a_post

CONNECT = 2.0


def endpoints(*urls: str, order: EndpointOrder = EndpointOrder.LISTED) -> Endpoints:
    backups = (Endpoint(name=f"b{index}", url=compile_template(url)) for index, url in enumerate(urls, 1))
    return Endpoints(backups=tuple(backups), order=order)


class Hosts:
    """A wire that leads to a buyer by the request's URL."""

    def __init__(self, **acts: Act) -> None:
        self.buyers = {f"http://{name}/": Buyer(act) for name, act in acts.items()}
        self.opened: list[BuyerWire] = []

    def request(self) -> Request:
        first, *others = self.buyers
        return Request(method="POST", url=first, body=b"{}", backups=tuple(others))

    def open(self) -> Wire:
        self.opened.append(BuyerWire(Buyer(self._serve)))
        return self.opened[-1]

    async def _serve(self, request: Request, progress: Progress) -> Reply:
        return await self.buyers[request.url].serve(request, progress)

    def wire(self, order: EndpointOrder = EndpointOrder.LISTED) -> EndpointsWire:
        ranking = Ranking(endpoints(*self.request().backups, order=order))
        return EndpointsWire(self.open, ranking, CONNECT)

    @property
    def asked(self) -> list[int]:
        return [len(buyer.requests) for buyer in self.buyers.values()]


async def test_the_primary_answers_and_nobody_else_is_asked() -> None:
    hosts, progress = Hosts(a=answers(), b=answers()), Watched()
    assert (await hosts.wire().send(hosts.request(), progress)).status == 200
    assert (hosts.asked, progress.tried, progress.passed_over) == ([1, 0], ["primary"], ())


async def test_the_next_is_tried_when_the_lead_certainly_did_not_arrive() -> None:
    hosts, progress = Hosts(a=refuses, b=refuses, c=answers()), Watched()
    assert (await hosts.wire().send(hosts.request(), progress)).status == 200
    assert (hosts.asked, progress.tried) == ([1, 1, 1], ["primary", "b1", "b2"])
    assert progress.passed_over == ("primary: connection refused", "b1: connection refused")
    (sent,) = hosts.buyers["http://c/"].requests
    assert (sent.body, sent.backups) == (b"{}", ())


@pytest.mark.parametrize("status", [200, 302, 400, 429, 500, 503])
async def test_never_after_an_answer_whatever_it_says(status: int) -> None:
    hosts = Hosts(a=answers(status), b=answers())
    assert (await hosts.wire().send(hosts.request(), Watched())).status == status
    assert hosts.asked == [1, 0]


async def test_never_when_nobody_knows_whether_it_arrived() -> None:
    hosts = Hosts(a=breaks, b=answers())
    with pytest.raises(NoAnswer):
        await hosts.wire().send(hosts.request(), Watched())
    assert hosts.asked == [1, 0]


async def test_never_when_the_request_itself_is_at_fault() -> None:
    async def cannot_be_written(_request: Request, _progress: Progress) -> Reply:
        raise NotSent(ReasonCode.MAPPING_INVALID, "the URL has blanks")

    hosts = Hosts(a=cannot_be_written, b=answers())
    with pytest.raises(NotSent) as caught:
        await hosts.wire(EndpointOrder.HEALTH).send(hosts.request(), Watched())
    assert (caught.value.code, hosts.asked) == (ReasonCode.MAPPING_INVALID, [1, 0])


async def test_when_none_is_reached_all_reasons_are_told(autojump_clock: MockClock) -> None:
    hosts, progress = Hosts(a=never_connects, b=refuses), Watched()
    with pytest.raises(NotSent) as caught:
        await hosts.wire().send(hosts.request(), progress)
    assert caught.value.code is ReasonCode.CONNECT
    assert caught.value.words == "primary: no connection within 2 s; b1: connection refused"
    assert not progress.is_out


async def test_each_has_the_time_to_connect_for_itself_and_as_long_as_it_takes_to_answer(
    autojump_clock: MockClock,
) -> None:
    hosts = Hosts(a=never_connects, b=never_connects, c=answers(after=10))
    assert (await hosts.wire().send(hosts.request(), Watched())).status == 200
    assert trio.current_time() == pytest.approx(2 * CONNECT + 10)


async def test_a_cancel_ends_the_search(autojump_clock: MockClock) -> None:
    hosts, progress = Hosts(a=never_connects, b=answers()), Watched()
    with trio.move_on_after(1) as scope:
        await hosts.wire().send(hosts.request(), progress)
    assert (scope.cancelled_caught, hosts.asked, progress.is_out) == (True, [1, 0], False)


async def test_one_that_took_the_request_and_hangs_keeps_it(autojump_clock: MockClock) -> None:
    hosts, progress = Hosts(a=hangs, b=answers()), Watched()
    with trio.move_on_after(100) as scope:
        await hosts.wire().send(hosts.request(), progress)
    assert (scope.cancelled_caught, hosts.asked, progress.is_out) == (True, [1, 0], True)


async def test_by_health_one_that_was_not_reached_is_left_alone_for_a_while(
    autojump_clock: MockClock,
) -> None:
    hosts = Hosts(a=refuses, b=answers())
    wire = hosts.wire(EndpointOrder.HEALTH)
    for _ in range(5):
        await wire.send(hosts.request(), Watched())
    assert hosts.asked == [1, 5]
    await trio.sleep(REST)
    for _ in range(5):
        await wire.send(hosts.request(), Watched())
    assert hosts.asked == [2, 10]


async def test_listed_the_primary_is_asked_each_time() -> None:
    hosts = Hosts(a=refuses, b=answers())
    wire = hosts.wire()
    for _ in range(3):
        await wire.send(hosts.request(), Watched())
    assert hosts.asked == [3, 3]


async def test_by_health_all_wires_of_a_destination_share_what_they_learn() -> None:
    hosts = Hosts(a=refuses, b=answers())
    ranking = Ranking(endpoints("http://b/", order=EndpointOrder.HEALTH))
    for _ in range(3):
        await EndpointsWire(hosts.open, ranking, CONNECT).send(hosts.request(), Watched())
    assert hosts.asked == [1, 3]


async def test_a_wire_keeps_a_connection_to_each_and_closes_all() -> None:
    hosts = Hosts(a=refuses, b=answers())
    wire = hosts.wire()
    for _ in range(3):
        await wire.send(hosts.request(), Watched())
    assert len(hosts.opened) == 2
    await wire.aclose()
    assert all(each.is_closed for each in hosts.opened)


async def test_a_request_that_has_no_backups_goes_to_its_own_url() -> None:
    """As a status request does."""
    hosts = Hosts(a=answers(), b=answers())
    wire = hosts.wire(EndpointOrder.HEALTH)
    await wire.send(replace(hosts.request(), backups=()), Watched())
    assert hosts.asked == [1, 0]


def composed(protocol: Any, *urls: str) -> Request:
    destination = replace(a_destination("crm"), protocol=protocol, endpoints=endpoints(*urls))
    scope = Scope.of(a_lead(email="ada@example.com", region="eu"))
    return adapter_for(destination).compose(
        destination.mapping.apply(scope), scope, Envelope(idempotency_key="k-1")
    )


def test_a_backups_url_is_a_template_like_the_primarys_and_has_its_query() -> None:
    rest = Rest(url=compile_template("http://a.example/leads?v=1"), method="GET", body=compile_body(QUERY))
    request = composed(rest, "http://{{region}}.example/leads")
    assert request.url == "http://a.example/leads?v=1&email=ada%40example.com"
    assert request.backups == ("http://eu.example/leads?email=ada%40example.com",)
    with pytest.raises(NotSent):
        composed(rest, "http://{{email}}.example/leads")


def test_credentials_go_to_each_alike() -> None:
    hook = Webhook(url=compile_template("http://a.example/"), body=compile_body(Body()))
    request = composed(hook, "http://b.example/?x=1")
    signed = with_header(with_parameter(request, "key", "s3cret"), "Authorization", "Bearer t")
    assert (signed.url, signed.backups) == (
        "http://a.example/?key=s3cret",
        ("http://b.example/?x=1&key=s3cret",),
    )


async def test_over_real_sockets_a_backup_takes_what_the_primary_could_not(nursery: trio.Nursery) -> None:
    backup = await listening(nursery, keeps_answering())
    with deaf_port() as port:
        destination = replace(a_destination("crm"), egress=LOOPBACK, endpoints=endpoints(backup.url()))
        wire, progress = adapter_for(destination).open(), Watched()
        request = replace(a_post(f"http://127.0.0.1:{port}/"), backups=(backup.url(),))
        for _ in range(2):
            assert (await wire.send(request, progress)).status == 200
    assert progress.tried == ["primary", "b1"] * 2
    assert (backup.connections, len(backup.requests)) == (1, 2)
    assert b"Host: 127.0.0.1:%d\r\n" % backup.port in backup.requests[0]
    await wire.aclose()


async def test_over_real_sockets_a_connection_lost_after_the_send_is_the_last_word(
    nursery: trio.Nursery,
) -> None:
    primary = await listening(nursery, closes_after_reading)
    backup = await listening(nursery, keeps_answering())
    destination = replace(a_destination("crm"), egress=LOOPBACK, endpoints=endpoints(backup.url()))
    wire = adapter_for(destination).open()
    with pytest.raises(DeliveryError) as caught:
        await wire.send(replace(a_post(primary.url()), backups=(backup.url(),)), Watched())
    assert isinstance(caught.value, NoAnswer)
    assert backup.connections == 0
    await wire.aclose()


async def test_the_egress_guard_judges_each(nursery: trio.Nursery) -> None:
    backup = await listening(nursery, keeps_answering())
    destination = replace(a_destination("crm"), endpoints=endpoints(backup.url()))
    wire = adapter_for(destination).open()
    with pytest.raises(NotSent) as caught:
        await wire.send(replace(a_post(backup.url("/a")), backups=(backup.url(),)), Watched())
    assert (caught.value.code, backup.connections) == (ReasonCode.SSRF_BLOCKED, 0)

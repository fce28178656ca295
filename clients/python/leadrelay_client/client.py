"""The client for ordinary, blocking code. One client serves any number of threads.

Nothing is decided here: requests are built in `requests`, streams taken up again as `listening` says, and
gRPC's errors become ours in `errors`. What has no method here has a generated stub in `leadrelay_client.v1`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar, Unpack

import grpc

from leadrelay_client import connection, requests
from leadrelay_client.errors import LeadrelayError, translate
from leadrelay_client.leads import Answers
from leadrelay_client.listening import Listening, Tailing, event_or_refusal, give_up
from leadrelay_client.settlement import Settlement, settlement_of
from leadrelay_client.v1.analytics_service_pb2 import Summary, TailResponse
from leadrelay_client.v1.analytics_service_pb2_grpc import AnalyticsServiceStub
from leadrelay_client.v1.catalog_service_pb2 import (
    ApplyResponse,
    CatalogVersion,
    DeleteRequest,
    GetRequest,
    GetResponse,
    ListRequest,
    PreviewResponse,
)
from leadrelay_client.v1.catalog_service_pb2_grpc import CatalogServiceStub
from leadrelay_client.v1.delivery_service_pb2 import (
    CancelRequest,
    DeliverManyRequest,
    DeliverRequest,
    DeliverResponse,
    LeadStatus,
    RedeliverResponse,
    WatchRequest,
    WatchResponse,
)
from leadrelay_client.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from leadrelay_client.v1.event_pb2 import Event, ReplyRecord
from leadrelay_client.v1.example_pb2 import SampleBid
from leadrelay_client.v1.lead_pb2 import Lead
from leadrelay_client.v1.secret_service_pb2 import (
    DeleteSecretRequest,
    ListSecretsRequest,
    RotateRequest,
    SecretName,
)
from leadrelay_client.v1.secret_service_pb2_grpc import SecretServiceStub

R = TypeVar("R")
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)
T = TypeVar("T")


class _Call(Protocol[A_co]):
    def __next__(self) -> A_co: ...
    def cancel(self) -> bool: ...
    def add_callback(self, callback: Callable[[], None]) -> bool: ...


class Stream(Iterator[T], Generic[T]):
    """Answers as they come. The call is under way from the start and ends with the stream.

    Dropping the stream, `close` and leaving its `with` block all end the call. `close` may come from another
    thread and also ends a wait.
    """

    def __init__(
        self,
        open_call: Callable[[], _Call[A]],
        took: Callable[[A], T],
        pause_after: Callable[[grpc.RpcError], float],
    ) -> None:
        self._open_call: Callable[[], _Call[Any]] = open_call
        self._took: Callable[[Any], T] = took
        self._pause_after = pause_after
        self._closed = threading.Event()
        self._call = self._open_call()

    def __next__(self) -> T:
        while not self._closed.is_set():
            try:
                return self._took(next(self._call))
            except grpc.RpcError as failure:
                if not self._closed.is_set():
                    self._closed.wait(self._pause_after(failure))
                    self._call = self._open_call()
        self._call.cancel()
        raise StopIteration

    def close(self) -> None:
        """Stop listening. An accepted lead goes on, unless it was sent with `on_disconnect="cancel"`."""
        self._closed.set()
        self._call.cancel()
        # A program that exits right now must not stop gRPC's own thread half-way through the call's end:
        # the call's lock would stay taken, and the interpreter would wait for it for ever.
        ended = threading.Event()
        if self._call.add_callback(ended.set):
            ended.wait(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Client:
    """A connection to one leadrelay. Close it, or use it in a `with` block.

    `timeout` is for calls that answer once. A stream lasts until its lead has settled or its own `timeout`
    passes; when the connection drops it is taken up again, for up to `resume_within` seconds without success.
    """

    def __init__(
        self,
        target: str,
        *,
        api_key: str | None = None,
        tls: connection.Tls = False,
        timeout: float = 30.0,
        resume_within: float = 60.0,
        keepalive: float | None = connection.KEEPALIVE,
    ) -> None:
        self._metadata = connection.authorization(api_key)
        self._timeout, self._resume_within = timeout, resume_within
        target, options = connection.checked(target), connection.options(keepalive)
        credentials = connection.credentials(tls)
        if credentials is None:
            self._channel = grpc.insecure_channel(target, options)
        else:
            self._channel = grpc.secure_channel(target, credentials, options)
        self._deliveries = DeliveryServiceStub(self._channel)
        self._catalog = CatalogServiceStub(self._channel)
        self._secrets = SecretServiceStub(self._channel)
        self._analytics = AnalyticsServiceStub(self._channel)

    def deliver(
        self,
        flow: str,
        lead: Lead | Answers,
        *,
        request_id: str = "",
        on_disconnect: requests.Disconnect = "continue",
        detail: requests.Details = "outcomes",
        timeout: float | None = None,
        traceparent: str = "",
    ) -> Stream[Event]:
        """Hand a lead over and see its events as they happen, each once, until it has settled.

        After the first event the lead is the server's to deliver, whatever becomes of this stream. With a
        `request_id` the call is safe to repeat, and is repeated by itself while no server answers.
        """
        request = requests.deliver_request(
            flow, lead, request_id=request_id, on_disconnect=on_disconnect, detail=detail
        )
        return self._listen(request, timeout, traceparent)

    def deliver_and_wait(
        self, flow: str, lead: Lead | Answers, **options: Unpack[requests.DeliverOptions]
    ) -> Settlement:
        """Hand a lead over and give what became of it. Options and errors are those of `deliver`."""
        with self.deliver(flow, lead, **options) as events:
            return settlement_of(events)

    def deliver_many(
        self,
        leads: Iterable[tuple[str, DeliverRequest]],
        *,
        timeout: float | None = None,
        traceparent: str = "",
    ) -> Stream[tuple[str, Event | LeadrelayError]]:
        """Many leads over one call: (tag, `deliver_request(...)`) in, (tag, event or refusal) out.

        `leads` is read in a thread of its own, no faster than the server takes them. This stream is not taken
        up again when it drops: give request ids, and send again what has not settled.
        """
        failures: list[Exception] = []
        metadata = self._metadata + connection.trace_context(traceparent)
        sending = _outgoing(leads, failures)
        return Stream(
            lambda: self._deliveries.DeliverMany(sending, timeout=timeout, metadata=metadata),
            event_or_refusal,
            lambda failure: give_up(failure, failures),
        )

    def watch(
        self,
        lead_id: str,
        after: int = 0,
        *,
        detail: requests.Details = "outcomes",
        timeout: float | None = None,
    ) -> Stream[Event]:
        """Replay a lead's events after the one with this number and follow it, with no gap and no repeat."""
        return self._listen(requests.watch_request(lead_id, after, detail), timeout)

    def get(self, *, lead_id: str = "", request_id: str = "") -> LeadStatus:
        """Where a lead stands now."""
        return self._ask(self._deliveries.GetDelivery, requests.get_request(lead_id, request_id)).status

    def cancel(self, lead_id: str, reason: str = "") -> LeadStatus:
        """Stop what has not been sent."""
        return self._ask(self._deliveries.Cancel, CancelRequest(lead_id=lead_id, reason=reason)).status

    def resolve(
        self,
        lead_id: str,
        delivery: str,
        outcome: requests.Resolution,
        *,
        reason: str = "",
        price: Decimal | str | None = None,
        currency: str = "",
        reference: str = "",
    ) -> LeadStatus:
        """Say what became of an unresolved delivery; the flow goes on from there. Safe to repeat.

        FailedPrecondition: the delivery is not unresolved, or was resolved otherwise before.
        """
        request = requests.resolve_request(
            lead_id, delivery, outcome, reason=reason, price=price, currency=currency, reference=reference
        )
        return self._ask(self._deliveries.Resolve, request).status

    def list_deliveries(self, **wanted: Unpack[requests.Leads]) -> Iterator[LeadStatus]:
        """Leads by a filter, the newest first; a page is asked for when it is needed."""
        page_token = ""
        while True:
            request = requests.list_request(wanted, requests.PAGE, page_token)
            page = self._ask(self._deliveries.ListDeliveries, request)
            yield from page.statuses
            page_token = page.next_page_token
            if not page_token:
                return

    def redeliver(
        self,
        *,
        to_flow: str = "",
        edits: Mapping[str, str] | None = None,
        dry_run: bool = False,
        sold_too: bool = False,
        request_id: str = "",
        timeout: float | None = None,
        **wanted: Unpack[requests.Leads],
    ) -> Stream[RedeliverResponse]:
        """Send leads again as new ones, to `to_flow` or their own, with `edits` in place of their fields.

        Each is answered by itself: `new_lead_id`, or a `refusal`. What was sold, or may have been, is refused
        unless `sold_too`. Safe to repeat: what was sent before under this `request_id` is not sent twice.
        """
        request = requests.redeliver_request(
            wanted,
            to_flow=to_flow,
            edits=edits,
            dry_run=dry_run,
            sold_too=sold_too,
            request_id=request_id,
        )
        return Stream(
            lambda: self._deliveries.Redeliver(request, timeout=timeout, metadata=self._metadata),
            lambda answer: answer,
            give_up,
        )

    def apply(self, catalog: requests.CatalogSource, *, dry_run: bool = False) -> ApplyResponse:
        """Replace the catalog by these files, folders or texts, or change nothing and say every error."""
        return self._ask(self._catalog.Apply, requests.apply_request(catalog, dry_run))

    def preview(
        self,
        destination: str,
        lead: Lead | Answers | None = None,
        *,
        flow: str = "",
        reply: ReplyRecord | None = None,
        bid: SampleBid | None = None,
        catalog: requests.CatalogSource | None = None,
    ) -> PreviewResponse:
        """What would be sent, which rule gave what, and what a reply would mean. Nothing is sent.

        Without a lead only the reply is read.
        """
        request = requests.preview_request(
            destination, lead, flow=flow, reply=reply, bid=bid, catalog=catalog
        )
        return self._ask(self._catalog.Preview, request)

    def get_catalog(self, version: int = 0) -> GetResponse:
        """The catalog in force, or as it was under a version."""
        return self._ask(self._catalog.Get, GetRequest(version=version))

    def list_catalogs(self) -> list[CatalogVersion]:
        """All catalogs that were applied, the newest first."""
        found: list[CatalogVersion] = []
        page_token = ""
        while True:
            request = ListRequest(page_size=requests.PAGE, page_token=page_token)
            page = self._ask(self._catalog.List, request)
            found += page.versions
            page_token = page.next_page_token
            if not page_token:
                return found

    def delete_from_catalog(self, *, destinations: Sequence[str] = (), flows: Sequence[str] = ()) -> int:
        """Take entries out of the catalog in force to which nothing refers; the version without them."""
        request = DeleteRequest(destinations=destinations, flows=flows)
        return self._ask(self._catalog.Delete, request).version

    def put_secret(self, name: str, value: str | bytes) -> bool:
        """Store a credential that a catalog refers to by name; False when it replaced another value."""
        return self._ask(self._secrets.Put, requests.put_secret_request(name, value)).created

    def list_secrets(self) -> list[SecretName]:
        """All names in the server's store, and when each value was stored. Values never come back."""
        found: list[SecretName] = []
        page_token = ""
        while True:
            request = ListSecretsRequest(page_size=requests.PAGE, page_token=page_token)
            page = self._ask(self._secrets.List, request)
            found += page.secrets
            page_token = page.next_page_token
            if not page_token:
                return found

    def delete_secret(self, name: str) -> None:
        """Forget a credential that the catalog in force does not refer to."""
        self._ask(self._secrets.Delete, DeleteSecretRequest(name=name))

    def rotate_secrets(self) -> int:
        """Put all credentials in the store under the server's first key; how many there are."""
        return self._ask(self._secrets.Rotate, RotateRequest()).rotated

    def summarize(
        self, by: requests.By = "destination", *, since: datetime | None = None, until: datetime | None = None
    ) -> list[Summary]:
        """Success rates, response times, rejection reasons, volume and revenue over a window."""
        return list(self._ask(self._analytics.Summarize, requests.summarize_request(by, since, until)).rows)

    def tail(
        self,
        flow: str = "",
        *,
        after: int = 0,
        from_start: bool = False,
        detail: requests.Details = "outcomes",
        timeout: float | None = None,
    ) -> Stream[Event]:
        """Every event of every lead as it happens, or from a place in their order on.

        A stream that drops is taken up again after its last event, and misses nothing then.
        """
        tailing = Tailing(
            requests.tail_request(flow, after, from_start, detail),
            timeout=timeout,
            resume_within=self._resume_within,
        )

        def open_call() -> _Call[TailResponse]:
            request, left = tailing.next_call()
            return self._analytics.Tail(request, timeout=left, metadata=self._metadata)

        return Stream(open_call, tailing.took, tailing.pause_after)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _listen(
        self, first: DeliverRequest | WatchRequest, timeout: float | None, traceparent: str = ""
    ) -> Stream[Event]:
        metadata = self._metadata + connection.trace_context(traceparent)
        listening = Listening(first, timeout=timeout, resume_within=self._resume_within)

        def open_call() -> _Call[DeliverResponse | WatchResponse]:
            request, left = listening.next_call()
            if isinstance(request, DeliverRequest):
                return self._deliveries.Deliver(request, timeout=left, metadata=metadata)
            return self._deliveries.Watch(request, timeout=left, metadata=metadata)

        return Stream(open_call, listening.took, listening.pause_after)

    def _ask(self, method: "grpc.UnaryUnaryMultiCallable[R, A]", request: R) -> A:
        try:
            return method(request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as failure:
            raise translate(failure) from failure


def _outgoing(
    leads: Iterable[tuple[str, DeliverRequest]], failures: list[Exception]
) -> Iterator[DeliverManyRequest]:
    """Remembers why the caller's own iterator failed: gRPC would say only that it did."""
    try:
        yield from map(requests.tagged, leads)
    except Exception as error:
        failures.append(error)
        raise

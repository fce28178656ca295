"""A small leadrelay on an ordinary grpcio server: leads in memory, the same five events for each of them.

It keeps the promises of behaviour 8 as far as a client can see them, and it can lose streams on purpose.
"""
# ruff: noqa: N802 (the methods are named in the protos)

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from threading import Event as Flag
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from leadrelay_client import Event, Money, Outcome, OutcomeKind, ReasonCode, Result
from leadrelay_client.v1 import (
    analytics_service_pb2,
    analytics_service_pb2_grpc,
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    delivery_service_pb2,
    delivery_service_pb2_grpc,
    event_pb2,
    secret_service_pb2,
    secret_service_pb2_grpc,
)

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
OVERLOADED = -2
WAITS_AT_MOST = 10.0  # seconds that a `slow` lead rests when nobody hangs up


@dataclass
class Journal:
    """What outlives a server."""

    leads: dict[str, list[Event]] = field(default_factory=dict)
    requests: dict[str, tuple[str, delivery_service_pb2.DeliverRequest]] = field(default_factory=dict)

    def receive(self, request: delivery_service_pb2.DeliverRequest) -> str:
        lead_id = f"lead-{len(self.leads) + 1}"
        self.leads[lead_id] = [
            Event(lead_id=lead_id, number=number, **{kind: body})  # type: ignore[arg-type]
            for number, (kind, body) in enumerate(_story(request), start=1)
        ]
        if request.request_id:
            self.requests[request.request_id] = lead_id, request
        return lead_id


def _story(request: delivery_service_pb2.DeliverRequest) -> list[tuple[str, Message]]:
    crm = "crm"
    sold = Outcome(kind=OutcomeKind.OUTCOME_KIND_SUCCESS, price=Money(amount="12.50"), reference="A-7")
    said_no = Outcome(kind=OutcomeKind.OUTCOME_KIND_SOFT_REJECT, code=ReasonCode.REASON_CODE_CAP_EXCEEDED)
    ended = said_no if request.flow == "refusing" else sold
    result = Result.RESULT_ERROR if request.flow == "refusing" else Result.RESULT_SUCCESS
    return [
        ("accepted", event_pb2.Accepted(flow=request.flow, request_id=request.request_id, trace_id=TRACE_ID)),
        ("attempt_started", event_pb2.AttemptStarted(delivery=crm, destination=crm, attempt=1)),
        ("attempt_ended", event_pb2.AttemptEnded(delivery=crm, destination=crm, attempt=1, outcome=ended)),
        ("delivery_ended", event_pb2.DeliveryEnded(delivery=crm, destination=crm, attempts=1, outcome=ended)),
        ("lead_settled", event_pb2.LeadSettled(result=result, reason="as crm said", revenue=[ended.price])),
    ]


class SmallRelay:
    """One server process's worth, in threads. `flows`: mortgage sells, refusing does not, slow rests."""

    FLOWS = ("mortgage", "refusing", "slow")

    def __init__(self, journal: Journal, *, port: int = 0, tls: grpc.ServerCredentials | None = None) -> None:
        self.journal = journal
        # For each stream to come: after how many events it is lost, or OVERLOADED. Then all goes well.
        self.fates: list[int] = []
        self.calls: list[tuple[str, Any, dict[str, Any]]] = []  # method, request, metadata
        self.called = Flag()  # there was a call
        self.ended: Queue[str] = Queue()  # methods of streams that are over, however they ended
        self.released = Flag()  # lets slow leads go on
        self._server = grpc.server(ThreadPoolExecutor(8))
        delivery_service_pb2_grpc.add_DeliveryServiceServicer_to_server(Deliveries(self), self._server)
        catalog_service_pb2_grpc.add_CatalogServiceServicer_to_server(Catalog(self), self._server)
        secret_service_pb2_grpc.add_SecretServiceServicer_to_server(Secrets(self), self._server)
        analytics_service_pb2_grpc.add_AnalyticsServiceServicer_to_server(Analytics(self), self._server)
        address = f"127.0.0.1:{port}"
        if tls is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, tls)
        self._server.start()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """At once: open streams end as UNAVAILABLE."""
        self.released.set()
        self._server.stop(grace=None).wait()

    def note(self, method: str, request: Message, context: grpc.ServicerContext) -> None:
        self.calls.append((method, request, dict(context.invocation_metadata())))
        self.called.set()

    def refuse_where_fated(self, context: grpc.ServicerContext) -> None:
        if self.fates[:1] == [OVERLOADED]:
            self.fates.pop(0)
            wait = RetryInfo(retry_delay=Duration(nanos=250_000_000))
            _abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "too many leads under way", wait)

    def tell(self, lead_id: str, after: int, context: grpc.ServicerContext) -> Iterator[Event]:
        """The events after a number, until a drop that was asked for."""
        room = self.fates.pop(0) if self.fates else -1
        for event in self.journal.leads[lead_id][after:]:
            if room == 0:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the stream is lost")
            yield event
            room -= 1
            if event.accepted.flow == "slow":
                context.add_callback(self.released.set)
                self.released.wait(WAITS_AT_MOST)
        if room == 0:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the stream is lost")


class Deliveries(delivery_service_pb2_grpc.DeliveryServiceServicer):
    """What it has no method for is UNIMPLEMENTED."""

    def __init__(self, relay: SmallRelay) -> None:
        self._relay, self._journal = relay, relay.journal

    def Deliver(
        self, request: delivery_service_pb2.DeliverRequest, context: grpc.ServicerContext
    ) -> Iterator[delivery_service_pb2.DeliverResponse]:
        self._relay.note("Deliver", request, context)
        context.add_callback(lambda: self._relay.ended.put("Deliver"))
        self._relay.refuse_where_fated(context)
        if request.flow not in SmallRelay.FLOWS:
            info = ErrorInfo(reason="FLOW_NOT_FOUND", domain="leadrelay", metadata={"flow": request.flow})
            _abort(context, grpc.StatusCode.NOT_FOUND, f"no flow {request.flow!r}", info)
        if not request.lead.fields:
            bad = BadRequest.FieldViolation(field="lead.fields", description="a lead has at least one answer")
            details = BadRequest(field_violations=[bad])
            _abort(context, grpc.StatusCode.INVALID_ARGUMENT, "the lead is malformed", details)
        lead_id, before = self._journal.requests.get(request.request_id, ("", request))
        if before != request:
            info = ErrorInfo(reason="REQUEST_ID_CONFLICT", domain="leadrelay", metadata={"lead_id": lead_id})
            _abort(context, grpc.StatusCode.ALREADY_EXISTS, "the request id was used for another lead", info)
        for event in self._relay.tell(lead_id or self._journal.receive(request), 0, context):
            yield delivery_service_pb2.DeliverResponse(event=event)

    def DeliverMany(
        self,
        request_iterator: Iterator[delivery_service_pb2.DeliverManyRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[delivery_service_pb2.DeliverManyResponse]:
        context.add_callback(lambda: self._relay.ended.put("DeliverMany"))
        for request in request_iterator:
            self._relay.note("DeliverMany", request, context)
            if request.deliver.flow not in SmallRelay.FLOWS:
                refusal = delivery_service_pb2.Refusal(code=5, message=f"no flow {request.deliver.flow!r}")
                yield delivery_service_pb2.DeliverManyResponse(tag=request.tag, refusal=refusal)
                continue
            for event in self._relay.tell(self._journal.receive(request.deliver), 0, context):
                yield delivery_service_pb2.DeliverManyResponse(tag=request.tag, event=event)

    def Watch(
        self, request: delivery_service_pb2.WatchRequest, context: grpc.ServicerContext
    ) -> Iterator[delivery_service_pb2.WatchResponse]:
        self._relay.note("Watch", request, context)
        context.add_callback(lambda: self._relay.ended.put("Watch"))
        self._relay.refuse_where_fated(context)
        if request.lead_id not in self._journal.leads:
            _abort(context, grpc.StatusCode.NOT_FOUND, f"no lead {request.lead_id!r}")
        for event in self._relay.tell(request.lead_id, request.after, context):
            yield delivery_service_pb2.WatchResponse(event=event)

    def GetDelivery(
        self, request: delivery_service_pb2.GetDeliveryRequest, context: grpc.ServicerContext
    ) -> delivery_service_pb2.GetDeliveryResponse:
        self._relay.note("GetDelivery", request, context)
        lead_id = request.lead_id
        if request.request_id:
            lead_id, _ = self._journal.requests[request.request_id]
        status = delivery_service_pb2.LeadStatus(
            lead_id=lead_id, last_event=len(self._journal.leads[lead_id])
        )
        return delivery_service_pb2.GetDeliveryResponse(status=status)

    def ListDeliveries(
        self, request: delivery_service_pb2.ListDeliveriesRequest, context: grpc.ServicerContext
    ) -> delivery_service_pb2.ListDeliveriesResponse:
        """Two leads, on a page each."""
        self._relay.note("ListDeliveries", request, context)
        lead_id, token = ("lead-1", "") if request.page_token else ("lead-2", "lead-2")
        status = delivery_service_pb2.LeadStatus(lead_id=lead_id)
        return delivery_service_pb2.ListDeliveriesResponse(statuses=[status], next_page_token=token)

    def Redeliver(
        self, request: delivery_service_pb2.RedeliverRequest, context: grpc.ServicerContext
    ) -> Iterator[delivery_service_pb2.RedeliverResponse]:
        self._relay.note("Redeliver", request, context)
        for lead_id in request.filter.lead_ids:
            yield delivery_service_pb2.RedeliverResponse(lead_id=lead_id, new_lead_id=f"{lead_id}-again")

    def Resolve(
        self, request: delivery_service_pb2.ResolveRequest, context: grpc.ServicerContext
    ) -> delivery_service_pb2.ResolveResponse:
        self._relay.note("Resolve", request, context)
        status = delivery_service_pb2.LeadStatus(lead_id=request.lead_id, reason=request.reason)
        return delivery_service_pb2.ResolveResponse(status=status)

    def Cancel(
        self, request: delivery_service_pb2.CancelRequest, context: grpc.ServicerContext
    ) -> delivery_service_pb2.CancelResponse:
        self._relay.note("Cancel", request, context)
        status = delivery_service_pb2.LeadStatus(lead_id=request.lead_id, reason=request.reason)
        return delivery_service_pb2.CancelResponse(status=status)


class Catalog(catalog_service_pb2_grpc.CatalogServiceServicer):
    def __init__(self, relay: SmallRelay) -> None:
        self._relay = relay
        self._version = 1

    def Apply(
        self, request: catalog_service_pb2.ApplyRequest, context: grpc.ServicerContext
    ) -> catalog_service_pb2.ApplyResponse:
        self._relay.note("Apply", request, context)
        wrong = [
            BadRequest.FieldViolation(field=f"{file.name}:1", description="not YAML")
            for file in request.files
            if file.text.startswith("@")
        ]
        if wrong:
            refused = BadRequest(field_violations=wrong)
            _abort(context, grpc.StatusCode.INVALID_ARGUMENT, "the catalog was not changed", refused)
        self._version += not request.dry_run
        return catalog_service_pb2.ApplyResponse(version=self._version)

    def Get(
        self, request: catalog_service_pb2.GetRequest, context: grpc.ServicerContext
    ) -> catalog_service_pb2.GetResponse:
        self._relay.note("Get", request, context)
        return catalog_service_pb2.GetResponse(version=request.version or self._version)

    def List(
        self, request: catalog_service_pb2.ListRequest, context: grpc.ServicerContext
    ) -> catalog_service_pb2.ListResponse:
        """Two versions, on a page each."""
        self._relay.note("List", request, context)
        version, token = (1, "") if request.page_token else (2, "2")
        versions = [catalog_service_pb2.CatalogVersion(version=version)]
        return catalog_service_pb2.ListResponse(versions=versions, next_page_token=token)

    def Delete(
        self, request: catalog_service_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> catalog_service_pb2.DeleteResponse:
        self._relay.note("Delete", request, context)
        return catalog_service_pb2.DeleteResponse(version=7)

    def Preview(
        self, request: catalog_service_pb2.PreviewRequest, context: grpc.ServicerContext
    ) -> catalog_service_pb2.PreviewResponse:
        self._relay.note("Preview", request, context)
        answers = sorted(request.lead.fields.items())
        values = [catalog_service_pb2.MappedValue(to=name, value=value) for name, value in answers]
        outcome = Outcome(words=request.reply.body) if request.HasField("reply") else None
        return catalog_service_pb2.PreviewResponse(values=values, outcome=outcome)


class Secrets(secret_service_pb2_grpc.SecretServiceServicer):
    """Names only, and two of them at once whatever is asked for, so that short lists have pages too."""

    def __init__(self, relay: SmallRelay) -> None:
        self._relay = relay
        self._names: set[str] = set()

    def Put(
        self, request: secret_service_pb2.PutRequest, context: grpc.ServicerContext
    ) -> secret_service_pb2.PutResponse:
        self._relay.note("Put", request, context)
        created = request.name not in self._names
        self._names.add(request.name)
        return secret_service_pb2.PutResponse(created=created)

    def List(
        self, request: secret_service_pb2.ListSecretsRequest, context: grpc.ServicerContext
    ) -> secret_service_pb2.ListSecretsResponse:
        self._relay.note("List", request, context)
        names = sorted(name for name in self._names if name > request.page_token)
        return secret_service_pb2.ListSecretsResponse(
            secrets=[secret_service_pb2.SecretName(name=name) for name in names[:2]],
            next_page_token=names[1] if len(names) > 2 else "",
        )

    def Delete(
        self, request: secret_service_pb2.DeleteSecretRequest, context: grpc.ServicerContext
    ) -> secret_service_pb2.DeleteSecretResponse:
        self._relay.note("Delete", request, context)
        if request.name == "in-use":
            info = ErrorInfo(reason="SECRET_IN_USE", domain="leadrelay", metadata={"destinations": "crm"})
            _abort(context, grpc.StatusCode.FAILED_PRECONDITION, "the secret in-use is in use by crm", info)
        self._names.remove(request.name)
        return secret_service_pb2.DeleteSecretResponse()

    def Rotate(
        self, request: secret_service_pb2.RotateRequest, context: grpc.ServicerContext
    ) -> secret_service_pb2.RotateResponse:
        self._relay.note("Rotate", request, context)
        return secret_service_pb2.RotateResponse(rotated=len(self._names))


class Analytics(analytics_service_pb2_grpc.AnalyticsServiceServicer):
    def __init__(self, relay: SmallRelay) -> None:
        self._relay = relay

    def Summarize(
        self, request: analytics_service_pb2.SummarizeRequest, context: grpc.ServicerContext
    ) -> analytics_service_pb2.SummarizeResponse:
        self._relay.note("Summarize", request, context)
        rows = [analytics_service_pb2.Summary(key="crm", leads=len(self._relay.journal.leads))]
        return analytics_service_pb2.SummarizeResponse(rows=rows)

    def Tail(
        self, request: analytics_service_pb2.TailRequest, context: grpc.ServicerContext
    ) -> Iterator[analytics_service_pb2.TailResponse]:
        self._relay.note("Tail", request, context)
        told = [event for events in self._relay.journal.leads.values() for event in events]
        room = self._relay.fates.pop(0) if self._relay.fates else -1
        for place, event in enumerate(told, start=1):
            if place > request.after:
                if room == 0:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "the stream is lost")
                yield analytics_service_pb2.TailResponse(event=event, place=place)
                room -= 1


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, message: str, *details: Message) -> NoReturn:
    status = Status(code=code.value[0], message=message)
    for detail in details:
        status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, message)

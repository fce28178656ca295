"""Arguments as people write them -> request messages. A misspelt choice is an error and never a default."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Literal, TypedDict, TypeVar

from leadrelay_client.leads import Answers, lead_of, timestamp
from leadrelay_client.v1.analytics_service_pb2 import Dimension, SummarizeRequest, TailRequest
from leadrelay_client.v1.catalog_service_pb2 import ApplyRequest, CatalogFile, PreviewRequest
from leadrelay_client.v1.delivery_service_pb2 import (
    DeliverManyRequest,
    DeliverRequest,
    Detail,
    GetDeliveryRequest,
    LeadFilter,
    ListDeliveriesRequest,
    OnDisconnect,
    RedeliverRequest,
    ResolveRequest,
    WatchRequest,
)
from leadrelay_client.v1.event_pb2 import ReplyRecord
from leadrelay_client.v1.example_pb2 import SampleBid
from leadrelay_client.v1.lead_pb2 import Lead
from leadrelay_client.v1.outcome_pb2 import Money, OutcomeKind, Result
from leadrelay_client.v1.secret_service_pb2 import PutRequest

Details = Literal["outcomes", "full"]
Disconnect = Literal["continue", "cancel"]
Resolution = Literal["success", "hard_reject", "soft_reject", "system_error", "timeout"]
Results = Literal["success", "failure", "error", "unresolved"]
Outcomes = Literal["success", "hard_reject", "soft_reject", "system_error", "timeout", "skipped"]
By = Literal["destination", "flow", "source"]
# One path or several, where a folder stands for all catalog files in it; or texts by the name for errors.
CatalogSource = str | PathLike[str] | Iterable[str | PathLike[str]] | Mapping[str, str]

_DETAILS: dict[str, Detail.ValueType] = {
    "outcomes": Detail.DETAIL_OUTCOMES,
    "full": Detail.DETAIL_FULL,
}
_DISCONNECTS: dict[str, OnDisconnect.ValueType] = {
    "continue": OnDisconnect.ON_DISCONNECT_CONTINUE,
    "cancel": OnDisconnect.ON_DISCONNECT_CANCEL,
}
_DIMENSIONS: dict[str, Dimension.ValueType] = {
    "destination": Dimension.DIMENSION_DESTINATION,
    "flow": Dimension.DIMENSION_FLOW,
    "source": Dimension.DIMENSION_SOURCE,
}
OUTCOMES: dict[str, OutcomeKind.ValueType] = {
    name.removeprefix("OUTCOME_KIND_").lower(): number for name, number in OutcomeKind.items() if number
}
RESULTS: dict[str, Result.ValueType] = {
    name.removeprefix("RESULT_").lower(): number for name, number in Result.items() if number
}
RESOLUTIONS: dict[str, OutcomeKind.ValueType] = {
    "success": OutcomeKind.OUTCOME_KIND_SUCCESS,
    "hard_reject": OutcomeKind.OUTCOME_KIND_HARD_REJECT,
    "soft_reject": OutcomeKind.OUTCOME_KIND_SOFT_REJECT,
    "system_error": OutcomeKind.OUTCOME_KIND_SYSTEM_ERROR,
    "timeout": OutcomeKind.OUTCOME_KIND_TIMEOUT,
}
_SUFFIXES = (".yaml", ".yml", ".json")

PAGE = 1000  # the most that a server gives at once

T = TypeVar("T")


class Leads(TypedDict, total=False):
    """Which leads; everything that is given must hold."""

    lead_ids: Sequence[str]
    flow: str
    source: str
    result: Results
    destination: str  # with `outcome`: one delivery there ended so
    outcome: Outcomes
    open: bool  # has not settled
    since: datetime  # received then or later
    until: datetime  # received before


class DeliverOptions(TypedDict, total=False):
    """The options of `deliver`."""

    request_id: str
    on_disconnect: Disconnect
    detail: Details
    timeout: float | None
    traceparent: str


def deliver_request(
    flow: str,
    lead: Lead | Answers,
    *,
    request_id: str = "",
    on_disconnect: Disconnect = "continue",
    detail: Details = "outcomes",
) -> DeliverRequest:
    """One lead for one flow. With a `request_id` it is safe to send again."""
    return DeliverRequest(
        flow=flow,
        lead=lead if isinstance(lead, Lead) else lead_of(lead),
        request_id=request_id,
        on_disconnect=_chosen("on_disconnect", on_disconnect, _DISCONNECTS),
        detail=_chosen("detail", detail, _DETAILS),
    )


def tagged(item: tuple[str, DeliverRequest]) -> DeliverManyRequest:
    tag, request = item
    return DeliverManyRequest(tag=tag, deliver=request)


def watch_request(lead_id: str, after: int, detail: Details) -> WatchRequest:
    return WatchRequest(lead_id=lead_id, after=after, detail=_chosen("detail", detail, _DETAILS))


def get_request(lead_id: str, request_id: str) -> GetDeliveryRequest:
    if bool(lead_id) == bool(request_id):
        raise ValueError("give either lead_id or request_id")
    return GetDeliveryRequest(lead_id=lead_id) if lead_id else GetDeliveryRequest(request_id=request_id)


def resolve_request(
    lead_id: str,
    delivery: str,
    outcome: Resolution,
    *,
    reason: str = "",
    price: Decimal | str | None = None,
    currency: str = "",
    reference: str = "",
) -> ResolveRequest:
    """A price is exact: text or a Decimal, never a float."""
    if isinstance(price, float):
        raise TypeError("a price is text or a Decimal; a float is not exact")
    money = None
    if price is not None:
        amount = format(price, "f") if isinstance(price, Decimal) else price
        money = Money(amount=amount, currency=currency)
    elif currency:
        raise ValueError("a currency needs a price")
    return ResolveRequest(
        lead_id=lead_id,
        delivery=delivery,
        outcome=_chosen("outcome", outcome, RESOLUTIONS),
        reason=reason,
        price=money,
        reference=reference,
    )


def lead_filter(wanted: Leads) -> LeadFilter:
    """A misspelt condition would hold for more leads than were meant, and `redeliver` would send them all."""
    if unknown := sorted(wanted.keys() - Leads.__annotations__.keys()):
        raise TypeError(
            f"leads are not chosen by {unknown[0]}; it has to be {', '.join(Leads.__annotations__)}"
        )
    since, until = wanted.get("since"), wanted.get("until")
    result, outcome = wanted.get("result"), wanted.get("outcome")
    return LeadFilter(
        lead_ids=wanted.get("lead_ids", ()),
        flow=wanted.get("flow", ""),
        source=wanted.get("source", ""),
        result=_chosen("result", result, RESULTS) if result else Result.RESULT_UNSPECIFIED,
        destination=wanted.get("destination", ""),
        outcome=_chosen("outcome", outcome, OUTCOMES) if outcome else OutcomeKind.OUTCOME_KIND_UNSPECIFIED,
        open=wanted.get("open", False),
        since=None if since is None else timestamp(since),
        until=None if until is None else timestamp(until),
    )


def list_request(wanted: Leads, page_size: int, page_token: str) -> ListDeliveriesRequest:
    return ListDeliveriesRequest(filter=lead_filter(wanted), page_size=page_size, page_token=page_token)


def redeliver_request(
    wanted: Leads,
    *,
    to_flow: str = "",
    edits: Mapping[str, str] | None = None,
    dry_run: bool = False,
    sold_too: bool = False,
    request_id: str = "",
) -> RedeliverRequest:
    return RedeliverRequest(
        filter=lead_filter(wanted),
        flow=to_flow,
        edits=edits,
        dry_run=dry_run,
        sold_too=sold_too,
        request_id=request_id,
    )


def tail_request(flow: str, after: int, from_start: bool, detail: Details) -> TailRequest:
    return TailRequest(
        flow=flow, after=after, from_start=from_start, detail=_chosen("detail", detail, _DETAILS)
    )


def apply_request(catalog: CatalogSource, dry_run: bool) -> ApplyRequest:
    return ApplyRequest(files=_catalog_files(catalog), dry_run=dry_run)


def preview_request(
    destination: str,
    lead: Lead | Answers | None,
    *,
    flow: str = "",
    reply: ReplyRecord | None = None,
    bid: SampleBid | None = None,
    catalog: CatalogSource | None = None,
) -> PreviewRequest:
    """A lead that is looked at and not delivered; None: only the reply is read."""
    return PreviewRequest(
        destination=destination,
        lead=lead if lead is None or isinstance(lead, Lead) else lead_of(lead),
        flow=flow,
        reply=reply,
        bid=bid,
        files=() if catalog is None else _catalog_files(catalog),
    )


def put_secret_request(name: str, value: str | bytes) -> PutRequest:
    return PutRequest(name=name, value=value.encode() if isinstance(value, str) else value)


def summarize_request(by: By, since: datetime | None, until: datetime | None) -> SummarizeRequest:
    return SummarizeRequest(
        by=_chosen("by", by, _DIMENSIONS),
        since=None if since is None else timestamp(since),
        until=None if until is None else timestamp(until),
    )


def _chosen(option: str, name: str, choices: Mapping[str, T]) -> T:
    if name not in choices:
        raise ValueError(f"{option} is {name!r}; it has to be one of {', '.join(choices)}")
    return choices[name]


def _catalog_files(catalog: CatalogSource) -> list[CatalogFile]:
    if isinstance(catalog, Mapping):
        return [CatalogFile(name=name, text=text) for name, text in catalog.items()]
    paths = [catalog] if isinstance(catalog, str | PathLike) else catalog
    return [
        CatalogFile(name=str(file), text=file.read_text(encoding="utf-8"))
        for path in paths
        for file in _in_folder(Path(path))
    ]


def _in_folder(path: Path) -> list[Path]:
    """What the server's own `--catalog` would find. Nothing at all is a misspelt path, no empty catalog."""
    if not path.is_dir():
        return [path]
    files = list(_below(path, {path.resolve()}))
    if not files:
        raise FileNotFoundError(f"{path} holds no {', '.join(_SUFFIXES)} file")
    return files


def _below(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """The files of a folder in order of their names, then those of its folders; what is hidden is left out.

    A folder that links lead back into is read once.
    """
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    yield from (entry for entry in entries if entry.suffix.lower() in _SUFFIXES and entry.is_file())
    for entry in entries:
        if entry.is_dir() and (real := entry.resolve()) not in seen:
            seen.add(real)
            yield from _below(entry, seen)

"""One example of a destination, tried by rehearsing it: what is not as it should be (behaviour 3.6)."""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from leadrelay.core import structs
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.lead import Lead, uuid7
from leadrelay.core.outcome import Bid, Outcome
from leadrelay.core.preview import Preview
from leadrelay.edges.catalog.compile_mapping import plain_value
from leadrelay.edges.catalog.compile_reading import code_of, kind_of
from leadrelay.edges.catalog.sample_replies import plain_data, sample_reply
from leadrelay.edges.cli.comparing import NOTHING, Difference, in_body, in_data, in_headers, in_url, said
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.submission import sample_lead
from leadrelay.edges.rehearsal import rehearse
from leadrelay.v1 import lead_pb2
from leadrelay.v1.example_pb2 import Example, ExpectedOutcome, ExpectedRequest, SampleBid
from leadrelay_client import lead_of


def try_example(catalog: Catalog, destination: Destination, example: Example, now: int) -> list[Difference]:
    """Everything in which it does not do as the example says; nothing is sent."""
    try:
        lead = _lead(example, destination.name, now)
    except ValueError as error:
        return [Difference("lead", "one that can be delivered", str(error))]
    except Abort as refusal:
        return [Difference("lead", "one that can be delivered", refusal.message)]
    seen = rehearse(
        catalog,
        destination,
        lead,
        now=lead.received_at,
        reply=sample_reply(example.reply) if example.HasField("reply") else None,
        appended=structs.data(example.appended),
        bid=_bid(example.bid) if example.HasField("bid") else None,
    )
    return list(_differences(example, seen))


def _bid(bid: SampleBid) -> Bid:
    return Bid(price=Decimal(bid.price.amount), currency=bid.price.currency, reference=bid.reference)


def _differences(example: Example, seen: Preview) -> Iterator[Difference]:
    if example.HasField("request") or example.HasField("reply"):
        if seen.request is None:
            yield Difference("request", "one", f"{NOTHING}, because {'; '.join(seen.problems)}")
            return
        yield from _in_request(example.request, seen)
    if example.HasField("outcome"):
        yield from _in_outcome(example.outcome, seen.outcome)


def _in_request(expected: ExpectedRequest, seen: Preview) -> Iterator[Difference]:
    request, record = seen.request, seen.record
    if request is None or record is None:
        return
    if expected.method and expected.method != request.method:
        yield Difference("request.method", said(expected.method), said(request.method))
    if expected.url:
        yield from in_url(expected.url, request, record)
    yield from in_headers(expected.headers, request, record)
    if expected.HasField("body"):
        yield from in_body(plain_data(plain_value(expected.body)), request, record)


def _in_outcome(expected: ExpectedOutcome, outcome: Outcome | None) -> Iterator[Difference]:
    if outcome is None:
        yield Difference("outcome", "one", f"{NOTHING}, because the example has no `reply`")
        return
    asked: list[tuple[str, Any, Any]] = [
        ("kind", kind_of(expected.kind), outcome.kind),
        ("code", code_of(expected.code), outcome.code),
        ("reason", expected.reason or None, outcome.words or None),
        ("reference", expected.reference or None, outcome.reference or None),
    ]
    if expected.HasField("price"):
        asked.append(("price.amount", Decimal(expected.price.amount), outcome.price))
        asked.append(("price.currency", expected.price.currency or None, outcome.currency or None))
    for name, wanted, found in asked:
        if wanted is not None and wanted != found:
            why = f" ({outcome.words})" if name == "kind" and outcome.words else ""
            yield Difference(f"outcome.{name}", said(wanted), f"{said(found)}{why}")
    if expected.HasField("appended"):
        found = plain_data(outcome.appended)
        yield from in_data(structs.data(expected.appended), found, found, "outcome.appended")


def _lead(example: Example, destination: str, now: int) -> Lead:
    """The lead of an example, with the same id whenever it is tried, because `random` hangs on it."""
    at = example.at.ToNanoseconds() if example.HasField("at") else 0
    name = f"{destination}\0".encode() + example.lead.SerializeToString(deterministic=True)
    given = lead_of(structs.data(example.lead), source=example.source)
    return sample_lead(
        lead_pb2.Lead.FromString(given.SerializeToString()),
        flow=example.flow,
        lead_id=uuid7(at // 1_000_000, blake2b(name, digest_size=10).digest()),
        now=at or now,
        catalog_version=0,
    )

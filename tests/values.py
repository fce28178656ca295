"""Values for tests, each with only what the test is about."""

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination, Rest, StatusRequest, Timeouts, WhenUnknown
from leadrelay.core.encoding import Body, Format, compile_body
from leadrelay.core.enquiring import PATIENCE
from leadrelay.core.flow import Deliver, Flow, Parallel, Sequence, Step, Waterfall
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.limits import Limits
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.retry import Backoff
from leadrelay.core.template import compile_template
from leadrelay.core.trace import trace_id_of

QUERY = Body(format=Format.QUERY)
LEAD_ID = "01935f00-0000-7000-8000-000000000001"
MOMENT = 1_764_000_000_000_000_000  # ns since the epoch


def a_lead(*, lead_id: str = LEAD_ID, flow: str = "loans", request_id: str = "", **fields: str) -> Lead:
    """A lead with these fields; a `source` among them is the lead's own, too."""
    return Lead(
        id=lead_id,
        flow=flow,
        fields=fields or {"first_name": "Ada", "email": "ada@example.com"},
        source=fields.get("source", ""),
        received_at=MOMENT,
        request_id=request_id,
        trace=TraceContext(trace_id=trace_id_of(lead_id)),
        catalog_version=1,
    )


READING = compile_reading(
    ReadingSpec(
        rules=(
            ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="result", equals="accepted"),)),
            ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="result", equals="rejected"),)),
        ),
        otherwise=None,
        reason=("reason",),
        price=("price",),
        reference=("id",),
    )
)
NOT_KNOWN = compile_reading(
    ReadingSpec(
        rules=(ReadingRule(outcome=Kind.SUCCESS, match=(Match(status="404"),)),), otherwise=Kind.HARD_REJECT
    )
)
ACCEPTED = {"result": "accepted", "price": "12.50", "id": "B-1"}
REJECTED = {"result": "rejected", "reason": "Duplicate lead"}


def a_status_request(retry: Backoff = PATIENCE) -> StatusRequest:
    """Asks with READING; a 404 says that the lead is not known."""
    request = Rest(url=compile_template("http://buyer/status"), method="GET", body=compile_body(QUERY))
    return StatusRequest(request=request, reading=READING, not_known=NOT_KNOWN, retry=retry)


def a_destination(
    name: str,
    *,
    rules: tuple[Rule, ...] = (Rule(to="email", value="{{email}}"),),
    retry: Backoff | None = None,
    timeouts: Timeouts | None = None,
    when_unknown: WhenUnknown = WhenUnknown.HOLD,
    ask: StatusRequest | None = None,
    concurrency: int = 32,
    queue: int = 10_000,
    limits: Limits | None = None,
) -> Destination:
    """A destination whose recipient answers as ACCEPTED and REJECTED do, or by status alone."""
    return Destination(
        name=name,
        protocol=Rest(url=compile_template("http://buyer/"), body=compile_body(Body())),
        mapping=compile_mapping(rules),
        reading=READING,
        retry=retry or Backoff(),
        timeouts=timeouts or Timeouts(),
        when_unknown=when_unknown,
        ask=ask,
        concurrency=concurrency,
        queue=queue,
        limits=limits,
    )


def to(name: str, *, required: bool = False) -> Step:
    """The step that delivers to a destination."""
    return Step(kind=Deliver(delivery=name, destination=name.partition("#")[0]), required=required)


def waterfall(*names: str, stop_after: int = 1) -> Step:
    return Step(kind=Waterfall(steps=tuple(map(to, names)), stop_after=stop_after))


def parallel(*names: str) -> Step:
    return Step(kind=Parallel(steps=tuple(map(to, names))))


def a_catalog(*destinations: Destination, step: Step | None = None, **more: Step) -> Catalog:
    """A catalog with these destinations and a flow `loans` (and `more`); without a step, the first."""
    flows = {"loans": step or to(destinations[0].name), **more}
    return Catalog(
        version=1,
        destinations={destination.name: destination for destination in destinations},
        flows={
            name: Flow(name=name, root=Step(kind=Sequence(steps=(root,)))) for name, root in flows.items()
        },
    )

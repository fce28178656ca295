"""The report: tables for people, and words that keep them from reading too much into it."""

from collections.abc import Iterable, Sequence

from scripts.bench_parts.catalog import ABOUT, MIXED
from scripts.bench_parts.figures import Spread
from scripts.bench_parts.findings import Findings
from scripts.bench_parts.http_cost import http_section
from scripts.bench_parts.mapping_cost import mapping_section
from scripts.bench_parts.pauses import pauses_section
from scripts.bench_parts.phases import Cost

LEAD_CPU, FLATNESS, FIRST_BYTE, MEMORY = 3000, 1.5, 25, 150  # the aims

INTRO = """\
# Performance

Written by `make bench`; a change by hand lasts until the next run.

One server process, recipients in a second, the load in a third, all on one machine. Leads of 1 KB go to
three destinations each. The load is an open loop: leads leave at random times drawn beforehand, whatever
the answers do, and every latency counts from the scheduled moment. CPU is what the kernel charged to the
server process, all of its threads, from before a phase's first lead until after its last has settled.
"""
QUICK = "*A quick run: it shows that the bench works, and its figures mean nothing.*\n"
READING = """\
## How to read it

- CPU per lead says how many leads a core carries: 2,000 µs are 500 leads or 1,500 deliveries a second.
- A lead costs more when it comes alone: what many leads share under load (commits, wake-ups, system calls,
  warm caches) it pays for by itself. That is why the cost falls as the rate rises. Compare rows of the same
  rate to see what leads in flight cost, and rows of the same flow to see the whole range from quiet to busy.
- The parts are measured one by one in a process of their own, with the payloads of one real lead and at the
  rate of half load. The remainder is what they leave: tasks, scopes, outlets, planning, the feed.
- *Accept to first byte* is read from the journal: from the lead's receipt until its request leaves, for each
  of its three deliveries. What lies in between is mapping them and at least one commit to disk.
"""
LIMITS = """\
## What it does not say

- Nothing about networks: recipients, load and server share loopback and the same cores, so whatever else runs
  slows the server down. No TLS on either side, no authentication, no collector for spans.
- Nothing about other disks. At low rates a commit is the larger part of the latency.
- Recipients here never fail. Retries, timeouts and full queues have tests, not figures.
- One run on one machine. Ratios within it say more than its absolute figures.
"""
COSTS = (
    "three destinations",
    "leads/s",
    "in flight",
    "CPU µs per lead",
    "of it kernel",
    "per delivery",
    "recipients busy",
    "load busy",
    "load late, p99",
)
PARTS = (  # what it is, and the target of the design in µs per lead
    ("grpc", "gRPC: one call in, 11 events out", "180–300"),
    ("convert", "request to lead, facts to events", "in the line above"),
    ("map", "map ×3, encode ×3, read the answers ×3", "30"),
    ("http", "HTTP ×3", "100–250"),
    ("journal", "journal: 11 facts", "80–150"),
)


def report(findings: Findings, *, is_quick: bool = False) -> str:
    """The whole document."""
    sections = [
        *([INTRO, QUICK] if is_quick else [INTRO]),
        _machine(findings),
        _aims(findings),
        _costs(findings),
        pauses_section(findings.pauses),
        _parts(findings),
        http_section(findings.http),
        mapping_section(findings.mapping),
        _latency(findings),
        _memory(findings),
        _ledger(findings),
        READING,
        LIMITS,
    ]
    return "\n".join(sections)


def _machine(findings: Findings) -> str:
    others = f"{findings.others_busy:.0%} of the machine's CPU time went to other work during the run"
    lines = [*findings.machine.items(), ("company", others), ("the run took", f"{findings.took:.0f} s")]
    return "## The machine\n\n" + _table(("", ""), lines)


def _aims(findings: Findings) -> str:
    dearest = max(findings.costs, key=lambda cost: cost.whole)
    aims = (
        (
            f"≤ {LEAD_CPU:,} µs of CPU per lead, at half load",
            findings.half_load.whole,
            LEAD_CPU,
            "{:,.0f} µs",
        ),
        (f"≤ {LEAD_CPU:,} µs of CPU per lead, at the dearest load", dearest.whole, LEAD_CPU, "{:,.0f} µs"),
        ("from 10 to 300 in flight at one rate: ≤ 1.5 ×", findings.same_rate, FLATNESS, "{:.2f} ×"),
        ("from 10 to 300 in flight by the rate: ≤ 1.5 ×", findings.same_flow, FLATNESS, "{:.2f} ×"),
        (
            f"accept to first byte ≤ {FIRST_BYTE} ms (p99, half load)",
            findings.to_first_byte.p99,
            FIRST_BYTE,
            "{:.1f} ms",
        ),
        (
            f"≤ {MEMORY} MB with 2,000 leads in flight ({findings.memory.in_flight:,} reached)",
            findings.memory.crowded,
            MEMORY,
            "{:.0f} MB",
        ),
    )
    lines = [
        (what, form.format(value), "yes" if value <= aim else "**no**") for what, value, aim, form in aims
    ]
    return "## Aims\n\n" + _table(("aim", "measured", "met"), lines)


def _costs(findings: Findings) -> str:
    lines = [_cost(cost) for cost in (*findings.costs, findings.half_load)]
    words = (
        f"\nSaturated at {findings.saturation:.0f} leads/s, {findings.saturation * 3:.0f} deliveries/s "
        f"({ABOUT[MIXED]}; more leads in flight all the time than it can carry). "
        "The last line is half of that.\n"
    )
    return "## CPU of the server per lead\n\n" + _table(COSTS, lines) + words


def _cost(cost: Cost) -> Sequence[str]:
    return (
        ABOUT[cost.cell.flow],
        f"{cost.cell.rate:g}",
        f"{cost.outcome.in_flight}",
        f"{cost.whole:,.0f}",
        f"{cost.kernel:,.0f}",
        f"{cost.whole / 3:,.0f}",
        f"{cost.recipients_busy:.0%}",
        f"{cost.outcome.busy:.0%}",
        f"{cost.outcome.late.p99:.1f} ms",
    )


def _parts(findings: Findings) -> str:
    whole = findings.half_load.whole
    rest = whole - sum(findings.parts[name] for name, _, _ in PARTS)
    lines = [(what, *_shares(findings.parts[name]), target) for name, what, target in PARTS]
    lines += [
        ("remainder: tasks, scopes, outlets, planning, feed", *_shares(rest), "60–100"),
        ("**whole, at half load**", *_shares(whole), "450–830"),
        ("beside it, where a collector is named: spans", *_shares(findings.parts["spans"]), "40–85"),
    ]
    return "## Where it goes\n\n" + _table(("part", "µs per lead", "per delivery", "target per lead"), lines)


def _shares(value: float) -> tuple[str, str]:
    return f"{value:,.0f}", f"{value / 3:,.0f}"


def _latency(findings: Findings) -> str:
    outcome = findings.half_load.outcome
    lines = [
        ("scheduled send to `accepted`, as the caller sees it", *_quantiles(outcome.to_accepted)),
        (
            "scheduled send to `lead_settled` (the slowest recipient takes 500)",
            *_quantiles(outcome.to_settled),
        ),
        ("accept to first byte out, by the journal", *_quantiles(findings.to_first_byte)),
    ]
    title = f"## Latency at half load ({findings.half_load.cell.rate:g} leads/s)\n\n"
    return title + _table(("ms", "p50", "p95", "p99", "worst"), lines)


def _quantiles(found: Spread) -> tuple[str, ...]:
    return tuple(f"{value:.1f}" for value in (found.p50, found.p95, found.p99, found.worst))


def _memory(findings: Findings) -> str:
    memory = findings.memory
    each = (memory.crowded - memory.idle) / memory.in_flight * 1000
    calls = findings.calls
    call = (calls.crowded - calls.idle) / calls.in_flight * 1000
    lines = [
        ("after a warm-up", "0", f"{memory.idle:.0f}"),
        ("at most", f"{memory.in_flight:,}", f"{memory.crowded:.0f}"),
    ]
    words = (
        f"\nThat is {each:.0f} KB for each lead that waits at three destinations. {call:.0f} KB of it\n"
        "belong to gRPC's core: so much takes an open call of a server that has its answers ready\n"
        f"and does nothing else. It grew from {calls.idle:.0f} to {calls.crowded:.0f} MB with "
        f"{calls.in_flight:,} of them.\n"
    )
    return "## Memory of the server\n\n" + _table(("", "leads in flight", "MB resident"), lines) + words


def _ledger(findings: Findings) -> str:
    names = ("accepted", "settled", "parked", "pending", "deliveries", "facts")
    lines = [
        (f"server {number}", *(f"{getattr(audit, name):,}" for name in names))
        for number, audit in enumerate(findings.audits, start=1)
    ]
    words = (
        "\nIt closes: what callers saw accepted and settled is what the journal has, every answered\n"
        "attempt is one request that a recipient took, and nothing was sold twice. A run whose ledger does\n"
        "not close is void.\n"
    )
    return "## Ledger\n\n" + _table(("", *names), lines) + words


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)

"""Trace context is read strictly and span ids are known beforehand (behaviour 1 and 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core import trace
from leadrelay.core.lead import Lead, TraceContext, uuid7

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
LEAD_ID = uuid7(1_700_000_000_000, b"0123456789")


def a_lead(**context: object) -> Lead:
    return Lead(
        id=LEAD_ID,
        flow="loans",
        fields={},
        received_at=0,
        trace=TraceContext(**{"trace_id": TRACE, "parent_id": PARENT} | context),  # type: ignore[arg-type]
        catalog_version=1,
    )


def test_a_well_formed_traceparent_names_the_callers_span() -> None:
    assert trace.parse(f"00-{TRACE}-{PARENT}-01") == TraceContext(
        trace_id=TRACE, parent_id=PARENT, sampled=True
    )


def test_only_the_lowest_flag_says_sampled() -> None:
    sampled = {
        flags: trace.parse(f"00-{TRACE}-{PARENT}-{flags}") for flags in ("00", "01", "02", "09", "fe", "ff")
    }
    assert {flags: found is not None and found.sampled for flags, found in sampled.items()} == {
        "00": False,
        "01": True,
        "02": False,
        "09": True,
        "fe": False,
        "ff": True,
    }


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"00-{TRACE}-{PARENT}",  # no flags
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-011",
        f"00-{TRACE}-{PARENT}-01-more",  # version 00 ends here
        f"00-{TRACE}-{PARENT}-01-",
        f"00-{TRACE}-{PARENT}-01\n",
        f" 00-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT.upper()}-01",
        f"00-{TRACE}-{PARENT}-0A",
        f"0A-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}0-{PARENT}-01",
        f"00_{TRACE}_{PARENT}_01",
        f"ff-{TRACE}-{PARENT}-01",
        f"cc-{TRACE}-{PARENT}-01.more",  # more must begin with a dash
        f"00-{'g' * 32}-{PARENT}-01",
        f"00-{'١' * 32}-{PARENT}-01",  # digits, but not ASCII ones
    ],
)
def test_a_traceparent_that_breaks_a_rule_is_no_context(header: str) -> None:
    assert trace.parse(header, "congo=1") is None


@pytest.mark.parametrize("header", [f"cc-{TRACE}-{PARENT}-01", f"01-{TRACE}-{PARENT}-01-what-comes-next"])
def test_a_version_to_come_is_read_as_far_as_it_is_known(header: str) -> None:
    found = trace.parse(header)
    assert found is not None
    assert (found.trace_id, found.parent_id, found.sampled) == (TRACE, PARENT, True)


@pytest.mark.parametrize(
    ("given_state", "kept"),
    [
        ("", ""),
        ("congo=t61rcWkgMzE", "congo=t61rcWkgMzE"),
        ("rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        ("rojo=1,,  ,congo=2,", "rojo=1,congo=2"),  # empty members are allowed
        ("tenant@vendor=1,0a/b*c_d-e=x y", "tenant@vendor=1,0a/b*c_d-e=x y"),
        ("a= b", "a= b"),  # leading blanks belong to the value
        ("a=" + "x" * 256, "a=" + "x" * 256),
    ],
)
def test_tracestate_is_carried_along_in_order(given_state: str, kept: str) -> None:
    found = trace.parse(f"00-{TRACE}-{PARENT}-01", given_state)
    assert found is not None
    assert found.state == kept


@pytest.mark.parametrize(
    "state",
    [
        "congo",
        "congo=",
        "=1",
        "Congo=1",
        "_congo=1",
        "congo=a=b",
        "congo=ä",
        "congo=a\tb",
        "congo=a\nb",
        "congo=1,congo=2",
        "a=" + "x" * 257,
        "a" * 257 + "=1",
        ",".join(f"k{n}=v" for n in range(33)),
    ],
)
def test_a_broken_tracestate_is_left_out_and_the_traceparent_still_counts(state: str) -> None:
    found = trace.parse(f"00-{TRACE}-{PARENT}-01", state)
    assert found == TraceContext(trace_id=TRACE, parent_id=PARENT)


def test_a_long_tracestate_loses_whole_members_the_longest_first() -> None:
    long, short = "long=" + "x" * 200, [f"k{n}=" + "v" * 60 for n in range(9)]
    kept = trace.parse_tracestate(",".join([long, *short]))
    assert kept == ",".join(short[:8])
    assert len(kept) <= trace.MAX_STATE


@given(st.text(alphabet=st.sampled_from("az09_=, \t*@"), max_size=80))
def test_what_is_carried_along_reads_as_itself(state: str) -> None:
    kept = trace.parse_tracestate(state)
    assert trace.parse_tracestate(kept) == kept


def test_the_trace_of_a_lead_is_its_own_id() -> None:
    assert trace.trace_id_of(LEAD_ID) == LEAD_ID.replace("-", "")


def test_ids_differ_by_lead_delivery_and_attempt_and_never_change() -> None:
    ids = [
        trace.lead_span_id(LEAD_ID),
        trace.lead_span_id(uuid7(1_700_000_000_000, b"9876543210")),
        trace.delivery_span_id(LEAD_ID, "crm"),
        trace.delivery_span_id(LEAD_ID, "crm#2"),
        trace.attempt_span_id(LEAD_ID, "crm", 1),
        trace.attempt_span_id(LEAD_ID, "crm", 2),
        trace.attempt_span_id(LEAD_ID, "crm#2", 1),
    ]
    assert len(set(ids)) == len(ids)
    assert all(len(span_id) == 8 and any(span_id) for span_id in ids)
    # Written down: spans exported by one version must join those of the next.
    assert trace.attempt_span_id(LEAD_ID, "crm", 1).hex() == "08d427fceba98445"


def test_a_recipient_is_told_of_the_attempt_that_is_drawn_later() -> None:
    sent = trace.parse(trace.traceparent_for_attempt(a_lead(), "crm", 2))
    assert sent == TraceContext(trace_id=TRACE, parent_id=trace.attempt_span_id(LEAD_ID, "crm", 2).hex())


def test_a_recipient_is_told_when_the_caller_did_not_sample() -> None:
    assert trace.traceparent_for_attempt(a_lead(sampled=False), "crm", 1).endswith("-00")

"""The record follows the journal and loses nothing (behaviour 10, design 2.5)."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from grpc import StatusCode
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from trio.testing import MockClock, wait_all_tasks_blocked

from leadrelay.core import trace
from leadrelay.core.facts import Entry
from leadrelay.core.lead import TraceContext, uuid7
from leadrelay.core.retry import Backoff
from leadrelay.telemetry.answers import Answer, NotNow, Refused, Taken
from leadrelay.telemetry.drawer import CURSOR, MAX_ASKED, PAGE, Drawer
from leadrelay.telemetry.exporter import Exporter, exporter_for
from leadrelay.telemetry.otlp_settings import otlp_settings
from leadrelay.telemetry.resource import our_resource
from leadrelay.telemetry.sheet import MAX_BYTES, MAX_SPANS
from telemetry.collectors import Collector, GrpcAnswer, HttpAnswer, grpc_collector, http_collector, partly
from telemetry.drawn import spans_in
from telemetry.memory_record import MemoryRecord
from telemetry.story import ACCEPTED, REQUEST, Story, sold
from values import LEAD_ID

GRACE = 5.0


class Scripted:
    """An exporter that answers by a script, and takes everything once that is used up."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.batches: list[ExportTraceServiceRequest] = []
        self.sizes: list[int] = []
        self.called_at: list[float] = []
        self.is_closed = False

    @property
    def taken(self) -> list[str]:
        return [span.name for batch in self.batches for span in spans_in(batch)]

    async def export(self, request: bytes) -> Answer:
        await trio.lowlevel.checkpoint()
        self.called_at.append(trio.current_time())
        answer = self.answers.pop(0) if self.answers else Taken()
        if isinstance(answer, Taken):
            self.batches.append(ExportTraceServiceRequest.FromString(request))
            self.sizes.append(len(request))
        return answer

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()
        self.is_closed = True


@asynccontextmanager
async def drawing(
    record: MemoryRecord, exporter: Exporter, *, linger: float = 1.0, backoff: Backoff | None = None
) -> AsyncIterator[Drawer]:
    """A running drawer that is closed in the end, as a server closes it."""
    drawer = Drawer(
        record,
        exporter,
        our_resource(),
        linger=linger,
        backoff=backoff or Backoff(first_delay=1.0, max_delay=30.0),
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(drawer.run)
        yield drawer
        drawer.close(GRACE)


def many(leads: int) -> list[Entry]:
    return [entry for number in range(leads) for entry in sold(lead_id(number)).entries]


def lead_id(number: int) -> str:
    return uuid7(1_764_000_000_000, number.to_bytes(10, "big"))


async def test_facts_are_drawn_as_they_come_and_the_cursor_follows(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(), Scripted()
    story = sold()
    async with drawing(record, exporter):
        record.commit(story.entries[:4])
        await trio.sleep(2)
        assert exporter.taken == ["POST crm", "deliver crm"]
        assert record.cursors == {CURSOR: 4}
        record.commit(story.entries[4:])
        await trio.sleep(2)
        assert exporter.taken == ["POST crm", "deliver crm", "POST buyer", "deliver buyer", "lead loans"]
        assert record.cursors == {CURSOR: 8}
    assert exporter.is_closed


async def test_facts_of_one_moment_share_a_batch(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(), Scripted()
    async with drawing(record, exporter):
        for entry in sold().entries:
            record.commit([entry])
            await trio.sleep(0.1)
        await trio.sleep(2)
    assert len(exporter.batches) == 1
    assert record.moves == [8]


async def test_it_waits_longer_after_each_refusal_and_sends_the_same(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(*sold().entries), Scripted(*[NotNow("away")] * 7)
    async with drawing(record, exporter):
        await trio.sleep(200)
    waits = [
        after - before for before, after in zip(exporter.called_at, exporter.called_at[1:], strict=False)
    ]
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert len(exporter.taken) == 5


async def test_the_pauses_are_spread_by_chance(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(*sold().entries), Scripted(NotNow("away"), NotNow("away"))
    drawer = Drawer(record, exporter, our_resource(), chance=lambda: 0.5)
    async with trio.open_nursery() as nursery:
        await nursery.start(drawer.run)
        await trio.sleep(20)
        drawer.close(GRACE)
    assert exporter.called_at == [1, 1.5, 2.5]


@pytest.mark.parametrize(("asked", "waited"), [(0.1, 1), (20, 20), (100_000, MAX_ASKED)])
async def test_a_collector_may_ask_for_a_longer_pause(
    autojump_clock: MockClock, asked: float, waited: float
) -> None:
    record, exporter = MemoryRecord(*sold().entries), Scripted(NotNow("full", after=asked))
    async with drawing(record, exporter):
        await trio.sleep(1000)
    assert exporter.called_at == [1, 1 + waited]


async def test_a_collector_that_is_away_for_an_hour_loses_nothing(autojump_clock: MockClock) -> None:
    """And meanwhile the journal alone holds what is yet to be drawn."""
    record, exporter = MemoryRecord(), Scripted(*[NotNow("away")] * 130)
    async with drawing(record, exporter):
        for number in range(360):
            record.commit(sold(lead_id(number)).entries)
            await trio.sleep(10)
        assert exporter.batches == []
        await trio.sleep(600)
    assert len(exporter.taken) == 360 * 5
    ids = [span.span_id for batch in exporter.batches for span in spans_in(batch)]
    assert len(set(ids)) == len(ids)
    assert record.cursors[CURSOR] == record.last
    assert record.largest_page <= PAGE


async def test_a_batch_that_is_refused_for_good_does_not_block_the_rest(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    record, exporter = MemoryRecord(*sold(lead_id(1)).entries), Scripted(Refused("HTTP 400"))
    async with drawing(record, exporter) as drawer:
        await trio.sleep(2)
        record.commit(sold(lead_id(2)).entries)
        await trio.sleep(2)
    assert [span.trace_id.hex() for span in spans_in(exporter.batches[0])] == [
        trace.trace_id_of(lead_id(2))
    ] * 5
    assert (drawer.tally.refused, drawer.tally.taken) == (5, 5)
    assert caplog.messages == ["the collector refused 5 spans for good: HTTP 400; the journal has them"]


async def test_spans_that_a_collector_rejects_are_counted_and_not_sent_again(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    record, exporter = MemoryRecord(*sold().entries), Scripted(Taken(rejected=2, words="too old"))
    async with drawing(record, exporter) as drawer:
        await trio.sleep(5)
    assert len(exporter.batches) == 1
    assert (drawer.tally.taken, drawer.tally.rejected) == (3, 2)
    assert caplog.messages == ["the collector rejected 2 of 5 spans: too old"]


async def test_an_outage_is_two_lines_in_the_log(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    record, exporter = MemoryRecord(*sold().entries), Scripted(*[NotNow("HTTP 503")] * 9)
    async with drawing(record, exporter):
        await trio.sleep(1000)
    assert caplog.messages == [
        "spans wait in the journal until the collector takes them: HTTP 503",
        "the collector answers again",
    ]


async def test_batches_are_bounded_by_number(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(*many(1000)), Scripted()
    async with drawing(record, exporter):
        await trio.sleep(2)
    assert len(exporter.taken) == 5000
    assert max(len(spans_in(batch)) for batch in exporter.batches) <= MAX_SPANS
    assert record.cursors[CURSOR] == record.last


async def test_batches_are_bounded_by_size(autojump_clock: MockClock) -> None:
    story = Story()
    large = "b" * 4096
    for number in range(400):
        story.starts(f"d{number}", 0, request=type(REQUEST)(method="POST", url="http://b/", body=large))
        story.ends(f"d{number}", 1, ACCEPTED, sent=0)
    record, exporter = MemoryRecord(*story.entries), Scripted()
    async with drawing(record, exporter):
        await trio.sleep(2)
    assert len(exporter.taken) == 400
    assert max(exporter.sizes) < MAX_BYTES + 8192


async def test_a_restart_goes_on_where_the_collector_had_everything(autojump_clock: MockClock) -> None:
    story = sold()
    record, before, after = MemoryRecord(*story.entries[:5]), Scripted(), Scripted()
    async with drawing(record, before):
        await trio.sleep(2)
    record.commit(story.entries[5:])
    async with drawing(record, after):
        await trio.sleep(2)
    assert before.taken == ["POST crm", "deliver crm"]
    assert after.taken == ["POST buyer", "deliver buyer", "lead loans"]
    assert record.read_leads == [LEAD_ID]  # once, for what lies before the cursor


async def test_a_crash_between_export_and_cursor_sends_the_same_spans_again(
    autojump_clock: MockClock,
) -> None:
    class Forgetful(MemoryRecord):
        async def move_cursor(self, name: str, seq: int, /) -> None:
            await trio.sleep_forever()

    story = sold()
    before, after = Scripted(), Scripted()
    crashed = Drawer(Forgetful(*story.entries), before, our_resource())
    with trio.move_on_after(10):
        await crashed.run()
    async with drawing(MemoryRecord(*story.entries), after):
        await trio.sleep(2)
    assert after.batches == before.batches


async def test_leads_that_are_not_sampled_move_the_cursor_and_nothing_else(autojump_clock: MockClock) -> None:
    context = TraceContext(trace_id="ab" * 16, parent_id="cd" * 8, sampled=False)
    record, exporter = MemoryRecord(*sold(trace=context).entries), Scripted()
    async with drawing(record, exporter):
        await trio.sleep(2)
    assert exporter.called_at == []
    assert record.cursors == {CURSOR: 8}


async def test_closing_sends_what_is_recorded_without_waiting_for_company(autojump_clock: MockClock) -> None:
    record, exporter = MemoryRecord(), Scripted()
    async with drawing(record, exporter, linger=60):
        record.commit(sold().entries)
        await wait_all_tasks_blocked()
    assert len(exporter.taken) == 5
    assert trio.current_time() == 0
    assert record.cursors == {CURSOR: 8}


async def test_what_is_recorded_while_it_takes_its_last_look_is_drawn_too(
    autojump_clock: MockClock,
) -> None:
    class LateRecord(MemoryRecord):
        drawer: Drawer

        async def rows_since(self, seq: int, limit: int, /) -> list[tuple[int, Entry]]:
            rows = await super().rows_since(seq, limit)
            if seq and not rows and self.last == 8:
                self.commit(sold(lead_id(2)).entries)
                self.drawer.close(GRACE)
            return rows

    record, exporter = LateRecord(*sold(lead_id(1)).entries), Scripted()
    record.drawer = Drawer(record, exporter, our_resource())
    await record.drawer.run()
    assert len(exporter.taken) == 10


async def test_closing_waits_no_longer_than_its_grace_and_the_next_start_sends_the_rest(
    autojump_clock: MockClock,
) -> None:
    record, away, back = MemoryRecord(*sold().entries), Scripted(*[NotNow("away")] * 100), Scripted()
    async with drawing(record, away):
        await trio.sleep(100)
        closed_at = trio.current_time()
    assert trio.current_time() == closed_at + GRACE
    assert away.is_closed
    assert record.cursors == {}
    async with drawing(record, back):
        await trio.sleep(2)
    assert len(back.taken) == 5


async def test_a_journal_that_cannot_be_read_for_a_while_is_waited_for(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    record, exporter = MemoryRecord(*sold().entries), Scripted()
    record.fails = 3
    async with drawing(record, exporter):
        await trio.sleep(60)
    assert len(exporter.taken) == 5
    assert caplog.messages == ["spans wait, because the journal cannot be read: the disk is away"] * 3


async def test_drawing_a_long_backlog_lets_others_have_their_turn() -> None:
    record, exporter, turns = MemoryRecord(*many(200)), Scripted(), 0
    async with drawing(record, exporter, linger=0):
        while len(exporter.taken) < 1000:
            await trio.lowlevel.checkpoint()
            turns += 1
    assert turns > record.last / 100


# Against real receivers.

SOON = Backoff(first_delay=0.02, max_delay=0.05)


def exporter_to(collector: Collector, protocol: str) -> Exporter:
    settings = otlp_settings(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        }
    )
    assert settings is not None
    return exporter_for(settings)


async def until_drawn(record: MemoryRecord) -> None:
    with trio.fail_after(20):
        await record.until_read(CURSOR)


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
async def test_a_real_collector_that_comes_back_gets_everything_once(protocol: str) -> None:
    serve = grpc_collector if protocol == "grpc" else http_collector
    with serve() as gone:
        pass
    record = MemoryRecord()
    async with drawing(record, exporter_to(gone, protocol), linger=0.01, backoff=SOON):
        for number in range(50):
            record.commit(sold(lead_id(number)).entries)
            await trio.sleep(0.002)
        assert record.cursors == {}
        with serve(port=gone.port) as back:
            await until_drawn(record)
    assert len(back.span_ids) == len(set(back.span_ids)) == 250


async def test_a_real_collector_may_be_full_refuse_and_reject() -> None:
    answers = (HttpAnswer(429), HttpAnswer(400), HttpAnswer(body=partly(1, "clock skew")))
    with http_collector(*answers) as collector:
        record = MemoryRecord()
        exporter = exporter_to(collector, "http/protobuf")
        async with drawing(record, exporter, linger=0.01, backoff=SOON) as drawer:
            for number in range(3):
                record.commit(sold(lead_id(number)).entries)
                await until_drawn(record)
    first, again, second, third = (received.request for received in collector.received)
    assert first == again
    assert len({request.SerializeToString() for request in (first, second, third)}) == 3
    assert (drawer.tally.refused, drawer.tally.rejected, drawer.tally.taken) == (5, 1, 9)


async def test_a_real_grpc_collector_that_refuses_for_good_does_not_block_the_rest() -> None:
    with grpc_collector(GrpcAnswer(StatusCode.INVALID_ARGUMENT, "bad span")) as collector:
        record = MemoryRecord(*sold(lead_id(1)).entries)
        exporter = exporter_to(collector, "grpc")
        async with drawing(record, exporter, linger=0.01, backoff=SOON) as drawer:
            await until_drawn(record)
            record.commit(sold(lead_id(2)).entries)
            await until_drawn(record)
    assert (drawer.tally.refused, drawer.tally.taken) == (5, 5)

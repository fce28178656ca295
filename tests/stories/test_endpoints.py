"""Backup endpoints of the whole server, over real sockets (behaviour 4.6)."""

from pathlib import Path

import pytest

from leadrelay_client import Settlement
from leadrelay_client.v1.event_pb2 import AttemptEnded
from leadrelay_client.v1.outcome_pb2 import (
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_SYSTEM_ERROR,
    REASON_CODE_CONNECT,
    RESULT_UNRESOLVED,
)
from recipients_raw import deaf_port
from servers import (
    ACCEPTS,
    HANGS_UP,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    command,
    deliver,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)


def endpoints(*ports: int) -> dict[str, object]:
    backups = [{"name": f"b{port}", "url": f"http://127.0.0.1:{port}/backup"} for port in ports]
    return {"endpoints": {"backups": backups}}


def attempts(settlement: Settlement) -> list[AttemptEnded]:
    return [event.attempt_ended for event in settlement.events if event.HasField("attempt_ended")]


async def test_the_record_says_who_answered_and_who_was_passed_over(tmp_path: Path) -> None:
    with deaf_port() as deaf:
        async with recipients(backup=ACCEPTS) as served:
            port = served["backup"].port
            catalog = a_catalog(
                tmp_path, a_destination("crm", deaf, **endpoints(port)), a_flow("loans", {"deliver": "crm"})
            )
            async with a_server(tmp_path, catalog) as address:
                settlement = await deliver(address, "loans")
                drawn = await in_thread(lambda: command("trace", settlement.lead_id, "--server", address))
    assert settlement.deliveries["crm"].outcome.kind == OUTCOME_KIND_SUCCESS
    (attempt,) = attempts(settlement)
    assert attempt.endpoint == f"b{port}"
    assert [words.partition(":")[0] for words in attempt.passed_over] == ["primary"]
    assert served["backup"].requests[0].path == "/backup"
    assert f"by b{port}" in drawn.stdout


async def test_a_breakdown_of_all_is_one_attempt_that_did_not_arrive(tmp_path: Path) -> None:
    with deaf_port() as one, deaf_port() as two:
        catalog = a_catalog(
            tmp_path, a_destination("crm", one, **endpoints(two)), a_flow("loans", {"deliver": "crm"})
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    (attempt,) = attempts(settlement)
    outcome = settlement.deliveries["crm"].outcome
    assert (outcome.kind, outcome.code) == (OUTCOME_KIND_SYSTEM_ERROR, REASON_CODE_CONNECT)
    assert "primary: " in outcome.words
    assert f"b{two}: " in outcome.words
    assert attempt.endpoint == f"b{two}"


async def test_a_doubt_and_a_breakdown_that_is_told_stay_with_the_primary(tmp_path: Path) -> None:
    async with recipients(doubt=HANGS_UP, ill=says({}, 503), backup=ACCEPTS) as served:
        more = endpoints(served["backup"].port)
        catalog = a_catalog(
            tmp_path,
            a_destination("doubt", served["doubt"].port, **more),
            a_destination("ill", served["ill"].port, **more),
            a_flow("doubt", {"deliver": "doubt"}),
            a_flow("ill", {"deliver": "ill"}),
        )
        async with a_server(tmp_path, catalog) as address:
            in_doubt, ill = await deliver(address, "doubt"), await deliver(address, "ill")
        assert served["backup"].requests == []
    assert in_doubt.result == RESULT_UNRESOLVED
    assert [attempt.endpoint for attempt in attempts(in_doubt) + attempts(ill)] == ["primary", "primary"]

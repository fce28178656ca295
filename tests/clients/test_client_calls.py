"""The calls that answer once, and `tail`: what is asked for arrives, and the answer comes back."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clients.faces import Face
from clients.small_relay import SmallRelay
from leadrelay_client import Client, Unavailable, lead_of
from leadrelay_client.v1.analytics_service_pb2 import Dimension
from leadrelay_client.v1.event_pb2 import ReplyRecord
from leadrelay_client.v1.outcome_pb2 import OutcomeKind, Result

LEAD = {"email": "ann@example.com"}


def test_a_lead_is_found_by_either_id(relay: SmallRelay, face: Face) -> None:
    face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, request_id="r-1"))
    by_lead = face.ask(relay.target, lambda client: client.get(lead_id="lead-1"))
    by_request = face.ask(relay.target, lambda client: client.get(request_id="r-1"))
    assert by_lead == by_request
    assert by_lead.last_event == 5


@pytest.mark.parametrize("key", [{}, {"lead_id": "lead-1", "request_id": "r-1"}])
def test_asking_for_a_lead_takes_exactly_one_id(relay: SmallRelay, face: Face, key: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either lead_id or request_id"):
        face.ask(relay.target, lambda client: client.get(**key))


def test_cancelling_says_which_lead_and_why(relay: SmallRelay, face: Face) -> None:
    status = face.ask(relay.target, lambda client: client.cancel("lead-1", "the consumer called"))
    assert (status.lead_id, status.reason) == ("lead-1", "the consumer called")


def test_resolving_says_what_became_of_a_delivery(relay: SmallRelay, face: Face) -> None:
    status = face.ask(
        relay.target,
        lambda client: client.resolve(
            "lead-1", "crm", "success", reason="Bob", price=Decimal("42.50"), currency="USD", reference="P-1"
        ),
    )
    request = relay.calls[-1][1]
    assert (status.lead_id, status.reason) == ("lead-1", "Bob")
    assert (request.delivery, request.outcome) == ("crm", OutcomeKind.OUTCOME_KIND_SUCCESS)
    assert (request.price.amount, request.price.currency, request.reference) == ("42.50", "USD", "P-1")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"outcome": "sold"}, ValueError),
        ({"outcome": "success", "price": 42.5}, TypeError),
        ({"outcome": "success", "currency": "USD"}, ValueError),
    ],
)
def test_a_resolution_that_cannot_be_meant_is_not_sent(
    relay: SmallRelay, face: Face, said: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        face.ask(relay.target, lambda client: client.resolve("lead-1", "crm", **said))
    assert relay.calls == []


def test_leads_are_listed_page_by_page(relay: SmallRelay, face: Face) -> None:
    found = face.collect(
        relay.target,
        lambda client: client.list_deliveries(flow="mortgage", result="error", outcome="timeout"),
    )
    assert [status.lead_id for status in found] == ["lead-2", "lead-1"]
    first, second = [request for method, request, _ in relay.calls if method == "ListDeliveries"]
    assert first.filter == second.filter
    assert (first.filter.flow, first.filter.result) == ("mortgage", Result.RESULT_ERROR)
    assert (first.filter.outcome, second.page_token) == (OutcomeKind.OUTCOME_KIND_TIMEOUT, "lead-2")


def test_a_result_that_nobody_knows_is_not_asked_for(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(ValueError, match="result"):
        face.collect(relay.target, lambda client: client.list_deliveries(result="sold"))


def test_a_condition_that_there_is_none_of_chooses_no_leads(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(TypeError, match=r"not chosen by outcom; it has to be .*outcome"):
        face.collect(relay.target, lambda client: client.redeliver(flow="loans", outcom="timeout"))
    with pytest.raises(TypeError, match="not chosen by state"):
        face.collect(relay.target, lambda client: client.list_deliveries(state="CA"))


def test_leads_are_sent_again_with_what_is_changed(relay: SmallRelay, face: Face) -> None:
    since = datetime(2024, 2, 29, tzinfo=UTC)
    answers = face.collect(
        relay.target,
        lambda client: client.redeliver(
            lead_ids=["a", "b"], since=since, to_flow="slow", edits={"x": "y"}, sold_too=True, request_id="r"
        ),
    )
    assert [answer.new_lead_id for answer in answers] == ["a-again", "b-again"]
    request = relay.calls[-1][1]
    assert (request.flow, dict(request.edits), request.sold_too) == ("slow", {"x": "y"}, True)
    assert (request.request_id, request.dry_run) == ("r", False)
    assert request.filter.since.ToDatetime(UTC) == since


def test_catalogs_are_listed_and_entries_deleted(relay: SmallRelay, face: Face) -> None:
    versions = face.ask(relay.target, lambda client: client.list_catalogs())
    assert [each.version for each in versions] == [2, 1]
    assert face.ask(relay.target, lambda client: client.delete_from_catalog(flows=["slow"])) == 7
    assert list(relay.calls[-1][1].flows) == ["slow"]


def test_a_catalog_is_applied_from_files_and_folders(relay: SmallRelay, face: Face, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "back").symlink_to(tmp_path)
    for name in ("b.yml", "a.yaml", "C.JSON", ".hidden.yaml", "notes.txt", "more/d.yaml"):
        (tmp_path / name).write_text(f"# {name}")
    face.ask(relay.target, lambda client: client.apply([tmp_path / "b.yml", str(tmp_path)], dry_run=True))
    request = relay.calls[-1][1]
    assert [file.text for file in request.files] == [
        "# b.yml",
        "# C.JSON",
        "# a.yaml",
        "# b.yml",
        "# more/d.yaml",
    ]
    assert request.dry_run


def test_a_catalog_is_applied_from_texts(relay: SmallRelay, face: Face) -> None:
    applied = face.ask(relay.target, lambda client: client.apply({"flows.yaml": "flows: []"}))
    assert applied.version == 2
    assert face.ask(relay.target, lambda client: client.get_catalog()).version == 2
    assert face.ask(relay.target, lambda client: client.get_catalog(1)).version == 1


@pytest.mark.parametrize("path", ["", "missing.yaml"])
def test_a_path_without_a_catalog_applies_nothing(
    relay: SmallRelay, face: Face, tmp_path: Path, path: str
) -> None:
    with pytest.raises(FileNotFoundError):
        face.ask(relay.target, lambda client: client.apply(tmp_path / path))
    assert relay.calls == []


def test_a_preview_shows_what_would_be_sent(relay: SmallRelay, face: Face) -> None:
    def preview(client: Client) -> object:
        return client.preview("crm", lead_of(LEAD), reply=ReplyRecord(body="thanks"), catalog={"a.yaml": "x"})

    shown = face.ask(relay.target, preview)
    assert [(value.to, value.value) for value in shown.values] == [("email", "ann@example.com")]
    assert shown.outcome.words == "thanks"
    assert not face.ask(relay.target, lambda client: client.preview("crm", LEAD)).HasField("outcome")


def test_a_summary_is_asked_for_by_dimension_and_window(relay: SmallRelay, face: Face) -> None:
    since = datetime(2024, 2, 29, tzinfo=UTC)
    [row] = face.ask(relay.target, lambda client: client.summarize("source", since=since))
    assert row.key == "crm"
    request = relay.calls[-1][1]
    assert request.by == Dimension.DIMENSION_SOURCE
    assert request.since.ToDatetime(UTC) == since
    assert not request.HasField("until")


def test_tail_tells_the_events_of_all_leads(relay: SmallRelay, face: Face) -> None:
    for _ in range(2):
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    events = face.collect(relay.target, lambda client: client.tail("mortgage"))
    assert [(event.lead_id, event.number) for event in events] == [
        (lead_id, number) for lead_id in ("lead-1", "lead-2") for number in range(1, 6)
    ]


def test_a_tail_that_drops_goes_on_after_the_last_place(relay: SmallRelay, face: Face) -> None:
    for _ in range(2):
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    relay.fates = [3]
    events = face.collect(relay.target, lambda client: client.tail(from_start=True))
    assert [event.number for event in events] == [1, 2, 3, 4, 5] * 2
    first, second = [request for method, request, _ in relay.calls if method == "Tail"]
    assert (first.from_start, second.from_start, second.after) == (True, False, 3)


def test_a_tail_that_cannot_be_taken_up_again_says_so(relay: SmallRelay, face: Face) -> None:
    face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    relay.fates = [3]
    with pytest.raises(Unavailable):
        face.collect(relay.target, lambda client: client.tail(from_start=True), resume_within=0)


@pytest.mark.parametrize("option", ["on_disconnect", "detail"])
def test_a_misspelt_choice_is_refused_with_those_there_are(
    relay: SmallRelay, face: Face, option: str
) -> None:
    with pytest.raises(ValueError, match=f"{option} is 'cancle'; it has to be one of"):
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, **{option: "cancle"}))
    assert relay.calls == []

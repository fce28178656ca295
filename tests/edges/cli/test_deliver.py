"""One lead in, its events out, and an exit code that says what became of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse

from edges.cli.commands import End, run, run_beside
from leadrelay.edges.cli.deliver import CODES, read_lead, tell
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.line import as_json_line
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.outcome_pb2 import RESULT_SUCCESS, RESULT_UNSPECIFIED, Result
from servers import (
    ACCEPTS,
    REJECTS,
    Recipient,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    recipients,
    says,
)
from values import LEAD_ID

pytestmark = pytest.mark.timeout(60)
Capsys = pytest.CaptureFixture[str]


def settled(result: int) -> Event:
    event = Event(number=2)
    event.lead_settled.result = result  # type: ignore[assignment]
    return event


def test_every_result_has_its_code() -> None:
    assert set(CODES) == set(Result.values()) - {RESULT_UNSPECIFIED}
    assert CODES[RESULT_SUCCESS] is Exit.OK


@pytest.mark.parametrize("result", [0, 99])
def test_a_result_that_this_version_does_not_know_is_never_a_success(result: int, capsys: Capsys) -> None:
    assert tell([settled(result)], as_json=False) is Exit.UNSEEN


def test_a_stream_that_ends_before_the_lead_has_settled_is_never_a_success(capsys: Capsys) -> None:
    """The flow answers early, and nobody knows yet how it ends (behaviour 4.3)."""
    assert tell([Event(number=1, lead_id=LEAD_ID)], as_json=False) is Exit.UNSEEN
    assert f"leadrelay trace {LEAD_ID}" in capsys.readouterr().err


def test_who_stops_listening_is_told_that_the_lead_goes_on(capsys: Capsys) -> None:
    def interrupted() -> Iterator[Event]:
        yield Event(number=1, lead_id=LEAD_ID)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(interrupted(), as_json=True)
    assert f"the lead goes on, see `leadrelay trace {LEAD_ID}`" in capsys.readouterr().err


def test_the_stream_is_read_to_its_own_end(capsys: Capsys) -> None:
    """A call that is cancelled while the program ends can keep it from ending."""
    events = iter([Event(number=1), settled(RESULT_SUCCESS), Event(number=3)])
    assert tell(events, as_json=True) is Exit.OK
    assert next(events, None) is None


def test_json_is_one_event_a_line_and_nothing_else(capsys: Capsys) -> None:
    event = Event(number=1, lead_id="x")
    event.delivery_ended.outcome.words = "two\nlines \x1b and “quotes”"
    tell([event, settled(RESULT_SUCCESS)], as_json=True)
    told = capsys.readouterr()
    first, second = told.out.splitlines()
    assert Parse(first, Event()) == event
    assert json.loads(second)["lead_settled"]["result"] == "RESULT_SUCCESS"
    assert told.err == ""
    assert as_json_line(event) == first


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: None, "cannot be read: No such file"),
        (lambda path: path.write_text(""), "is not JSON"),
        (lambda path: path.write_text("{"), "is not JSON"),
        (lambda path: path.write_text('{"a":1} 2'), "is not JSON"),
        (lambda path: path.write_text("[1]"), "one JSON object"),
        (lambda path: path.write_text('{"a":NaN}'), "is not JSON"),
        (lambda path: path.write_text('{"a":' + "9" * 10_000 + "}"), "is not JSON"),
        (lambda path: path.write_text('{"a":"\\ud800"}'), "not text in UTF-8"),
        (lambda path: path.write_bytes(b'{"a":"\xff"}'), "not text in UTF-8"),
        (lambda path: path.write_text('{"a":' * 200_000), "nested too deep"),
        (lambda path: path.write_bytes(b" " * 5_000_000), "longer than"),
    ],
)
def test_a_file_that_is_no_lead_is_told_in_a_sentence(
    make: Callable[[Path], object], words: str, tmp_path: Path, capsys: Capsys
) -> None:
    path = tmp_path / "lead.json"
    make(path)
    with pytest.raises(Stop) as stop:
        read_lead(str(path))
    told = capsys.readouterr()
    assert stop.value.code is Exit.USAGE
    assert words in told.err
    assert str(path) in told.err
    assert len(told.err) < 1000


def test_no_digit_of_a_number_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "lead.json"
    path.write_text('{"account": 12345678901234567890123, "amount": 52400.1, "yes": true, "none": null}')
    assert read_lead(str(path)) == {
        "account": 12345678901234567890123,
        "amount": 52400.1,
        "yes": True,
        "none": None,
    }


def test_a_file_with_a_byte_order_mark_is_a_lead(tmp_path: Path) -> None:
    path = tmp_path / "lead.json"
    path.write_bytes(b'\xef\xbb\xbf{"a":"\xc3\xa9"}')
    assert read_lead(str(path)) == {"a": "é"}


async def delivered(
    folder: Path, capsys: Capsys, lead: object, *more: str, recipient: Recipient | None = None
) -> End:
    """To a recipient that accepts, with a mapping that passes everything."""
    path = folder / "lead.json"
    path.write_text(json.dumps(lead))
    async with recipients(buyer=ACCEPTS) as served:
        buyer = a_destination("buyer", served["buyer"].port, pass_through="all", mapping=[])
        catalog = a_catalog(folder, buyer, a_flow("loans", {"deliver": "buyer"}))
        async with a_server(folder, catalog) as address:
            argv = ("deliver", "--server", address, "--flow", "loans", "--lead", str(path), *more)
            end = await run_beside(capsys, *argv)
        if recipient is not None:
            recipient.requests = served["buyer"].requests
    return end


async def test_numbers_booleans_nulls_and_nested_answers_arrive_as_they_are(
    tmp_path: Path, capsys: Capsys
) -> None:
    lead = {
        "first_name": "Žofie 😀",
        "loan_amount": 52400,
        "rate": 3.25,
        "homeowner": True,
        "middle_name": None,
        "cars": [{"year": 1999, "used": False, "note": None}],
    }
    seen = Recipient(ACCEPTS)
    end = await delivered(tmp_path, capsys, lead, recipient=seen)
    assert end.code == Exit.OK, end.err
    sent = json.loads(seen.requests[0].body)
    assert sent["first_name"] == "Žofie 😀"
    assert str(sent["loan_amount"]) == "52400"
    assert str(sent["rate"]) == "3.25"
    assert "middle_name" not in sent


async def test_a_lead_over_the_limit_is_told_the_limit(tmp_path: Path, capsys: Capsys) -> None:
    end = await delivered(tmp_path, capsys, {f"f{number}": "x" * 60_000 for number in range(20)})
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert "1048576" in end.err


async def test_results_go_to_standard_output_and_remarks_do_not(tmp_path: Path, capsys: Capsys) -> None:
    end = await delivered(tmp_path, capsys, {"email": "a@example.com"}, "--json", "--detail")
    assert end.err == ""
    kinds = [set(json.loads(line)) - {"lead_id", "number", "at"} for line in end.out.splitlines()]
    assert kinds[0] == {"accepted"}
    assert kinds[-1] == {"lead_settled"}


async def test_the_exit_code_is_the_result(tmp_path: Path, capsys: Capsys) -> None:
    """All of them with a real server; tests/stories has them with the real command."""
    (tmp_path / "lead.json").write_text('{"email": "a@example.com"}')
    async with recipients(yes=ACCEPTS, no=REJECTS, mute=says({}, after=60)) as served:
        quick = {"timeouts": {"response": "100ms"}}
        catalog = a_catalog(
            tmp_path,
            *[a_destination(name, served[name].port, **quick) for name in served],
            a_destination("down", 9),
            *[a_flow(name, {"deliver": name}) for name in ("yes", "no", "mute", "down")],
            a_flow("early", {"deliver": "mute"}, answer_within="50ms"),
        )
        async with a_server(tmp_path, catalog) as address:
            codes = {}
            for flow in ("yes", "no", "down", "mute", "early", "nowhere"):
                argv = ("deliver", "--server", address, "--flow", flow, "--lead", str(tmp_path / "lead.json"))
                codes[flow] = (await run_beside(capsys, *argv)).code
    assert codes == {
        "yes": Exit.OK,
        "no": Exit.FAILURE,
        "down": Exit.ERROR,
        "mute": Exit.UNRESOLVED,
        "early": Exit.UNSEEN,
        "nowhere": Exit.USAGE,
    }


def test_nobody_there_is_another_code(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "lead.json").write_text('{"email": "a@example.com"}')
    argv = ("deliver", "--server", "127.0.0.1:9", "--flow", "loans", "--lead", str(tmp_path / "lead.json"))
    end = run(capsys, *argv)
    assert (end.code, end.out) == (Exit.UNAVAILABLE, "")
    assert "127.0.0.1:9" in end.err


async def test_detail_is_told_below_each_event_and_masked(tmp_path: Path, capsys: Capsys) -> None:
    end = await delivered(tmp_path, capsys, {"email": "a@example.com"}, "--detail")
    lines = [line.strip() for line in end.out.splitlines()]
    assert any(line.startswith("> POST http://127.0.0.1") for line in lines)
    assert '> {"email":"a@example.com"}' in lines
    assert "< HTTP 200" in lines
    assert ">" not in (await delivered(tmp_path, capsys, {"email": "a@example.com"})).out

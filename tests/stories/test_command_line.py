"""The command line as its user meets it: output, exit codes, and sentences instead of tracebacks."""

import json
from functools import partial
from pathlib import Path

import pytest

from servers import (
    ACCEPTS,
    REJECTS,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)
LEAD = json.dumps({"first_name": "Ada", "email": "ada@example.com", "loan_amount": 52400})


async def test_deliver_tells_every_event_and_its_exit_code_is_the_result(tmp_path: Path) -> None:
    async with recipients(yes=ACCEPTS, no=REJECTS, mute=says({}, after=60)) as served:
        quick = {"timeouts": {"response": "200ms"}}
        catalog = a_catalog(
            tmp_path,
            *[a_destination(name, served[name].port, **quick) for name in served],
            a_destination("down", 9),
            *[a_flow(name, {"deliver": name}) for name in ("yes", "no", "mute", "down")],
        )
        async with a_server(tmp_path, catalog) as address:
            ends = {}
            for flow in ("yes", "no", "down", "mute"):
                arguments = ("deliver", "--server", address, "--flow", flow, "--lead", "-")
                ends[flow] = await in_thread(partial(command, *arguments, stdin=LEAD))
    assert {flow: end.returncode for flow, end in ends.items()} == {"yes": 0, "no": 1, "down": 3, "mute": 4}
    lines = ends["yes"].stdout.splitlines()
    assert lines[0].startswith("accepted")
    assert lines[-1].startswith("settled    success: accepted by yes")
    assert "12.50" in lines[-1]
    assert ends["yes"].stderr == ""


async def test_deliver_as_json_is_one_event_a_line(tmp_path: Path) -> None:
    async with recipients(yes=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("yes", served["yes"].port), a_flow("loans", {"deliver": "yes"})
        )
        async with a_server(tmp_path, catalog) as address:
            lead = tmp_path / "lead.json"
            lead.write_text(LEAD)
            arguments = ("--flow", "loans", "--lead", str(lead), "--json", "--detail")
            end = await in_thread(lambda: command("deliver", "--server", address, *arguments))
    events = [json.loads(line) for line in end.stdout.splitlines()]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["lead_settled"]["result"] == "RESULT_SUCCESS"
    (started,) = [event["attempt_started"] for event in events if "attempt_started" in event]
    assert json.loads(started["request"]["body"]) == {"email": "ada@example.com", "name": "Ada"}


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        ("{", "is not JSON"),
        ("[1]", "one JSON object"),
        ('{"email": "a"} x', "is not JSON"),
        ("", "is not JSON"),
        ("{}", "at least one field"),
    ],
)
async def test_a_lead_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, stdin: str, words: str
) -> None:
    catalog = a_catalog(tmp_path, a_destination("a", 9), a_flow("loans", {"deliver": "a"}))
    async with a_server(tmp_path, catalog) as address:
        arguments = ("deliver", "--server", address, "--flow", "loans", "--lead", "-")
        end = await in_thread(lambda: command(*arguments, stdin=stdin))
    assert end.returncode == 2
    assert words in end.stderr
    assert "Traceback" not in end.stderr


async def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    arguments = ("deliver", "--server", "127.0.0.1:9", "--flow", "loans", "--lead", "-")
    end = await in_thread(lambda: command(*arguments, stdin=LEAD))
    assert end.returncode == 5
    assert "127.0.0.1:9" in end.stderr
    assert "Traceback" not in end.stderr


async def test_apply_tells_every_problem_with_its_place_and_changes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "destinations:\n"
        "  - name: crm\n"
        "    rest: {url: crm.example/leads}\n"
        "    timeoutz: {connect: 5s}\n"
        "flows:\n"
        "  - name: loans\n"
        "    steps: [{deliver: crn}]\n"
    )
    async with a_server(tmp_path) as address:
        end = await in_thread(lambda: command("apply", "--server", address, "-f", str(bad)))
        again = await in_thread(
            lambda: command("deliver", "--server", address, "--flow", "loans", "--lead", "-", stdin=LEAD)
        )
    assert end.returncode == 2
    for place, word in ((f"{bad}:3", "http"), (f"{bad}:4", "timeouts"), (f"{bad}:7", "crm")):
        assert any(place in line and word in line for line in end.stderr.splitlines()), end.stderr
    assert again.returncode == 2, "the flow does not exist"


async def test_apply_says_what_changes_and_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, a_destination("crm", 9), a_flow("loans", {"deliver": "crm"}))
    async with a_server(tmp_path) as address:
        arguments = ("apply", "--server", address, "-f", str(catalog))
        dry = await in_thread(lambda: command(*arguments, "--dry-run"))
        wet = await in_thread(lambda: command(*arguments))
        same = await in_thread(lambda: command(*arguments))
    assert (
        dry.stdout.splitlines()
        == wet.stdout.splitlines()
        == [
            "added    destination crm",
            "added    flow loans",
            "added    egress 127.0.0.0/8",
        ]
    )
    assert "dry run" in dry.stderr
    assert "catalog 1 is in force" in wet.stderr
    assert same.stdout == ""
    assert "catalog 1 stays in force" in same.stderr


async def test_trace_draws_a_lead_from_a_server_and_from_its_folder(tmp_path: Path) -> None:
    async with recipients(first=REJECTS, second=ACCEPTS) as served:
        steps = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}]}}
        catalog = a_catalog(
            tmp_path,
            *[a_destination(name, served[name].port) for name in ("first", "second")],
            a_flow("loans", steps),
        )
        async with a_server(tmp_path, catalog) as address:
            arguments = ("--flow", "loans", "--lead", "-", "--json", "--request-id", "r-1")
            end = await in_thread(lambda: command("deliver", "--server", address, *arguments, stdin=LEAD))
            lead_id = json.loads(end.stdout.splitlines()[0])["lead_id"]
            asked = await in_thread(lambda: command("trace", "--server", address, lead_id))
            by_request = await in_thread(lambda: command("trace", "--server", address, "r-1"))
            beside = await in_thread(lambda: command("trace", "--data", str(tmp_path / "data"), lead_id))
        read = await in_thread(lambda: command("trace", "--data", str(tmp_path / "data"), "r-1"))
        unknown = await in_thread(lambda: command("trace", "--data", str(tmp_path / "data"), "r-2"))
        nowhere = await in_thread(lambda: command("trace", "--data", str(tmp_path / "nowhere"), "r-2"))
    for drawn in (asked, by_request, beside, read):
        assert drawn.returncode == 0, drawn.stderr
        for word in (lead_id, "first", "second", "Duplicate lead", "12.50", "success"):
            assert word in drawn.stdout
    assert (unknown.returncode, nowhere.returncode) == (1, 2)
    assert "Traceback" not in unknown.stderr + nowhere.stderr
    assert not (tmp_path / "nowhere").exists()


async def test_serve_refuses_what_cannot_work_in_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("destinations: [{name: a, rest: {url: 'ftp://x/'}}]")
    with a_process(tmp_path) as process:
        cases = {
            "another server": command("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"),
            process.address: command("serve", "--data", str(tmp_path / "2"), "--listen", process.address),
            "bad.yaml:1": command("serve", "--data", str(tmp_path / "3"), "--catalog", str(bad)),
            "nowhere": command("serve", "--data", str(tmp_path / "4"), "--catalog", "nowhere"),
            "secrets": command("serve", "--data", str(tmp_path / "5"), "--secrets", "nowhere"),
            "OTEL_EXPORTER_OTLP_PROTOCOL": command(
                *("serve", "--data", str(tmp_path / "6"), "--listen", "127.0.0.1:0"),
                environment={
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": "smoke",
                },
            ),
        }
    for word, end in cases.items():
        assert end.returncode == 2, (word, end.stderr)
        assert word in end.stderr
        assert "Traceback" not in end.stderr


def test_help_teaches() -> None:
    end = command("--help")
    assert end.returncode == 0
    for verb in ("serve", "deliver", "apply", "trace", "recipients"):
        assert verb in end.stdout
        assert command(verb, "--help").returncode == 0

"""`leadrelay preview` over one lead and over many: what is printed, and the exit code."""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from catalog_texts import of_destination
from leadrelay.edges.cli.program import main

KEYS = """
rest: {url: "https://b.example/leads"}
mapping:
- {to: email, value: "{{email}}", required: true}
- {to: phone, value: '{{format phone "(###) ###-####"}}'}
- {to: crm, value: "{{crm.id}}"}
reading: {reference: [id], reason: [message]}
"""
GOOD = {"email": "a@b.c", "phone": "5125550148"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "c.yaml").write_text(of_destination(KEYS))
    return tmp_path


def previewed(folder: Path, lead: Path | str, *arguments: str, destination: str = "crm") -> int:
    def never(_: object) -> int:
        raise AssertionError("no server is started")

    catalog = str(folder / "c.yaml")
    return main(["preview", destination, "--lead", str(lead), "--catalog", catalog, *arguments], never)


def a_lead(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def a_folder(folder: Path) -> Path:
    leads = folder / "leads"
    leads.mkdir()
    a_lead(leads, "good.json", GOOD)
    a_lead(leads, "odd.json", {**GOOD, "phone": "555"})
    a_lead(leads, "bad.json", {"phone": "5125550148"})
    a_lead(leads, "none.json", "[]")
    return leads


def test_one_lead_is_a_page_and_exit_zero(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert previewed(folder, a_lead(folder, "lead.json", GOOD)) == 0
    out, err = capsys.readouterr()
    assert out.startswith("POST https://b.example/leads\n")
    assert 'phone    "(512) 555-0148"' in out
    assert err == ""


def test_one_lead_with_problems_is_exit_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert previewed(folder, a_lead(folder, "lead.json", {"phone": "1"})) == 1
    assert capsys.readouterr().out.startswith("nothing would be sent\n")


def test_a_sample_reply_is_read_with_its_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lead = a_lead(folder, "lead.json", GOOD)
    reply = a_lead(folder, "reply.json", {"message": "Duplicate lead"})
    assert previewed(folder, lead, "--reply", str(reply), "--status", "422") == 0
    assert 'outcome  hard_reject (duplicate) "Duplicate lead"' in capsys.readouterr().out
    assert previewed(folder, lead, "--status", "503") == 0
    assert "outcome  soft_reject (unavailable)" in capsys.readouterr().out


def test_a_folder_is_a_line_for_each_lead_and_exit_one_if_any_has_problems(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert previewed(folder, a_folder(folder)) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "bad.json   problem  email: it is required, but email is missing",
        "good.json  ok",
        'none.json  problem  a lead is one JSON object of fields, such as {"email": "ada@example.com"}',
        "odd.json   warning  phone does not have the 10 digits of the mask (###) ###-####; sent as it is",
    ]
    assert err.splitlines() == [
        "4 lead(s): 1 ok, 1 with warnings, 2 with problems",
        "sent for none of them: crm",
        "sent for some of them: email (2)",
    ]


def test_a_table_of_leads_that_are_all_good_is_exit_zero(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = a_lead(folder, "t.csv", "email,phone\na@b.c,5125550148\nd@e.f,\n")
    reply = a_lead(folder, "r.json", {"id": "7"})
    assert previewed(folder, table, "--reply", str(reply)) == 0
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()] == [
        ["t.csv:2", "ok", "success", "ref", "7"],
        ["t.csv:3", "ok", "success", "ref", "7"],
    ]
    assert err.startswith("2 lead(s): 2 ok, 0 with warnings, 0 with problems\n")


def test_as_json_there_is_one_object_for_each_lead_and_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert previewed(folder, a_folder(folder), "--json") == 1
    said = {row["lead"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert json.loads(said["good.json"]["request"]["body"]) == {"email": "a@b.c", "phone": "(512) 555-0148"}
    assert said["bad.json"]["problems"] == ["email: it is required, but email is missing"]
    assert said["bad.json"]["values"][0]["how"] == "MAPPED_HOW_MISSING"
    assert len(said["odd.json"]["warnings"]) == 1
    assert "one JSON object" in said["none.json"]["problems"][0]
    assert previewed(folder, a_lead(folder, "lead.json", GOOD), "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["lead"] == str(folder / "lead.json")


@pytest.mark.parametrize(
    ("lead", "arguments", "words"),
    [
        ("nowhere.json", (), "nowhere.json: cannot be read: No such file"),
        ("nowhere.csv", (), "nowhere.csv: cannot be read: No such file"),
        ("empty", (), "empty: the folder has no leads"),
        ("empty.csv", (), "empty.csv: has no leads"),
        ("none.json", (), "none.json: the lead cannot be taken: lead.fields: is empty"),
        ("lead.json", ("--reply", "nowhere"), "nowhere: cannot be read"),
        ("lead.json", ("--reply", "long"), "long: is longer than"),
        ("lead.json", ("--catalog", "nowhere"), "nowhere: cannot be read"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_two(
    folder: Path, capsys: pytest.CaptureFixture[str], lead: str, arguments: tuple[str, ...], words: str
) -> None:
    a_lead(folder, "lead.json", GOOD)
    a_lead(folder, "none.json", {})
    a_lead(folder, "empty.csv", "")
    (folder / "empty").mkdir()
    (folder / "binary").write_bytes(b"\xff\xfe")
    (folder / "long").write_bytes(b" " * 2**21)
    files = [word if word.startswith("--") else str(folder / word) for word in arguments]
    assert previewed(folder, folder / lead, *files) == 2
    assert words in capsys.readouterr().err


def test_an_unknown_destination_is_told_once_for_all_leads(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert previewed(folder, a_folder(folder), destination="cmr") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "no destination 'cmr': did you mean 'crm'?\n"


def test_a_status_that_no_reply_has_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        previewed(folder, "-", "--status", "20")
    assert stop.value.code == 2
    assert "must be a whole number from 100 to 599" in capsys.readouterr().err


def test_without_a_server_it_says_how_to_do_without(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lead = a_lead(tmp_path, "lead.json", GOOD)
    assert main(["preview", "crm", "--server", "127.0.0.1:9", "--lead", str(lead)], lambda _: 1) == 5
    assert "with `--catalog PATH` no server is needed" in capsys.readouterr().err


RULES = """
rest: {url: "https://b.example/leads"}
mapping: [{to: email, value: "{{email}}"}]
reading:
  rules:
  - {outcome: success, match: [{path: result, equals: accepted}]}
  - {outcome: hard_reject, match: [{path: result, equals: rejected}]}
  reason: [why]
  price: [price]
  reference: [id]
  capture: {lender: lender.name}
prices: [{amount: "40", currency: USD}]
"""


def read(folder: Path, *arguments: str) -> int:
    (folder / "r.yaml").write_text(of_destination(RULES))
    return main(["preview", "crm", "--catalog", str(folder / "r.yaml"), *arguments], lambda _: 1)


def test_a_saved_answer_is_read_without_a_lead(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = a_lead(
        folder,
        "answer.http",
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"result": "rejected", "why": "Duplicate", '
        '"id": 7, "lender": {"name": "Acme"}}',
    )
    assert read(folder, "--reply", str(answer)) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "reading",
        '    1   success       result is "rejected", and was to be: "accepted"',
        '    2 ✓ hard_reject   result is "rejected"',
        "",
        'outcome  hard_reject (duplicate) "Duplicate" ref 7',
        '         lender = "Acme"',
    ]
    assert err == ""


def test_an_answer_is_read_from_standard_input_where_the_lead_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = a_lead(folder, "lead.json", GOOD)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"HTTP/1.1 422 No\r\n\r\nDuplicate lead")))
    assert previewed(folder, lead, "--reply", "-") == 0
    assert "hard_reject (duplicate)" in capsys.readouterr().out
    assert previewed(folder, "-", "--reply", "-") == 2
    assert "put one of them in a file" in capsys.readouterr().err


def test_a_status_alone_is_an_answer_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(folder, "--status", "503") == 0
    assert "no rule matches" not in capsys.readouterr().err


def test_neither_a_lead_nor_an_answer_is_nothing_to_look_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(folder) == 2
    assert "give a lead to preview (--lead), an answer to read (--reply), or both" in capsys.readouterr().err


def test_with_a_lead_the_price_is_what_the_catalog_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lead, answer = a_lead(folder, "lead.json", GOOD), a_lead(folder, "yes.json", {"result": "accepted"})
    assert read(folder, "--lead", str(lead), "--reply", str(answer)) == 0
    out = capsys.readouterr().out
    assert "outcome  success 40 USD" in out
    assert "1 ✓ success" in out


def test_a_post_of_an_auction_is_shown_with_what_was_bid(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "c.yaml").write_text(
        of_destination(
            'rest: {url: "https://b.example/post"}\n'
            "mapping:\n"
            '- {to: quote, value: "{{bid.reference}}"}\n'
            '- {to: at, value: "{{bid.price}} {{bid.currency}}"}\n'
        )
    )
    lead = a_lead(folder, "lead.json", GOOD)
    assert previewed(folder, lead, "--bid", "12.50 USD", "--bid-reference", "Q-7") == 0
    out = capsys.readouterr().out
    assert '"quote": "Q-7"' in out
    assert '"12.50 USD"' in out
    with pytest.raises(SystemExit):
        previewed(folder, lead, "--bid", "much")
    assert 'such as "12.50 USD"' in capsys.readouterr().err

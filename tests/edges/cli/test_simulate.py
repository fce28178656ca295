"""`leadrelay simulate`: what would happen, by the code that delivers, and nothing sent."""

import json
from pathlib import Path

import pytest

from edges.cli.commands import End, run, run_beside
from servers import a_catalog, a_destination, a_flow, a_server
from soap_service import SCHEMA, wsdl

CATALOG = """
destinations:
- name: premium
  rest: {url: "https://premium.example/leads"}
  mapping: [{to: email, value: "{{email}}", required: true}]
  reading:
    rules: [{outcome: success, match: [{path: result, equals: "yes"}]}]
    otherwise: hard_reject
    price: [price]
- name: standard
  rest: {url: "https://standard.example/leads"}
  pass_through: all
  auth: [{bearer: {token: {secret: of-nobody}}}]
  retry: {attempts: 3, first_delay: 1s}
- name: ask
  rest: {url: "https://premium.example/ping"}
  pass_through: all
  reading: {rules: [{outcome: success, match: [{path: bid, exists: true}]}], price: [bid], reference: [id]}
- name: post
  rest: {url: "https://premium.example/post"}
  mapping: [{to: quote, value: "{{bid.reference}}"}]
flows:
- name: down
  steps:
  - waterfall: {steps: [{deliver: premium, when: loan_amount > 100}, {deliver: standard}]}
- name: sale
  steps: [{auction: {bidders: [{ping: ask, post: post}]}}]
"""
REPLIES = """
destinations:
- name: premium
  replies:
  - {share: 1, reply: {body: {result: "yes", price: 48.5}}}
  - {share: 1, reply: {body: {result: "no"}}}
- name: standard
  replies: [{times: 2, reply: {status: 503}}]
- name: ask
  replies: [{reply: {body: {bid: 7.5, id: Q-1}}}]
"""
LEADS = "email,loan_amount\na@b.c,500\nd@e.f,50\n,500\ng@h.i,900\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "c.yaml").write_text(CATALOG)
    (tmp_path / "r.yaml").write_text(REPLIES)
    (tmp_path / "leads.csv").write_text(LEADS)
    return tmp_path


def simulated(capsys: pytest.CaptureFixture[str], here: Path, *more: str, flow: str = "down") -> End:
    given = ["--catalog", str(here / "c.yaml"), "--replies", str(here / "r.yaml")]
    leads = [] if "--leads" in more else ["--leads", str(here / "leads.csv")]
    return run(capsys, "simulate", flow, *leads, *given, *more)


def test_a_table_says_what_would_become_of_the_leads(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = simulated(capsys, here)
    assert end.code == 0
    head, premium, skips, standard, *_ = end.out.splitlines()
    assert head.split()[0] == "destination"
    assert premium.split()[:2] == ["premium", "3"]  # one of them lacks what is required, which is an error
    assert skips == "  skipped: condition_false 1"
    assert standard.split()[0] == "standard"
    assert end.err.splitlines()[-1].startswith("4 lead(s): 4 success")


def test_the_same_seed_says_the_same_and_another_may_not(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {seed: [simulated(capsys, here, "--seed", seed).out for _ in range(2)] for seed in "123456"}
    assert all(one == other for one, other in tables.values())
    assert len({table[0] for table in tables.values()}) > 1


def test_each_lead_is_a_line_for_programs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = simulated(capsys, here, "--json", "--leads-out", str(here / "out.jsonl"))
    told = [json.loads(line) for line in end.out.splitlines()]
    assert [each["lead"] for each in told] == ["leads.csv:2", "leads.csv:3", "leads.csv:4", "leads.csv:5"]
    second = {each["delivery"]: each for each in told[1]["deliveries"]}
    assert second["premium"]["words"] == "loan_amount > 100 (loan_amount is 50)"
    third = {each["delivery"]: each for each in told[2]["deliveries"]}
    assert (third["premium"]["code"], third["premium"]["attempts"]) == ("mapping_required", 0)
    assert (here / "out.jsonl").read_text() == end.out


def test_an_auction_is_run_with_its_bids(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = simulated(capsys, here, "--json", flow="sale")
    first = json.loads(end.out.splitlines()[0])
    assert first["revenue"] == [{"amount": "7.5", "currency": ""}]
    assert [each["ping"] for each in first["deliveries"]] == [True, False]


def test_a_lead_is_drawn_on_its_way(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = simulated(capsys, here, "--timeline", "2")
    assert "leads.csv:3" in end.out
    assert "loan_amount > 100 (loan_amount is 50)" in end.out
    beyond = simulated(capsys, here, "--timeline", "9")
    assert beyond.code == 2
    assert "the leads that were run are 1 to 4" in beyond.err


def of_soap(place: str) -> str:
    return f"""
destinations:
- name: crm
  soap: {{wsdl: "{place}", operation: AddLead}}
  mapping:
  - {{to: campaign, value: solar}}
  - {{to: lead.FirstName, value: Ada}}
  - {{to: lead.Email, value: "{{{{email}}}}"}}
  - {{to: lead.Income, value: "{{{{loan_amount}}}}"}}
  auth: [{{wsse: {{username: relay, password: {{secret: of-nobody}}, digest: true}}}}]
flows: [{{name: soapy, steps: [{{deliver: crm}}]}}]
"""


def test_a_soap_envelope_is_composed_where_its_wsdl_is_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crm.wsdl").write_text(wsdl("https://crm.example/leads"))
    (tmp_path / "types.xsd").write_text(SCHEMA)
    (tmp_path / "c.yaml").write_text(of_soap("crm.wsdl"))
    (tmp_path / "leads.csv").write_text("email,loan_amount\na@b.c,500\nd@e.f,plenty\n")
    leads = ["--leads", str(tmp_path / "leads.csv"), "--json"]
    end = run(capsys, "simulate", "soapy", *leads, "--catalog", str(tmp_path / "c.yaml"))
    (sold,), (not_sent,) = (json.loads(line)["deliveries"] for line in end.out.splitlines())
    assert (sold["outcome"], sold["attempts"]) == ("success", 1)
    assert (not_sent["code"], not_sent["attempts"]) == ("mapping_invalid", 0)
    assert "`lead.Income` is no number" in not_sent["words"]
    assert "not composed" not in end.err


def test_what_a_soap_envelope_lacks_to_be_composed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text(of_soap("https://crm.example/?wsdl"))
    (tmp_path / "lead.json").write_text('{"email": "a@b.c", "loan_amount": "plenty"}')
    leads = ["--leads", str(tmp_path / "lead.json"), "--json"]
    end = run(capsys, "simulate", "soapy", *leads, "--catalog", str(tmp_path / "c.yaml"))
    assert json.loads(end.out)["result"] == "success"
    assert "crm: its requests are answered, but not composed: the WSDL is not in files alone" in end.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.json", '{"email": "a@b.c", "loan_amount": 500}'),
        ("many.json", '[{"email": "a@b.c"}, {"email": "d@e.f"}]'),
        ("lines.jsonl", '{"email": "a@b.c"}\n\n{"email": "d@e.f"}\n'),
    ],
)
def test_leads_come_in_many_forms(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (here / name).write_text(text)
    end = simulated(capsys, here, "--leads", str(here / name), "--json")
    assert end.code == 0
    assert len(end.out.splitlines()) == text.count("@")


def test_what_is_no_lead_is_told_and_hides_none_of_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "some.jsonl").write_text('{"email": "a@b.c"}\n[1]\nno json\n{"email": "d@e.f"}\n')
    end = simulated(capsys, here, "--leads", str(here / "some.jsonl"), "--json")
    assert (end.code, len(end.out.splitlines())) == (1, 2)
    assert "some.jsonl:2: a lead is one JSON object of fields" in end.err
    assert "some.jsonl:3: is not JSON" in end.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dwon"], "there is no flow `dwon`; did you mean `down`?"),
        (["down", "--leads", "none.csv"], "none.csv: cannot be read: No such file or directory"),
        (["down", "--every", "soon"], "must be a duration such as 500ms, 2s, 5m or 1h"),
        (["down", "--replies", "c.yaml"], "c.yaml:5: destinations[premium]: unknown key `mapping`"),
        (["down", "--leads-out", "no/where"], "no/where: cannot be written"),
        (["down", "--catalog", "r.yaml"], "refused:"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(here)
    given = {"--leads": "leads.csv", "--catalog": "c.yaml"}
    rest = [each for option, value in given.items() if option not in arguments for each in (option, value)]
    end = run(capsys, "simulate", *arguments, *rest)
    assert end.code == 2
    assert words in end.err
    assert "Traceback" not in end.err


def test_without_a_server_it_says_what_needs_none(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = run(capsys, "simulate", "down", "--leads", str(here / "leads.csv"), "--server", "127.0.0.1:9")
    assert end.code == 5
    assert "with `--catalog PATH` no server is needed" in end.err


async def test_a_servers_own_catalog_is_used_where_no_other_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lead.json").write_text('{"email": "a@b.c"}')
    catalog = a_catalog(tmp_path, a_destination("crm", 9), a_flow("loans", {"deliver": "crm"}))
    async with a_server(tmp_path) as address:
        await run_beside(capsys, "apply", "--server", address, "-f", str(catalog))
        leads = str(tmp_path / "lead.json")
        end = await run_beside(capsys, "simulate", "loans", "--leads", leads, "--server", address)
    assert end.code == 0, end.err
    assert end.err.splitlines()[-1].startswith("1 lead(s): ")

"""One lead on a page: the request whole, where each value comes from, and what follows."""

import pytest

from catalog_texts import loaded, of_destination
from leadrelay.core.catalog import Catalog
from leadrelay.edges.cli.marks import ASCII, UNICODE, Marks
from leadrelay.edges.cli.preview_page import page
from leadrelay.edges.grpc.preview import answer
from leadrelay.v1 import catalog_service_pb2 as pb
from leadrelay.v1.event_pb2 import ReplyRecord
from leadrelay.v1.lead_pb2 import Lead
from leadrelay_client.v1.catalog_service_pb2 import PreviewResponse
from values import MOMENT

KEYS = """
rest: {url: "https://b.example/leads", headers: {Idempotency-Key: "", traceparent: ""}}
mapping:
- {to: email, value: "{{email}}", required: true}
- {to: source, value: "{{source}}", default: Web}
- {to: note, value: "{{note}}", empty: "null"}
- {to: zip, value: "{{zip}}"}
- {to: state, value: x, when: 'state == "CA"'}
- {to: a, value: old}
- {to: a, value: "{{first_name}}"}
reading: {reference: [id], capture: {url: links.0, id: id}}
"""
CATALOG = loaded(of_destination(KEYS)).catalog
PASSING = loaded(of_destination(KEYS + "pass_through: all")).catalog


def lines(
    reply: ReplyRecord | None = None,
    catalog: Catalog = CATALOG,
    /,
    marks: Marks = UNICODE,
    width: int | None = None,
    **fields: str,
) -> list[str]:
    request = pb.PreviewRequest(destination="crm", lead=Lead(fields=fields), reply=reply)
    seen = PreviewResponse.FromString(answer(request, catalog, MOMENT).SerializeToString())
    return [line.plain for line in page(seen, marks, width)]


def test_a_page_reads_from_the_request_to_where_each_value_comes_from() -> None:
    assert lines(email="ada@example.com", first_name="Ada", state="TX") == [
        "POST https://b.example/leads",
        "Content-Type: application/json",
        "",
        "{",
        '  "email": "ada@example.com",',
        '  "source": "Web",',
        '  "note": null,',
        '  "a": "Ada"',
        "}",
        "",
        "sent as  value              rule  from",
        'email    "ada@example.com"     1  {{email}}',
        'source   "Web"                 2  its default: source is missing',
        "note     null                  3  as `empty` says: note is missing",
        "zip      (not sent)            4  {{zip}}: zip is missing",
        'state    (not sent)            5  when state == "CA" (state is TX)',
        "a        (not sent)            6  old: what rule 7 gives is sent",
        'a        "Ada"                 7  {{first_name}}',
    ]


def test_what_no_rule_gives_says_so() -> None:
    assert lines(None, PASSING, email="a", first_name="Ada", ssn="078-05-1120", state="TX")[-3:] == [
        'first_name  "Ada"          -  the lead\'s own field, passed through',
        'state       "TX"           -  the lead\'s own field, passed through',
        "ssn         (not sent)     -  it is sensitive, and so sent only by a rule of its own",
    ]


def test_what_cannot_be_sent_says_so_first_and_why_at_the_end() -> None:
    shown = lines(first_name="Ada")
    assert shown[0] == "nothing would be sent"
    assert "email    (not sent)     1  {{email}}: required, but email is missing" in shown
    assert shown[-4:] == [
        "problems",
        "  ✗ email: it is required, but email is missing",
        "",
        'outcome  system_error (mapping_required) "required and missing: email"',
    ]


def test_the_outcome_of_a_reply_has_what_was_captured_of_it() -> None:
    reply = ReplyRecord(status=200, body='{"id": "7", "links": ["https://b.example/7"]}')
    assert lines(reply, email="a")[-3:] == [
        "outcome  success ref 7",
        '         id = "7"',
        '         url = "https://b.example/7"',
    ]


def test_the_table_is_cut_at_the_edge_of_a_terminal_and_the_request_is_not() -> None:
    shown = lines(width=64, email="ada@example.com", first_name="A" * 100)
    table = shown[shown.index("") :]
    begins = next(at for at, line in enumerate(shown) if line.startswith("sent as"))
    assert all(len(line) <= 64 for line in shown[begins:])
    assert any(len(line) > 100 for line in table)


def test_on_a_terminal_without_unicode_nothing_but_ascii_is_printed() -> None:
    assert all(line.isascii() for line in lines(marks=ASCII, first_name="é", state="→"))


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\u202e"])
def test_no_lead_can_change_the_terminal(evil: str) -> None:
    assert not any(evil in line for line in lines(email=f"a{evil}b", first_name=evil))


def test_a_form_is_shown_as_it_leaves() -> None:
    form = KEYS.replace('"https://b.example/leads"', '"https://b.example/leads", body: {format: form}')
    request = pb.PreviewRequest(destination="crm", lead=Lead(fields={"email": "a b"}))
    seen = answer(request, loaded(of_destination(form)).catalog, MOMENT)
    shown = [line.plain for line in page(PreviewResponse.FromString(seen.SerializeToString()), UNICODE, None)]
    assert "email=a%20b&source=Web&a=old" in shown


def test_a_recipient_that_is_closed_at_this_moment_is_said_to_be() -> None:
    hours = 'limits: {schedule: {open: [{days: [mon-sun], from: "20:00", to: "21:00"}]}}'
    closed = loaded(of_destination(f"{KEYS}{hours}")).catalog
    assert "at this moment: closed, opens 2025-11-24T20:00+00:00" in lines(None, closed, email="a@b.c")
    assert not any(line.startswith("at this moment") for line in lines(email="a@b.c"))


def test_wide_letters_are_not_cut_from_a_value_that_has_room() -> None:
    name = "李四" * 6
    assert any(line.startswith("email") and f'"{name}"  ' in line for line in lines(email=name))

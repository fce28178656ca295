"""`batch`: refused where leads could not share a request, or could not tell their replies (behaviour 4.6)."""

import pytest

from catalog_texts import loaded, of_destination, refused, warned
from leadrelay.core.batch import Batch
from leadrelay.core.batch_reply import parts
from leadrelay.core.destination import Destination, Webhook
from leadrelay.core.exchange import Reply

READING = 'reading: {rules: [{outcome: success, match: [{path: result, equals: "ok"}]}]}'


def of_batch(batch: str, more: str = READING, rest: str = "") -> str:
    """The batch stands in line 5."""
    return of_destination(
        f'rest: {{url: "https://example.com/leads"{rest}}}\n'
        'mapping: [{to: email, value: "{{email}}"}, {to: id, value: "{{delivery.idempotency_key}}"}]\n'
        f"batch: {batch}\n{more}"
    )


def destination(text: str) -> Destination:
    return loaded(text).catalog.destinations["crm"]


def compiled(batch: str) -> Batch:
    made = destination(of_batch(batch)).batch
    assert made is not None
    return made


def test_each_lead_has_a_request_of_its_own_where_nothing_is_said() -> None:
    assert destination(of_destination('rest: {url: "https://example.com"}\npass_through: all')).batch is None


def test_compiles_how_many_go_and_how_long_the_first_one_waits() -> None:
    made = compiled("{max: 50}")
    assert (made.most, made.linger, made.key, made.listing.of([b"1", b"2"])) == (50, 1.0, "", b"[1,2]")
    assert compiled("{max: 50, linger: 2.5s}").linger == 2.5
    assert compiled("{max: 50, linger: 0s}").linger == 0


def test_compiles_where_the_leads_and_their_replies_stand() -> None:
    made = compiled(
        "{max: 5, list: inputs, beside: {allOrNone: false}, key: id, reply_key: ref, replies: results,"
        " reply_status: code}"
    )
    assert made.listing.of([b"{}"]) == b'{"allOrNone":false,"inputs":[{}]}'
    paths = (made.replies, made.reply_key, made.reply_status)
    assert [path and path.text for path in paths] == ["results", "ref", "code"]


def test_a_webhook_takes_lists_of_whole_leads() -> None:
    text = of_destination(
        f'webhook: {{url: "https://example.com"}}\nbatch: {{max: 5, newline_json: true}}\n{READING}'
    )
    made = destination(text)
    assert isinstance(made.protocol, Webhook)
    assert made.protocol.body.content_type == "application/x-ndjson"


@pytest.mark.parametrize(
    ("batch", "problem"),
    [
        ("{linger: 1s}", "batch: needs a `max`"),
        ("{max: 5000}", "batch.max: more than 1000 leads in one request cannot be meant"),
        ("{max: 5, linger: 30s}", "batch.linger: is not below `timeouts.total` (30s)"),
        ("{max: 5, key: mail}", "batch.key: the mapping gives nothing at `mail`; did you mean `email`?"),
        ("{max: 5, reply_key: id}", "batch.reply_key: says where a reply repeats what `key` names"),
        ("{max: 5, replies: a..b}", "batch.replies: `a..b` has an empty segment"),
        ("{max: 5, replies: '//r['}", "batch.replies: "),
        ("{max: 5, replies: 'css:tr @id'}", "batch.replies: selects elements, one for each lead"),
        ("{max: 5, beside: {a: 1}}", "batch.beside: stands beside a JSON list"),
        ("{max: 5, newline: true}", "batch: unknown key `newline`; did you mean `newline_json`?"),
    ],
)
def test_refuses_what_could_not_be_sent_or_read(batch: str, problem: str) -> None:
    (found,) = refused(of_batch(batch))
    assert found.startswith("c.yaml:5: destinations[crm].")
    assert problem in found


def test_the_readings_namespaces_count_where_replies_are_found() -> None:
    more = READING.replace("{rules", "{namespaces: {t: 'urn:t'}, rules")
    made = destination(of_batch("{max: 5, replies: '//t:Lead'}", more)).batch
    assert made is not None
    body = b'<a xmlns:x="urn:t" xmlns:t="urn:u"><t:Lead>no</t:Lead><x:Lead>yes</x:Lead></a>'
    (part,) = parts(made, Reply(status=200, body=body), ["k"])
    assert part is not None
    assert b">yes<" in part.body


def test_records_without_an_end_are_warned_of() -> None:
    columns = "{name: email, start: 1, width: 9}, {name: id, start: 10, width: 60}"
    body = f", body: {{fixed_width: {{columns: [{columns}]%s}}}}"
    (warning,) = warned(of_batch("{max: 5}", rest=body % ""))
    assert "the records of a request stand one behind the other" in warning
    assert warned(of_batch("{max: 5}", rest=body % ', terminator: "\\n"')) == []


@pytest.mark.parametrize(
    ("rest", "more", "place"),
    [
        (', method: POST, headers: {X-State: "{{state}}"}', "", "rest.headers[X-State]"),
        ("", 'endpoints: {backups: [{url: "https://{{state}}.example.com"}]}', "endpoints.backups[0].url"),
    ],
)
def test_what_all_leads_share_is_no_template(rest: str, more: str, place: str) -> None:
    problems = refused(of_batch("{max: 5}", f"{READING}\n{more}", rest))
    assert len(problems) == 1
    assert "is the same for all leads of a request, and cannot be a template" in problems[0]


def test_a_url_that_is_a_template_is_refused() -> None:
    text = of_batch("{max: 5}").replace("example.com/leads", "example.com/{{state}}")
    (problem,) = refused(text)
    assert problem.startswith("c.yaml:3: destinations[crm].rest.url: is the same for all leads")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{format: form}", "there are no lists of form bodies"),
        ("{csv: {}}", "needs the body's `csv.columns`"),
        ("{xml: {root: lead}}", "batch.list: is needed"),
        ("{parameter: data}", "is not put into a form parameter"),
    ],
)
def test_refuses_bodies_that_hold_one_lead(body: str, words: str) -> None:
    (problem,) = refused(of_batch("{max: 5}", rest=f", body: {body}"))
    assert words in problem


def test_other_protocols_send_one_lead_at_a_time() -> None:
    (problem,) = refused(
        of_destination("direct: {target: 'peer.example.com:443', flow: loans}\nbatch: {max: 5}")
    )
    assert problem == (
        "c.yaml:4: destinations[crm].batch: is for `rest` and `webhook`; `direct` sends one lead at a time"
    )


def test_a_key_in_the_body_needs_a_body_with_members() -> None:
    auth = "auth: [{api_key: {field: key, key: {secret: k}}}]"
    (problem,) = refused(of_batch("{max: 5}", f"{READING}\n{auth}"), frozenset({"k"}))
    assert "a body that is a list has no members" in problem
    assert loaded(of_batch("{max: 5, list: inputs}", f"{READING}\n{auth}"), frozenset({"k"})).catalog


def test_warns_of_replies_that_nothing_reads_and_of_leads_that_cannot_be_known_again() -> None:
    (warning,) = warned(of_batch("{max: 5}", ""))
    assert "every lead of a reply with status 200 is a success" in warning
    text = of_batch("{max: 5}", f"{READING}\nwhen_unknown: resend")
    assert warned(text) == []
    (warning,) = warned(text.replace("delivery.idempotency_key", "lead.id"))
    assert "when_unknown: the recipient cannot know a lead again" in warning

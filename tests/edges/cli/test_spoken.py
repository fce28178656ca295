"""A request and its reply are shown as the journal has them, and no longer than one reads."""

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.edges.cli.spoken import MAX_LINES, reply_lines, request_lines


def test_a_request_reads_from_its_first_line_to_its_body() -> None:
    request = RequestRecord(
        method="POST", url="https://b/leads", headers=(("authorization", "***"),), body='{"state":"TX"}'
    )
    assert list(request_lines(request)) == [
        "> POST https://b/leads",
        "> authorization: ***",
        ">",
        '> {"state":"TX"}',
    ]


def test_a_reply_without_a_body_is_its_status_and_headers() -> None:
    assert list(reply_lines(ReplyRecord(status=204, headers=(("server", "b"),)))) == [
        "< HTTP 204",
        "< server: b",
    ]


def test_a_reply_from_where_redirects_led_says_whose_it_is() -> None:
    assert list(reply_lines(ReplyRecord(status=200, url="https://c/v2"))) == ["< HTTP 200 from https://c/v2"]


def test_long_json_is_laid_out_and_other_text_is_left_alone() -> None:
    body = '{"first_name":"Ada","last_name":"Lovelace","state":"TX","loan_amount":25000}'
    assert '>   "state": "TX",' in list(request_lines(RequestRecord(method="POST", url="u", body=body)))
    xml = "<lead><state>TX</state></lead>" * 3
    assert list(request_lines(RequestRecord(method="POST", url="u", body=xml)))[-1] == f"> {xml}"


def test_a_body_ends_where_nobody_reads_on() -> None:
    lines = list(reply_lines(ReplyRecord(status=200, body="\n".join("abc" for _ in range(100)))))
    assert len(lines) == 2 + MAX_LINES + 1
    assert lines[-1] == "< (the rest is left out)"


def test_a_body_that_the_journal_cut_says_so() -> None:
    lines = list(reply_lines(ReplyRecord(status=200, body="abc", truncated=True)))
    assert lines[-2:] == ["< abc", "< (the rest is left out)"]


def test_a_body_that_is_no_text_is_not_shown() -> None:
    lines = list(reply_lines(ReplyRecord(status=200, body="AAECAw==", is_base64=True)))
    assert lines[-1] == "< (8 characters of base64: the body is no text)"

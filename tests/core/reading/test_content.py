"""Bodies as recipients really send them (behaviour 6: sniffed, charset honoured, bounded)."""

import codecs

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.paths import parse_path


def content(body: bytes, content_type: str = "", override: str = "") -> Content:
    return Content(Reply(status=200, headers=(("content-type", content_type),), body=body), override)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a":"\xc3\xa9"}', "application/json"),
        (b'{"a":"\xc3\xa9"}', "application/problem+json; charset=UTF-8"),
        (b' \r\n{"a":"\xc3\xa9"}', "text/html"),
        (b'{"a":"\xc3\xa9"}', ""),
        (codecs.BOM_UTF8 + b'{"a":"\xc3\xa9"}', "text/plain"),
        ('{"a":"é"}'.encode("utf-16"), "application/json"),
        ('{"a":"é"}'.encode("utf-16"), ""),
        (b'{"a":"\xe9"}', "application/json; charset=iso-8859-1"),
        (b'{"a":"\xe9"}', "application/json"),  # not UTF-8 after all
        (b'{"a":"\xe9"}', "text/plain; charset=no-such-thing"),
    ],
)
def test_json_is_found_whatever_it_is_labelled(body: bytes, content_type: str) -> None:
    assert content(body, content_type).tree == {"a": "é"}


def test_a_text_has_no_blanks_round_it() -> None:
    """`^ok$` is meant to find what a CGI program prints with a line end."""
    assert content(b"\xef\xbb\xbf\r\nOK 12\r\n", "text/plain").text == "OK 12"


def test_a_set_content_type_counts_before_the_header() -> None:
    assert content(b"a=1", "application/json", "application/x-www-form-urlencoded").tree == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "application/json", "empty"),
        (b"  ", "application/json", "empty"),
        (b"OK", "application/json", "not JSON"),
        (b"OK", "text/plain", "neither JSON, XML nor a form"),
        (b"", "text/plain", "empty"),
        (b"{nope", "", "not JSON"),
        (b"[" * 65 + b"]" * 65, "", "more than 64 levels"),
        (b"", "application/x-www-form-urlencoded", "empty"),
        (b"<a", "text/xml", "not well-formed XML"),
        (b"", "text/xml", "empty"),
        (b"<!doctype html><html><body>Oops</body></html>", "text/xml", "the body is HTML"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y"><html/>', "text/xml", "the body is HTML"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "", "the body is HTML"),
        (b" <html><body>Oops</body></html>", "", "the body is HTML"),
        (b"a=1&" * 2000, "application/x-www-form-urlencoded", "more than 1000"),
    ],
)
def test_what_does_not_parse_says_why(body: bytes, content_type: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        _ = content(body, content_type).tree


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert content(b"[" + b",".join([b"[]"] * 500) + b"]").tree == [[]] * 500
    assert content(b"[" * 64 + b"]" * 64).tree


def test_no_digit_of_a_long_number_is_lost() -> None:
    assert content(b'{"a":12345678901234567890123,"b":1234567890123456789,"c":5}').tree == {
        "a": "12345678901234567890123",
        "b": "1234567890123456789",
        "c": 5,
    }


@pytest.mark.parametrize("odd", [b"NaN", b"Infinity", b"[" * 300 + b"]" * 300])
def test_a_long_number_lets_nothing_pass_that_could_not_be_written_down_again(odd: bytes) -> None:
    """The parser that keeps its digits is more lenient than JSON."""
    with pytest.raises(Unreadable, match="not JSON"):
        _ = content(b'{"a":12345678901234567890123,"b":' + odd + b"}").tree


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"caf\xc3\xa9", "text/plain", "café"),
        (b"caf\xe9", "text/plain", "café"),
        (b"caf\xe9", "text/plain; charset='ISO-8859-1'", "café"),
        (b"caf\xc3\xa9", "text/plain; charset=hex", "café"),
        (b"caf\xff", "text/plain; charset=utf-8", "cafÿ"),
    ],
)
def test_text_is_decoded_as_well_as_can_be(body: bytes, content_type: str, text: str) -> None:
    assert content(body, content_type).text == text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<a><b>é</b></a>".encode(), "application/soap+xml; charset=utf-8; action=x"),
        (b"<a><b>\xe9</b></a>", "text/xml; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><a><b>\xe9</b></a>', "text/xml; charset=utf-8"),
        ('\n <?xml version="1.0" encoding="utf-16"?><a><b>é</b></a>'.encode(), "text/plain"),
        ("<a><b>é</b></a>".encode("utf-16"), ""),
        ("<a><b>é</b></a>".encode(), "application/json"),
        ("\n <a><b>é</b></a>".encode(), "application/x-www-form-urlencoded"),
    ],
)
def test_xml_is_found_whatever_it_is_labelled(body: bytes, content_type: str) -> None:
    assert content(body, content_type).tree == {"a": {"b": "é"}}
    for path in ("/a/b", "a.b", "$.a.b"):
        assert content(body, content_type).at(parse_path(path)) == "é"


def test_an_xpath_into_json_is_no_path_that_finds_nothing() -> None:
    """A `not` of it would otherwise hold for every reply."""
    with pytest.raises(Unreadable, match="not XML"):
        content(b"{}").at(parse_path("/a/b"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'callback({"a":"b"})', "application/javascript"),
        (b'/**/ jQuery.cb_1( {"a":"b"} );\n', "text/javascript"),
        (b')]}\',\n{"a":"b"}', "application/json"),
        (b'while(1);{"a":"b"}', "text/plain"),
        (b'"{\\"a\\":\\"b\\"}"', "application/json"),  # JSON in a text of JSON
        (b'<string xmlns="http://tempuri.org/">{"a":"b"}</string>', "text/xml"),
        (b"a=b", "text/html"),
        (b"a=b\r\n", ""),
    ],
)
def test_data_is_found_in_what_frameworks_wrap_it_in(body: bytes, content_type: str) -> None:
    assert content(body, content_type).tree == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b"a=%E9+%25&%C3=x", "iso-8859-1"),
        (b"a=%E9+%25&%C3=x", ""),  # not UTF-8 after all
        (b"a=%C3%A9+%25&%C3%83=x", ""),
        (b"a=\xe9+%25&\xc3=x", "iso-8859-1"),
        (b"a=\xc3\xa9+%25&%C3%83=x", "utf-8"),
    ],
)
def test_what_is_escaped_in_a_form_is_in_its_charset(body: bytes, charset: str) -> None:
    label = f"application/x-www-form-urlencoded; charset={charset}" if charset else "text/plain"
    form = "application/x-www-form-urlencoded"
    assert content(body, label, "" if charset else form).tree == {"a": "é %", "Ã": "x"}


def test_a_form_is_found_without_its_label() -> None:
    assert content(b"result=ok&id=5&note=two+words&empty=", "text/plain").tree == {
        "result": "ok",
        "id": "5",
        "note": "two words",
        "empty": "",
    }


@pytest.mark.parametrize("body", [b"a sentence with x=1 in it", b"a=1\nb=2", b"cb(1)", b"=", b"OK&x=1"])
def test_a_sentence_is_not_taken_for_data(body: bytes) -> None:
    with pytest.raises(Unreadable):
        _ = content(body, "text/plain").tree


PAGE = b"<!DOCTYPE html><html><body><div class='msg'>Lead <b>accepted</b></div></body></html>"


def test_css_leads_into_html_and_an_xpath_does_not_unless_html_is_asked_for() -> None:
    assert content(PAGE, "text/html").at(parse_path("css:.msg")) == "Lead accepted"
    with pytest.raises(Unreadable, match="HTML"):
        content(PAGE, "text/html").at(parse_path("//div"))
    assert content(PAGE, "text/html", "text/html").at(parse_path("//div/b")) == "accepted"


@pytest.mark.parametrize("body", [b'{"a":1}', b"OK", b""])
def test_css_leads_nowhere_in_what_is_no_page(body: bytes) -> None:
    with pytest.raises(Unreadable):
        content(body, "text/html").at(parse_path("css:div"))


def test_a_path_that_would_look_at_too_much_finds_nothing_out() -> None:
    """Not "nothing is there", on which a rule with `not` would act."""
    deep = b"<a>" + b"<b><b><b/></b></b>" * 6_000 + b"</a>"
    with pytest.raises(Unreadable, match="would have to look at more"):
        content(deep, "text/xml").at(parse_path("//b[count(//b) > 3]"))
    wide = b'{"a":[' + b",".join([b'{"b":1}'] * 30_000) + b"]}"
    with pytest.raises(Unreadable, match="would have to look at more"):
        content(wide).at(parse_path("$..b[?@.c]"))

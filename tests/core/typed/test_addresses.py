"""URLs and IP addresses (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import ip, url
from leadrelay.core.typed.addresses import MAX_URL

PARTS = ("protocol", "host", "port", "path", "query", "hash")


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("https://example.com/Search?q=Hi#Results", "https://example.com/Search?q=Hi#Results"),
        ("  HTTPS://Example.COM/Search ", "https://example.com/Search"),
        ("www.example.com/offer", "http://www.example.com/offer"),
        ("example.com?src=a", "http://example.com?src=a"),
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("203.0.113.5/x", "http://203.0.113.5/x"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
        ("https://müller.de/ü", "https://müller.de/ü"),
        ("https://example.com/?", "https://example.com/?"),
        ("\u200bhttps://example.com\xa0\u200b", "https://example.com"),
    ],
)
def test_a_url_keeps_its_path_and_gains_a_scheme(raw: str, normal: str) -> None:
    assert url(raw).normal == normal


def test_a_url_has_parts() -> None:
    assert [url("https://Example.com:8443/a/b?c=d#e").part(name) for name in PARTS] == [
        "https", "example.com", "8443", "/a/b", "c=d", "#e",
    ]  # fmt: skip
    assert [url("example.com").part(name) for name in PARTS] == [
        "http", "example.com", None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "N/A",
        "whatever",
        "https://",
        "ftp://example.com",
        "javascript:alert(1)",
        "ann@example.com",
        "http://user:pass@example.com",
        "http://exa mple.com",
        "http://example.com/a b",
        "http://example.com/a\nb",
        "http://example.com:99999",
        "http://-example.com",
        "999.1.1.1",
        "1,100.50",
        "1100.50",
        "http://" + "a" * MAX_URL,
        "a.b/" + "c" * (MAX_URL - 5),  # too long with its scheme
    ],
)
def test_what_is_no_web_page_goes_out_as_it_came(raw: str) -> None:
    assert not url(raw).valid


@pytest.mark.parametrize(
    ("raw", "normal", "version"),
    [
        ("203.0.113.5", "203.0.113.5", 4),
        (" 203.0.113.5 ", "203.0.113.5", 4),
        ("203.0.113.5:52011", "203.0.113.5", 4),
        ("::ffff:203.0.113.5", "203.0.113.5", 4),
        ("2001:0DB8:0:0:0:0:0:7774", "2001:db8::7774", 6),
        ("[2001:db8::7774]:443", "2001:db8::7774", 6),
        ("[2001:db8::7774]", "2001:db8::7774", 6),
    ],
)
def test_an_ip_address_goes_out_in_its_shortest_form(raw: str, normal: str, version: int) -> None:
    assert ip(raw).normal == normal
    assert ip(raw).part("version") == version


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "N/A",
        "1.2.3",
        "999.1.1.1",
        "192.168.001.001",
        "203.0.113.5, 10.0.0.1",
        "fe80::1%eth0",
        "1234",
        "²",
    ],
)
def test_what_is_no_ip_address_goes_out_as_it_came(raw: str) -> None:
    assert not ip(raw).valid

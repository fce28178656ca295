"""URLs that can be sent to. No message repeats one: keys hide in them."""

import pytest

from leadrelay.edges.catalog.urls import is_in_clear, query_of, url_problems


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://127.0.0.1:7480/leads?x=1",
        "https://[::1]:8443/",
        "https://example.com/{{state}}/leads?email={{email}}",
        "https://{{if state \"CA\" then 'west' else 'east'}}.example.com/leads",
        "HTTPS://EXAMPLE.COM/%20",
    ],
)
def test_takes_what_can_be_sent_to(url: str) -> None:
    assert list(url_problems(url)) == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("example.com/leads", "needs a scheme and a host, as in https://example.com/leads"),
        ("/leads", "needs a scheme and a host, as in https://example.com/leads"),
        (
            "{{scheme}}://example.com",
            "the scheme cannot come from a template; begin with https:// or http://",
        ),
        ("ftp://example.com", "only http:// and https:// can be delivered to"),
        ("https:///leads", "needs a host, as in https://example.com/leads"),
        ("https://me:pw@example.com", "must not carry a user name or a password; use `auth` with `basic`"),
        (
            "https://example.com/a b",
            "has blanks or non-ASCII characters; write them %-encoded, and a host name as xn--…",
        ),
        (
            "https://exämple.com/",
            "has blanks or non-ASCII characters; write them %-encoded, and a host name as xn--…",
        ),
        ("https://example.com:http/", "has no readable host and port"),
        ("https://example.com:99999/", "has no readable host and port"),
        ("https://[::1/", "has no readable host and port"),
        ("https://example.com/#top", "has a fragment (`#…`), which is never sent; remove it or write %23"),
    ],
)
def test_says_what_keeps_a_url_from_being_sent_to(url: str, problem: str) -> None:
    assert list(url_problems(url)) == [problem]


def test_knows_what_crosses_a_network_in_clear() -> None:
    assert is_in_clear("http://example.com/x")
    assert is_in_clear("http://{{host}}/x")
    assert not is_in_clear("https://example.com/x")
    assert not any(map(is_in_clear, ["http://127.0.0.1:80/", "http://localhost/", "http://[::1]:9/"]))


def test_finds_the_query_with_its_templates() -> None:
    assert query_of("https://example.com/x?a={{b}}&c=d") == "a={{b}}&c=d"
    assert query_of("https://example.com/x") == ""

"""CSS selectors into pages (behaviour 6)."""

import pytest

from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.css import compile_css
from leadrelay.core.reading.html_body import parse_html
from leadrelay.core.reading.jsonpath import BadPath

PAGE = parse_html(
    """<!DOCTYPE html><HTML><head><title>Result</title><script>var accepted = 1</script></head>
    <body><div id=message data-id="77" class="alert alert-success">Lead <b>accepted</b>
    <script>x</script></div><ul><li>one<li class=last>two</ul><p>Price: <span>$12.50</span></p>
    <form><input name=ok value=1 checked type=checkbox></form></body>"""
)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("div", "Lead accepted"),
        ("#message", "Lead accepted"),
        ("div.alert-success", "Lead accepted"),
        (".alert", "Lead accepted"),
        (".success", None),
        ("#message@data-id", "77"),
        ("#message @DATA-ID", "77"),
        ("#message @gone", None),
        ("li", ["one", "two"]),
        ("ul > li:nth-child(2)", "two"),
        ("li:first-child", "one"),
        ("li + li.last", "two"),
        ("p span, title", ["$12.50", "Result"]),
        ("p:contains('Price')", "Price: $12.50"),
        ("div:not(.alert)", None),
        ("input[name=ok]@value", "1"),
        ("input[name^=o]:checked@name", "ok"),
        ("DIV b", "accepted"),
    ],
)
def test_a_selector_finds_the_text_or_an_attribute(selector: str, found: object) -> None:
    assert compile_css(selector).find(PAGE) == found


@pytest.mark.parametrize(
    "selector", ["", " ", "div[", "..x", "p::before", "a:nth-child(x)", "d" * 201, "@id"]
)
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(BadPath):
        compile_css(selector)


def test_a_page_made_to_take_long_is_given_up() -> None:
    page = parse_html("<p>" * 9_000)
    with pytest.raises(TooMuch):
        compile_css("p ~ p ~ p").find(page)

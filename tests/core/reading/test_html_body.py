"""Pages, as broken as they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from leadrelay.core.reading.html_body import parse_html, words_of
from leadrelay.core.reading.xml_body import NotXml


@pytest.mark.parametrize(
    "text", ["<div>foo</div>", "<p>foo", "<dibaz</div>foo", "<b><i>foo</b></i>", "<p>fo\x00o"]
)
def test_a_broken_page_is_read_as_far_as_it_goes(text: str) -> None:
    assert words_of(parse_html(text)).startswith("fo")


@pytest.mark.parametrize(
    ("text", "why"), [("", "not HTML|empty"), ("<p>" * 25_000, "more than 20000 elements")]
)
def test_what_is_no_page_says_why(text: str, why: str) -> None:
    with pytest.raises(NotXml, match=why):
        parse_html(text)


def test_what_scripts_and_styles_hold_is_not_said() -> None:
    page = parse_html("<style>p {}</style><p>a<script>b</script> c</p> d <!-- e -->")
    assert words_of(page) == "a c d"


def written(text: str) -> str:
    return str(etree.tostring(parse_html(text), encoding="unicode"))


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("x", "x"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<p>a<div>b</div>c", "<p>a</p><div>b</div>c"),
        ("<ul><li>a<li><b>b<li>c</ul>d", "<ul><li>a</li><li><b>b</b></li><li>c</li></ul>d"),
        ("<ul><li>a<ul><li>b</ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("<table><tr><td>a<td>b<tr><th>c", "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>"),
        ("<select><option>a<option>b</select>", "<select><option>a</option><option>b</option></select>"),
        ("<b>a<i>b</b>c", "<b>a<i>b</i></b>c"),
        ("a</b>b", "ab"),
        ("a<br>b<br/>c", "a<br/>b<br/>c"),
        ("a<!-- <b> -->b<!doctype x><?y?>c", "abc"),
        ("<html><body>a</body></html>b", "ab"),
        ("a < b & c &lt; &eacute;&#233;", "a &lt; b &amp; c &lt; éé"),
        ("<i a=x?a=1&amp;b=2 b='&quot;' c>z", '<i a="x?a=1&amp;b=2" b="&quot;" c="">z</i>'),
        ('<p a=1 a=2 "=3 1=4 b/c>x', '<p a="1" b="" c="">x</p>'),
        ("<o:p>a</o:p>", "<unknown>a</unknown>"),
        ("<p title='a>b'>c<p title=\"d", '<p title="a&gt;b">c</p><p title="&quot;d"/>'),
    ],
)
def test_a_page_is_read_as_browsers_read_it(text: str, inside: str) -> None:
    assert written(text) == f"<html><body>{inside}</body></html>"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("<HTML LANG=en><BODY CLASS='x y'>a", '<html lang="en"><body class="x y">a</body></html>'),
        ("<title>T</title>a", "<html><head><title>T</title></head><body>a</body></html>"),
        (
            "<head><title>T&amp;C</title></head><p>a",
            "<html><head><title>T&amp;C</title></head><body><p>a</p></body></html>",
        ),
        (
            "<script>if (a < b) '</p>'</script>x",
            "<html><head><script>if (a &lt; b) '&lt;/p&gt;'</script></head><body>x</body></html>",
        ),
    ],
)
def test_a_page_has_one_head_and_one_body(text: str, tree: str) -> None:
    assert written(text) == tree


def test_a_tag_that_is_the_whole_page_costs_nobody_anything() -> None:
    """libxml2 compares each attribute with all before it, which took minutes."""
    tag = "<p " + " ".join(f"a{number}=1" for number in range(100_000))
    with pytest.raises(NotXml, match="more than 200 attributes"):
        parse_html(tag)


def test_what_is_nested_too_deep_stands_beside() -> None:
    page = parse_html("<div>" * 5_000 + "x")
    assert words_of(page) == "x"
    deepest, depth = page, 0
    while len(deepest):
        deepest, depth = deepest[-1], depth + 1
    assert depth <= 200


@given(st.text(alphabet="<>/!-='\"& abpdivlutrx\0\x01\ud800", max_size=80))
def test_no_page_crashes(text: str) -> None:
    try:
        assert isinstance(words_of(parse_html(text)), str)
    except NotXml:
        assert not text.strip()

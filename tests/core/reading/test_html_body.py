"""Pages, as broken as they come."""

import pytest

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

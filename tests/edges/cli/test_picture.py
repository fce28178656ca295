"""A drawing for a page: complete in itself (behaviour 10)."""

import re
from xml.etree import ElementTree

from rich.text import Text

from leadrelay.edges.cli.picture import svg


def test_the_picture_is_well_formed_and_holds_the_words() -> None:
    picture = svg(Text("accepted by <crm> & co"), "a lead")
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own text
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    words = " ".join("".join(text.itertext()) for text in texts).replace("\xa0", " ")
    assert "accepted by <crm> & co" in words
    assert "a lead" in words


def test_nothing_is_fetched_from_anywhere() -> None:
    picture = svg(Text("x"), "t")
    assert "@font-face" not in picture
    assert set(re.findall(r'https?://[^"\s)]+', picture)) == {"http://www.w3.org/2000/svg"}

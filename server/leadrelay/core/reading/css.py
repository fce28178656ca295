"""CSS selectors for HTML bodies: `css:div.error`, and `css:#result @data-id` for an attribute (behaviour 6).

cssselect turns a selector into an XPath, which is then looked up like any other and with the same end to
what it may look at.
"""

import re
from dataclasses import dataclass
from typing import Any

from cssselect import ExpressionError, HTMLTranslator, SelectorError

from leadrelay.core.reading.html_body import words_of
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.xpath import BadXPath, XPath, compile_xpath
from leadrelay.core.values import Value

CSS = "css:"
MAX_SELECTOR = 200  # characters

_ATTRIBUTE = re.compile(r"\s*@([a-zA-Z_:][-\w:.]*)\s*$")


@dataclass(frozen=True, slots=True)
class Css:
    """A selector, and the attribute that is asked for, if any."""

    xpath: XPath
    attribute: str = ""

    def select(self, root: Any) -> list[Any]:
        """The elements. Raises TooMuch."""
        return self.xpath.elements(root)

    def find(self, root: Any) -> Value:
        """What the selected elements say: one value, several as a list, or None. Raises TooMuch."""
        elements = self.select(root)
        if self.attribute:
            found: list[Value] = [words for one in elements if (words := one.get(self.attribute)) is not None]
        else:
            found = [words_of(one) for one in elements]
        if not found:
            return None
        return found[0] if len(found) == 1 else found


def compile_css(written: str) -> Css:
    """The selector behind `css:`. Raises BadPath."""
    asked = _ATTRIBUTE.search(written)
    selector = written[: asked.start()] if asked else written
    if not selector.strip():
        raise BadPath("`css:` names nothing; write for example css:div.error")
    if len(selector) > MAX_SELECTOR:
        raise BadPath(f"a CSS selector may have {MAX_SELECTOR} characters")
    try:
        xpath = compile_xpath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, ExpressionError, BadXPath) as error:
        raise BadPath(f"`{selector.strip()}` is no CSS selector that is understood: {error}") from error
    return Css(xpath, asked[1].lower() if asked else "")

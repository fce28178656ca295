"""The page itself: its source with every insert filled in, and a list of contents."""

import re
from collections.abc import Callable, Mapping

Section = Callable[[], str]

NOTE = (
    "<!-- Made by scripts/reference.py from docs/language.in.md and the code. Change those, then: "
    "make reference -->"
)
_INSERT = re.compile(r"^<!-- insert: ([a-z ]+) -->$", re.MULTILINE)
_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_NO_SLUG = re.compile(r"[^\w\- ]")


class BadPage(Exception):
    """The source asks for what is not there, or leaves out what is."""


def filled(source: str, sections: Mapping[str, Section]) -> str:
    """The page. Raises BadPage."""
    asked = _INSERT.findall(source)
    for name in asked:
        if name not in sections and name != "contents":
            raise BadPage(f"there is nothing called {name!r} to insert")
    for name in sections:
        if asked.count(name) != 1:
            raise BadPage(f"{name!r} is inserted {asked.count(name)} times instead of once")
    page = _INSERT.sub(lambda found: _inserted(found, sections), source)
    return f"{NOTE}\n\n" + _INSERT.sub(lambda _: contents(page), page)


def _inserted(found: re.Match[str], sections: Mapping[str, Section]) -> str:
    return found.group() if found[1] == "contents" else sections[found[1]]().strip("\n")


def contents(page: str) -> str:
    """Links to the chapters, each with its own headings on the same line."""
    lines: list[str] = []
    for level, title in _HEADING.findall(_FENCE.sub("", page)):
        link = f"[{title.replace('`', '')}](#{slug(title)})"
        if level == "##":
            lines.append(f"- {link}")
        else:
            lines[-1] += f"{' · ' if ' · ' in lines[-1] or ': ' in lines[-1] else ': '}{link}"
    return "\n".join(lines)


def slug(title: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return _NO_SLUG.sub("", title.lower()).replace(" ", "-")

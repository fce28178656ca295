"""Placeholders of other systems, and templates that lack a brace: here they are sent as they stand.

`{first_name}`, `[first_name]`, `%first_name%` and `${first_name}` are literals, and so is
`{first_name}}`: every lead would go out with the very same text, and many recipients take it.
"""

import re
from collections.abc import Collection

from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.problems import named

_NAME = r"\s*(?:lead\.)?([A-Za-z_]\w*)\s*"
_PLACEHOLDERS = (
    re.compile(rf"(?<!\{{)\{{{_NAME}\}}{{1,2}}(?!\}})"),  # also `${{name}}`
    re.compile(rf"\A\[{_NAME}\]\Z"),
    re.compile(r"%(?:lead\.)?([A-Za-z_]\w*)%"),
    re.compile(rf"<%=?{_NAME}%>"),
)


def warn_of_placeholders(context: Context) -> None:
    """Note a warning for every text in which a known field stands in the braces of others."""
    for path, texts in context.texts_at.items():
        for found in sorted({found for text in texts for found in _in(text, context.fields)}):
            written, name = found
            words = f"{named(written)} is sent as it stands; a field is written `{{{{{name}}}}}`"
            context.findings.warning(path, words)


def _in(text: str, fields: Collection[str]) -> list[tuple[str, str]]:
    """Each placeholder as it is written, with the known field that it names."""
    if "{" not in text and "[" not in text and "%" not in text:
        return []
    found = (each for pattern in _PLACEHOLDERS for each in pattern.finditer(text))
    return [(each[0].strip(), each[1]) for each in found if each[1] in fields]

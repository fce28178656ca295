"""A body as text: in the charset of its byte order mark, its header or its own declaration (behaviour 6)."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_IN_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_IN_BODY = re.compile(
    rb"""^\s*<\?xml[^>]{1,100}?\bencoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{1,200}?\bcharset\s*=\s*["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 1024  # bytes, as HTML has it
_ODD_CODECS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"})
_WIDE = ("utf-16", "utf-32")  # a declaration that can be read is in none of these


def text_of(body: bytes, content_type: str) -> str:
    """The body as text; what names no charset is UTF-8, or else Windows' Latin."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(charset, errors="replace")
    charset = _known(_IN_HEADER.search(content_type))
    if charset:
        return body.decode(charset, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        pass
    return body.decode(_declared(body) or "cp1252", errors="replace")


def header_text(value: str) -> str:
    """What a header says. It comes byte by byte, as Latin 1, and who writes more than ASCII means UTF-8."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _declared(body: bytes) -> str:
    found = _IN_BODY.search(body[:_DECLARED_WITHIN])
    if found is None:
        return ""
    charset = _codec((found[1] or found[2]).decode("ascii", errors="replace"))
    return "" if charset.startswith(_WIDE) else charset


def _known(found: re.Match[str] | None) -> str:
    return "" if found is None else _codec(found[1])


def _codec(name: str) -> str:
    """Python's name of a charset, or nothing where it has none or where text is tried as UTF-8 first.

    ASCII is said of much that is not, and Latin 1 is Windows' Latin, as browsers take it.
    """
    try:
        known = codecs.lookup(name).name
        b"x".decode(known, errors="replace")  # some codecs are for bytes and not for text
    except (LookupError, ValueError):
        return ""
    if known in ("utf-8", "ascii") or known.replace("-", "_") in _ODD_CODECS:
        return ""
    return "cp1252" if known == "iso8859-1" else known

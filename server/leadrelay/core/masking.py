"""What must not be recorded, and how it is masked (behaviour 9).

Sensitive fields of a lead, everything that templates make of them, and every proof of who we are become
`***` before an event, a log line, a span or an error exists. What we write ourselves is masked by its
place; whatever comes back is masked by value, in every spelling that URLs, forms, JSON, XML and base64 have
for it, and as recipients write it in capitals, in small letters or as a name.
"""

import json
import re
from binascii import b2a_base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

MASK = "***"
LEAST_SECRET = 3  # characters; to mask shorter values wherever they stand would shred every text
# Characters from which on a value is masked inside of longer words too; shorter ones only where they stand
# alone: the last four digits of anything are also somewhere in a recipient's reference.
LEAST_INSIDE = 6
LEAST_NUMBER = 9  # digits from which on the last four stand for a number
LEAST_BEGINNING = 4  # characters of a value by which it is known again where a text was cut
CUT = "…"  # stands where a text was cut short

Texts = tuple[str, ...]


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """What a field's name is in every spelling of it: `SSN` is `ssn`, and `Card-Number` is `card_number`.

    Each source spells names in its own way, and what is private is so under all of them.
    """
    return _PUNCTUATION.sub("", name).casefold() or name


def is_sensitive(name: str, sensitive: Collection[str]) -> bool:
    """Whether a field is one of these `folded` names; a source may spell a path into one: `applicant.ssn`."""
    if folded(name) in sensitive:
        return True
    return "." in name and any(folded(part) in sensitive for part in name.split("."))


def spellings(values: Iterable[str]) -> Texts:
    """What has to be hidden of secret values: themselves, and as URLs, forms, JSON and XML write them.

    The longest come first, so that none stays behind in part because another is a part of it.
    """
    return _longest_first(
        {text for value in values if len(value) >= LEAST_SECRET for text in _spelled(value)}
    )


@lru_cache(maxsize=1024)
def spellings_of(secret: str) -> Texts:
    """The same of one secret that many leads are sent with, such as a key or a token."""
    return spellings([secret])


def together(one: Texts, other: Texts) -> Texts:
    """Both, the longest first."""
    return _longest_first({*one, *other}) if one and other else one or other


def hide(text: str, hidden: Collection[str]) -> str:
    """`text` with these texts masked wherever they stand."""
    for value in hidden:
        if value in text and len(value) >= LEAST_SECRET:
            text = text.replace(value, MASK) if len(value) >= LEAST_INSIDE else _hide_alone(text, value)
    return text


def hide_in_body(text: str, hidden: Collection[str]) -> str:
    """The same of a body. One in JSON stays JSON where a number is masked, so that it can be read again."""
    masked = hide(text, hidden)
    if masked == text or text.lstrip()[:1] not in ("{", "["):
        return masked
    return _TEXT_OR_MASK.sub(lambda found: found[0] if found[0][0] == '"' else f'"{MASK}"', masked)


def hide_cut(text: str, hidden: Collection[str]) -> str:
    """The same of a text that was cut short: before a `…` may stand the first part of a hidden one."""
    text = hide(text, hidden)
    if CUT not in text:
        return text
    *cut, rest = text.split(CUT)
    return CUT.join([*(_without_beginning(part, hidden) for part in cut), rest])


def _without_beginning(text: str, hidden: Collection[str]) -> str:
    for value in hidden:
        if value[:LEAST_BEGINNING] not in text[-len(value) :]:
            continue
        for length in range(min(len(value), len(text)), LEAST_BEGINNING - 1, -1):
            if text.endswith(value[:length]):
                return text[:-length] + MASK
    return text


def hide_within(value: Any, hidden: Collection[str]) -> Any:
    """JSON-like data with these texts masked in every text of it."""
    if isinstance(value, str):
        return hide(value, hidden)
    if isinstance(value, Mapping):
        return {hide(key, hidden): hide_within(item, hidden) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hide_within(item, hidden) for item in value]
    return MASK if isinstance(value, int | float) and str(value).removesuffix(".0") in hidden else value


def texts_in(value: Any) -> Iterator[str]:
    """The texts and numbers of JSON-like data, as they are printed."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _longest_first(texts: Collection[str]) -> Texts:
    return tuple(sorted(texts, key=len, reverse=True))


def _hide_alone(text: str, value: str) -> str:
    """`value` masked where no letter or digit touches it; what a `%20` or `\\n` ends with does not count."""
    return re.sub(rf"{_STARTS}{re.escape(value)}{_ENDS}", MASK, text)


_STARTS = (
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\[nrt])|(?<=\\u00[0-9A-Fa-f]{2}))"
)
_ENDS = r"(?![0-9A-Za-z])"


def _spelled(value: str) -> Iterator[str]:
    yield from _written(value)
    capitals, small = value.upper(), value.lower()
    if capitals != small:
        for cased in {capitals, small, value.title()} - {value}:
            yield from _written(cased)
    yield from _in_base64(value.encode(errors="replace"))


def _written(value: str) -> Iterator[str]:
    yield value
    bare = _PUNCTUATION.sub("", value)
    if len(bare) >= LEAST_INSIDE:
        yield bare
        yield from _other_digits(bare)
        if date := _DATE.fullmatch(value):
            yield from _other_dates(date)
    if _PLAIN.fullmatch(value):  # every format writes it as it is
        return
    core = value.strip(_AROUND)
    if core != value and len(core) >= LEAST_INSIDE:  # quotes round it may be escaped more than once
        yield from _written(core)
    yield from _in_urls(value)
    yield value.replace("+", " ")  # read as a form, which it was not
    in_json = {value}
    if _OF_JSON.search(value):
        in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        yield from in_json
    if "/" in value:
        yield from (each.replace("/", "\\/") for each in in_json)
    if _OF_XML.search(value):
        for in_xml in (escape(value, quote=False), escape(value)):
            yield in_xml
            yield in_xml.replace("&#x27;", "&#39;")
            yield in_xml.replace("&#x27;", "&apos;")
            yield escape(in_xml, quote=False)  # XML in a text of XML


def _in_urls(value: str) -> Iterator[str]:
    """As RFC 3986, Python, and JavaScript in its two ways escape it, and as forms do."""
    odd = set(_ODD.findall(value))
    for escaped in {frozenset(odd - safe) for safe in _SAFE}:
        capitals = small = value
        for letter in sorted(escaped, key=_percent_first):  # for the others bring more of it
            code, in_small = _codes(letter)
            capitals, small = capitals.replace(letter, code), small.replace(letter, in_small)
        yield from (capitals, small)
        if " " in odd:
            yield from (capitals.replace("%20", "+"), small.replace("%20", "+"))


def _in_base64(value: bytes) -> Iterator[str]:
    """What of it stands in the base64 of anything that it is a part of, by how many bytes are before it."""
    if len(value) < LEAST_INSIDE:
        return
    for before, begins in ((b"", 0), (b"-", 2), (b"--", 3)):  # the characters that are of this value alone
        ends = (len(before) + len(value)) * 4 // 3
        whole = b2a_base64(before + value, newline=False)[begins:ends].decode()
        yield whole
        if "+" in whole or "/" in whole:
            yield whole.replace("+", "-").replace("/", "_")


def _other_digits(value: str) -> Iterator[str]:
    """A long number without its zeros, its last digits, which many show, and other notations of nine."""
    if not value.isdigit():
        return
    if value[0] == "0" and len(counted := value.lstrip("0")) >= LEAST_INSIDE:
        yield counted
    if len(value) < LEAST_NUMBER:
        return
    yield value[-4:]
    if len(value) == LEAST_NUMBER:
        yield f"{value[:3]}-{value[3:5]}-{value[5:]}"
        yield f"{value[:3]} {value[3:5]} {value[5:]}"
        yield f"{value[:3]}.{value[3:5]}.{value[5:]}"


def _other_dates(date: re.Match[str]) -> Iterator[str]:
    """A day of birth in other notations: recipients store dates, and write them in their own way."""
    year, one, other = date["year"] or date["last"], date["one"].zfill(2), date["other"].zfill(2)
    for month, day in ((one, other), (other, one)):  # which of them is which, hangs on the country
        if month <= "12" and day <= "31":
            yield f"{year}-{month}-{day}"
            yield f"{year}{month}{day}"
            yield from (f"{month}{sign}{day}{sign}{year}" for sign in "/-.")
            yield from (f"{day}{sign}{month}{sign}{year}" for sign in "/-.")
            yield f"{int(month)}/{int(day)}/{year}"


_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)[-/.]?)?(?P<one>\d\d?)[-/.]?(?P<other>\d\d?)"
    r"(?(year)(?:[T ].*)?|[-/.]?(?P<last>(?:19|20)\d\d))",
    re.ASCII,
)
_TEXT_OR_MASK = re.compile(r'"(?:[^"\\]|\\.)*"|' + re.escape(MASK) + r"(?:\.\d+)?", re.DOTALL)
_PUNCTUATION = re.compile(r"[\W_]+")
_AROUND = "\"'`()[]{}<>.,;: \t\r\n"
_PLAIN = re.compile(r"[0-9A-Za-z._~-]+")
_OF_JSON = re.compile(r'["\\\x00-\x1f\x7f-\U0010ffff]')
_OF_XML = re.compile(r"[&<>\"']")


def _percent_first(letter: str) -> bool:
    return letter != "%"


@lru_cache(maxsize=4096)
def _codes(letter: str) -> tuple[str, str]:
    code = quote(letter, safe="")
    return code, code.lower()


_ODD = re.compile(r"[^0-9A-Za-z._~-]")
_SAFE = tuple(map(frozenset, ("", "/", "!'()*", "!'()*/:,;?@&=+$#")))

"""Character sets of legacy systems: transliteration to ASCII, and what a charset has no character for.

Transliteration happens to values and before a format escapes them: a curly quote that turns into `"`
must still be escaped in JSON.
"""

import codecs
import unicodedata
from collections.abc import Mapping

from leadrelay.core.encoding.payload import Payload
from leadrelay.core.values import Value

UTF_8 = "utf-8"

_SPECIAL = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i",
        "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N", "ĸ": "k", "ŧ": "t", "Ŧ": "T",
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "″": '"',
        "«": '"', "»": '"', "‹": "'", "›": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-",
        "−": "-", "…": "...", "•": "*", "·": "*", "×": "x", "÷": "/", "⁄": "/", "№": "No",
        "€": "EUR", "£": "GBP", "¥": "JPY",
        "¢": "c", "©": "(c)", "®": "(r)", "™": "(tm)", "°": "deg", "¿": "?", "¡": "!", "§": "S", "¶": "P",
        "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "",
        "\u2028": "\n", "\u2029": "\n",
    }
)  # fmt: skip


def codec_name(charset: str) -> str | None:
    """Python's name for a character set; None for one that does not exist."""
    try:
        name = codecs.lookup(charset or UTF_8).name
        "x".encode(name)
        b"x".decode(name, errors="replace")
    except (LookupError, ValueError, TypeError):
        return None
    return name


def transliterated(words: str) -> str:
    """In ASCII: letters without their marks, typography in its plain form, `?` for what has none."""
    if words.isascii():
        return words
    decomposed = unicodedata.normalize("NFKD", words.translate(_SPECIAL)).translate(_SPECIAL)
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return kept.encode("ascii", errors="replace").decode()


def transliterated_payload(payload: Payload) -> Payload:
    """Names and values in ASCII."""
    plain = Payload((transliterated(path), _plain(value)) for path, value in payload.items())
    plain.is_flat = payload.is_flat
    return plain


def _plain(value: Value) -> Value:
    if isinstance(value, str):
        return transliterated(value)
    if isinstance(value, Mapping):
        return {transliterated(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def in_charset(words: str, charset: str) -> bytes:
    """Encoded; what the charset lacks is transliterated, character by character."""
    try:
        return words.encode(charset)
    except UnicodeEncodeError:
        return "".join(_nearest(character, charset) for character in words).encode(charset, errors="replace")


def _nearest(character: str, charset: str) -> str:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return transliterated(character)
    return character

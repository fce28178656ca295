"""A text without what keyboards, spreadsheets and clipboards put around and into what people type.

Only for types that know what their text consists of, never for free text: digits of other scripts and
full-width characters become ASCII, every dash a hyphen and every space a space; what is invisible goes (a
phone number copied from a contact comes wrapped in direction marks). Accents and other letters stay.
"""

import unicodedata

MAX_TEXT = 256  # characters; a longer text is nothing that a type could read

_WIDE = range(0xFF01, 0xFF5F)  # full-width twins of the printable ASCII characters
_TO_ASCII = 0xFEE0
_MINUS = "\N{MINUS SIGN}"


def cleaned(raw: str) -> str:
    """The text in plain characters and without white space at its ends; empty if it is too long."""
    if len(raw) > MAX_TEXT:
        return ""
    return raw.strip() if raw.isascii() else "".join(map(_plain, raw)).strip()


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in _WIDE:
        return chr(ord(character) - _TO_ASCII)
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Pd" or character == _MINUS:
        return "-"
    if character.isspace():
        return " "
    return "" if category == "Cf" else character

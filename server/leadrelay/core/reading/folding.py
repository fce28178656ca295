"""How texts are compared wherever case does not count."""

from unicodedata import normalize


def folded(words: str) -> str:
    """Without case, and with accents written one way."""
    return (words if words.isascii() else normalize("NFC", words)).casefold()

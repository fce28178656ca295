"""Remarks for people, on standard error."""

import sys
import unicodedata


def say(words: str) -> None:
    """A remark, for people."""
    print("\n".join(map(plain, words.split("\n"))), file=sys.stderr)


def plain(words: str) -> str:
    """One line that changes nothing about the terminal: recipients and servers choose their words."""
    if words.isprintable():
        return words
    return "".join("?" if unicodedata.category(each)[0] == "C" else each for each in words)

"""What separates the cells of a table. Half of the world's spreadsheets save "CSV" with semicolons.

Read with the wrong one, every lead has a single field of a long name, and nothing about it looks wrong.
"""

import re
from typing import Final

SEPARATORS: Final = ",;\t|"  # of equally frequent ones, the first

_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_SAID = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)  # what Excel writes, and reads, before the names


def said_separator(line: str) -> str | None:
    """The separator that a line before the names says there is; None where it is no such line."""
    said = _SAID.fullmatch(line)
    return said[1] if said else None


def separator_in(names: str) -> str:
    """What separates the names in the first line of a table: that which stands most often between them."""
    bare = _QUOTED.sub("", names)
    return max(SEPARATORS, key=bare.count)

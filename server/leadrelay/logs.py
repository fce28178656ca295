"""What the server says of itself: a line each on standard error, and of one kind no more than is read.

Trouble comes in thousands: a full disk concerns every lead under way. Lines that differ only in what
they are about, such as a lead's id, are of one kind, and after a few of them the rest is counted.
"""

import logging
import sys
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 10  # lines of one kind that are shown
WINDOW: Final = 60.0  # seconds in which those are counted
KINDS: Final = 500  # kinds that are remembered

FORMAT = "%(asctime)s %(levelname)s %(message)s"


def to_standard_error() -> None:
    """Log from here on as a server does."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Few())
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=[handler])
    for library in ("httpx", "httpcore"):  # they write whole URLs, and keys hide in them
        logging.getLogger(library).setLevel(logging.WARNING)


@dataclass(slots=True)
class _Count:
    since: float
    lines: int = 0
    left_out: int = 0


class Few(logging.Filter):
    """Lets a few lines of each kind pass in a while, and says how many it kept back."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, str(record.msg))
        count = self._counts.get(kind)
        if count is None or record.created - count.since >= WINDOW:
            left_out = 0 if count is None else count.left_out
            self._counts[kind] = count = _Count(record.created)
            self._counts.move_to_end(kind)
            if len(self._counts) > KINDS:
                self._counts.popitem(last=False)
            if left_out:
                _add(record, f"({left_out} lines like this were left out before)")
        count.lines += 1
        if count.lines == SHOWN:
            _add(record, f"(more lines like this are left out for {WINDOW:g} s)")
        count.left_out += count.lines > SHOWN
        return count.lines <= SHOWN


def _add(record: logging.LogRecord, words: str) -> None:
    record.msg, record.args = f"{record.getMessage()} {words}", None

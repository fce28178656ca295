"""Numbers among the arguments, refused in words where they are none."""

import argparse

LONGEST = 9  # digits


def positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def status(text: str) -> int:
    """An HTTP status."""
    if not text.isascii() or not text.isdigit() or not 100 <= int(text[:LONGEST]) <= 599:
        raise argparse.ArgumentTypeError("must be a whole number from 100 to 599")
    return int(text)

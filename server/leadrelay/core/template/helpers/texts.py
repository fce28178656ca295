"""Helpers that work on texts and lists of them."""

from leadrelay.core.template.errors import checked_size
from leadrelay.core.template.registry import helper
from leadrelay.core.values import Value, boolean, is_blank, number, text


@helper(('{{lowercase "Ann LEE"}}', "ann lee"))
def lowercase(value: Value) -> Value:
    """In small letters."""
    return text(value).lower()


@helper(('{{uppercase "tx"}}', "TX"))
def uppercase(value: Value) -> Value:
    """In capitals."""
    return text(value).upper()


@helper(
    ('{{capitalize "ann"}}', "Ann"),
    ('{{capitalize "new york" each=true}}', "New York"),
    choices={"each": ("true", "false")},
)
def capitalize(value: Value, *, each: Value = False) -> Value:
    """With a capital first letter; all other letters stay.

    - `each=true`: a capital for every word.
    """
    printed = text(value)
    if boolean(each):
        return " ".join(word[:1].upper() + word[1:] for word in printed.split(" "))
    return printed[:1].upper() + printed[1:]


@helper(('{{trim "  Ann "}}.', "Ann."))
def trim(value: Value) -> Value:
    """Without white space at its ends."""
    return text(value).strip()


@helper(('{{default "" "none"}}', "none"), ('{{default "" "" "last"}}', "last"))
def default(value: Value, *others: Value) -> Value:
    """The first of its values that is not blank; null where all are."""
    return next((each for each in (value, *others) if not is_blank(each)), None)


@helper(('{{join ", " "a" "" "b"}}', "a, b"))
def join(delimiter: Value, *values: Value) -> Value:
    """All values that are not blank, with the first argument between them.

    A list counts as its items.
    """
    printed = [text(item) for item in _items(values) if not is_blank(item)]
    between = text(delimiter)
    checked_size(sum(map(len, printed)) + len(between) * len(printed))
    return between.join(printed)


@helper(('{{concat "A" 1 "-" 2}}', "A1-2"))
def concat(value: Value, *values: Value) -> Value:
    """All values one after the other, with nothing between them; a list counts as its items."""
    printed = [text(item) for item in _items((value, *values))]
    checked_size(sum(map(len, printed)))
    return "".join(printed)


def _items(values: tuple[Value, ...]) -> list[Value]:
    items: list[Value] = []
    for value in values:
        items.extend(value) if isinstance(value, list | tuple) else items.append(value)
    return items


@helper(
    ('{{substring "5125550123" 1 3}}', "512"),
    ('{{substring "5125550123" 4}}', "5550123"),
    ('{{substring "5125550123" -4}}', "0123"),
)
def substring(value: Value, start: Value, end: Value = None) -> Value:
    """From one place to another, both counted from 1 and both included.

    Without an end it goes on to the last character; a place below 0 counts from there. What lies beyond the
    text is empty.
    """
    printed = text(value)
    first, last = _place(start, len(printed)), _place(end, len(printed))
    if first is None or (end is not None and last is None):
        return None
    return printed[max(first, 1) - 1 : last if last is None else max(last, 0)]


def _place(value: Value, length: int) -> int | None:
    place = number(value)
    if place is None or place != int(place):
        return None
    return int(place) if place >= 0 else length + int(place) + 1


@helper(
    ('{{split "a, b,c" ","}}', "a,b,c"),
    ('{{split "Ann Lee" " " 2}}', "Lee"),
    ('{{split "a/b/c" "/" -1}}', "c"),
)
def split(value: Value, delimiter: Value, place: Value = None) -> Value:
    """The parts between delimiters, trimmed, as a list; or the one at a place, counted from 1.

    A place below 0 counts from the end. Where there is no such part the result is null, so that
    `default` can step in.
    """
    printed, between = text(value), text(delimiter)
    parts: list[Value] = [part.strip() for part in printed.split(between)] if between else list(printed)
    if place is None:
        return parts
    wanted = _place(place, len(parts))
    return parts[wanted - 1] if wanted is not None and 1 <= wanted <= len(parts) else None

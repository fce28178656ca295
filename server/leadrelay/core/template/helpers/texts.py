"""Helpers that work on texts and lists of them."""

from leadrelay.core.template.registry import helper
from leadrelay.core.values import Value, is_blank, text


@helper(('{{lowercase "Ann LEE"}}', "ann lee"))
def lowercase(value: Value) -> Value:
    """In small letters."""
    return text(value).lower()


@helper(('{{uppercase "tx"}}', "TX"))
def uppercase(value: Value) -> Value:
    """In capitals."""
    return text(value).upper()


@helper(('{{capitalize "ann"}}', "Ann"), ('{{capitalize "new york" each=true}}', "New York"))
def capitalize(value: Value, *, each: Value = False) -> Value:
    """With a capital first letter; with `each=true` one for every word. Other letters stay."""
    printed = text(value)
    if each is True:
        return " ".join(word[:1].upper() + word[1:] for word in printed.split(" "))
    return printed[:1].upper() + printed[1:]


@helper(('{{trim "  Ann "}}.', "Ann."))
def trim(value: Value) -> Value:
    """Without white space at its ends."""
    return text(value).strip()


@helper(('{{default "" "none"}}', "none"), ('{{default "" "" "last"}}', "last"))
def default(value: Value, *others: Value) -> Value:
    """The first of its values that is not blank."""
    return next((each for each in (value, *others) if not is_blank(each)), None)


@helper(('{{join ", " "a" "" "b"}}', "a, b"))
def join(delimiter: Value, *values: Value) -> Value:
    """All values that are not blank, with the first argument between them; lists give their items."""
    return text(delimiter).join(text(item) for item in _items(values) if not is_blank(item))


@helper(('{{concat "A" 1 "-" 2}}', "A1-2"))
def concat(*values: Value) -> Value:
    """All values one after the other."""
    return "".join(text(item) for item in _items(values))


def _items(values: tuple[Value, ...]) -> list[Value]:
    items: list[Value] = []
    for value in values:
        items.extend(value) if isinstance(value, list | tuple) else items.append(value)
    return items

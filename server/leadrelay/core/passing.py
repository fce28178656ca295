"""What of a lead goes along under its own names where a mapping passes it through (behaviour 3.3).

Sensitive fields and blanks do not, and a sensitive name counts as well inside of nested data: a
co-applicant's number is as private as the applicant's. The order is that of the names, since a lead has
none: what is sent again after a restart, or shown by a preview, has to be what was sent at first.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from operator import itemgetter
from typing import Final

from leadrelay.core.masking import is_sensitive
from leadrelay.core.scope import Read, Scope, resolver
from leadrelay.core.values import Types, Value, is_blank

Passing = Callable[[Scope, list[str]], Iterator[tuple[str, Value]]]

SPELLINGS: Final = 1024  # names of fields that are kept in mind; sources bring as many as they like

_NAME = itemgetter(0)


def passing(sensitive: frozenset[str], types: Types) -> Passing:
    """What gives a lead's fields by name, typed ones in normal form; it lists the paths that it withholds."""
    typed = lru_cache(maxsize=SPELLINGS)(partial(_typed, types))

    def passed(scope: Scope, withheld: list[str]) -> Iterator[tuple[str, Value]]:
        for name, raw in sorted((*scope.nested.items(), *scope.fields.items()), key=_NAME):
            if is_sensitive(name, sensitive):
                withheld.append(name)
                continue
            read = typed(name)
            value = raw if read is None else read(scope)
            if isinstance(value, dict | list):
                value = _without(sensitive, value, name, withheld)
            if not is_blank(value):
                yield name, value

    return passed


def _typed(types: Types, name: str) -> Read | None:
    """What reads a field by its type; None: it has none."""
    return resolver((name,), types) if name in types else None


def _without(sensitive: frozenset[str], value: Value, path: str, withheld: list[str]) -> Value:
    """Nested data without what stands in it under a sensitive name."""
    if isinstance(value, list):
        return [_without(sensitive, item, f"{path}.{place}", withheld) for place, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, item in value.items():
        if is_sensitive(name, sensitive):
            withheld.append(f"{path}.{name}")
        else:
            kept[name] = _without(sensitive, item, f"{path}.{name}", withheld)
    return kept

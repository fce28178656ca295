"""Which parts a text of each type may have: what a path such as `phone_1.area` can lead to.

A part that no text of the type could have is a slip, and told when the template is compiled.
"""

from collections.abc import Callable, Mapping

from leadrelay.core.typed.addresses import ip, url
from leadrelay.core.typed.choices import boolean, gender
from leadrelay.core.typed.dates import date_, dob
from leadrelay.core.typed.email import email
from leadrelay.core.typed.numbers import number
from leadrelay.core.typed.phone import phone
from leadrelay.core.typed.postal_code import postal_code
from leadrelay.core.typed.ranges import range_
from leadrelay.core.typed.ssn import ssn
from leadrelay.core.typed.state import state
from leadrelay.core.typed.street import street
from leadrelay.core.typed.times import time_
from leadrelay.core.values import Typed

OF_ALL = ("raw", "normal", "valid")

# Free texts are left out: a field such as `product` may as well be an object with members of its own.
PARTS: Mapping[Callable[[str], Typed], tuple[str, ...]] = {
    boolean: (),
    date_: ("year", "month", "day"),
    dob: ("year", "month", "day", "age"),
    email: ("user", "domain"),
    gender: ("abbr", "abbreviation"),
    ip: ("version",),
    number: (),
    phone: (
        "area",
        "exchange",
        "line",
        "number",
        "extension",
        "country_code",
        "calling_code",
        "e164",
        "is_tollfree",
        "type",
    ),
    postal_code: ("zip", "four", "fsa", "ldu", "district", "outcode", "incode", "country_code"),
    range_: ("min", "max", "avg", "mid"),
    ssn: ("first_three", "middle_two", "last_four"),
    state: ("abbreviation", "name", "country_code"),
    street: ("number", "name"),
    time_: ("date", "hour", "minute", "second"),
    url: ("protocol", "host", "port", "path", "query", "hash"),
}


def parts_of(read: Callable[[str], Typed]) -> tuple[str, ...] | None:
    """All parts of a type, its own first; None where any name may be one."""
    own = PARTS.get(read)
    return None if own is None else (*own, *OF_ALL)

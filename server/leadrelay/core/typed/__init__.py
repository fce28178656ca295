"""What a field's type makes of the text that a source sent (behaviour 3.4).

Each type is a function from a text to a `Typed`: a normal form and parts where the text is one of the
type's, else the text as it came. No text makes a type fail, a normal form is its own normal form, and
none depends on the clock, but for parts that are handed it (an age). `core.fields` says which field has
which type.

Where the public conventions of LeadConduit name a normal form or a part, ours are the same, so that a
mapping means here what it meant there; each module says where it differs, and why.
"""

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
from leadrelay.core.typed.texts import credential, text
from leadrelay.core.typed.times import time_

__all__ = [
    "boolean",
    "credential",
    "date_",
    "dob",
    "email",
    "gender",
    "ip",
    "number",
    "phone",
    "postal_code",
    "range_",
    "ssn",
    "state",
    "street",
    "text",
    "time_",
    "url",
]

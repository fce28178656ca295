"""Lead fields that have a meaning of their own (behaviour 2 and 3.4).

A lead may have any field; these are the names that most sources use, so that a catalog need not declare
them. Sensitive ones are masked before an event, a log line, a span or an error exists, and never sent
unless a mapping lists them.

A lead's names are what its source wrote: `{{email}}` does not read `Email`. What a name *means* hangs on no
spelling. A well-known field has its type in capitals, too, so that `{{Phone_1.area}}` has an area code; a
sensitive one is masked as well without its `_`, as `dateOfBirth` and `Card Number`: where a name has to be
guessed at, masking too much is the lesser evil, and reading a type into it is not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from leadrelay.core import typed
from leadrelay.core.masking import folded, is_sensitive
from leadrelay.core.values import Typed, Types


class FieldType(StrEnum):
    """What a field's text is read as."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DOB = "dob"
    TIME = "time"
    EMAIL = "email"
    PHONE = "phone"
    GENDER = "gender"
    POSTAL_CODE = "postal_code"
    STATE = "state"
    RANGE = "range"
    SSN = "ssn"
    URL = "url"
    IP = "ip"
    STREET = "street"
    CREDENTIAL = "credential"


SENSITIVE_TYPES = frozenset({FieldType.SSN, FieldType.CREDENTIAL, FieldType.DOB})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A lead field that the catalog knows."""

    name: str
    type: FieldType = FieldType.TEXT
    sensitive: bool = False


_TYPED: dict[FieldType, str] = {
    FieldType.TEXT: """
        first_name last_name middle_name title suffix company address_2 city county country
        loan_purpose loan_type own_or_rent occupation employer industry comments campaign source_id
        universal_leadid product reference referrer user_agent session_id language timezone
    """,
    FieldType.NUMBER: """
        loan_amount credit_score monthly_income annual_income home_value mortgage_balance down_payment
        interest_rate debt_amount age household_size
    """,
    FieldType.BOOLEAN: "bankruptcy homeowner military consent tcpa_consent veteran insured",
    FieldType.DATE: "move_date hire_date expiration_date",
    FieldType.DOB: "dob date_of_birth birth_date",
    FieldType.TIME: "best_time_to_call",
    FieldType.EMAIL: "email email_1 email_2",
    FieldType.PHONE: "phone_1 phone_2 phone_3 home_phone work_phone mobile_phone fax",
    FieldType.GENDER: "gender",
    FieldType.POSTAL_CODE: "postal_code",
    FieldType.STATE: "state",
    FieldType.SSN: "ssn social_security_number",
    FieldType.URL: "landing_page_url trustedform_cert_url website",
    FieldType.IP: "ip_address",
    FieldType.STREET: "address_1",
    FieldType.CREDENTIAL: """
        password passwd pin api_key access_token
        bank_account_number bank_routing_number account_number routing_number iban
        credit_card_number card_number cvv
        drivers_license drivers_license_number driver_license_number passport_number tax_id itin
    """,
}

WELL_KNOWN: Mapping[str, Field] = {
    name: Field(name=name, type=type_, sensitive=type_ in SENSITIVE_TYPES)
    for type_, names in _TYPED.items()
    for name in names.split()
}


def known_fields(declared: Iterable[Field] = ()) -> dict[str, Field]:
    """The well-known fields with a catalog's own; a catalog may retype one but not uncover it."""
    fields = dict(WELL_KNOWN)
    for field in declared:
        hidden = field.sensitive or field.type in SENSITIVE_TYPES or is_sensitive(field.name, SENSITIVE)
        fields[field.name] = Field(name=field.name, type=field.type, sensitive=hidden)
    return fields


def well_known(name: str) -> Field | None:
    """The well-known field that a source writes so, whatever its case."""
    return WELL_KNOWN.get(name) or WELL_KNOWN.get(name.lower())


def sensitive_names(fields: Mapping[str, Field]) -> frozenset[str]:
    """The names of sensitive fields, `folded`, for `is_sensitive`."""
    return frozenset(folded(name) for name, field in fields.items() if field.sensitive)


SENSITIVE = sensitive_names(WELL_KNOWN)

READERS: Mapping[FieldType, Callable[[str], Typed]] = {
    FieldType.TEXT: typed.text,
    FieldType.NUMBER: typed.number,
    FieldType.BOOLEAN: typed.boolean,
    FieldType.DATE: typed.date_,
    FieldType.DOB: typed.dob,
    FieldType.TIME: typed.time_,
    FieldType.EMAIL: typed.email,
    FieldType.PHONE: typed.phone,
    FieldType.GENDER: typed.gender,
    FieldType.POSTAL_CODE: typed.postal_code,
    FieldType.STATE: typed.state,
    FieldType.RANGE: typed.range_,
    FieldType.SSN: typed.ssn,
    FieldType.URL: typed.url,
    FieldType.IP: typed.ip,
    FieldType.STREET: typed.street,
    FieldType.CREDENTIAL: typed.credential,
}


def types_of(fields: Mapping[str, Field]) -> Types:
    """What reads each field's text, for everything that is compiled with `types=`."""
    return _TypesByName({name: READERS[field.type] for name, field in fields.items()})


class _TypesByName(Mapping[str, Callable[[str], Typed]]):
    """Finds a name as it is declared, and a well-known one in any case."""

    def __init__(self, readers: Mapping[str, Callable[[str], Typed]]) -> None:
        self._readers = readers

    def __getitem__(self, name: str) -> Callable[[str], Typed]:
        reader = self._readers.get(name)
        if reader is None and (known := well_known(name)) is not None:
            reader = self._readers.get(known.name)
        if reader is None:
            raise KeyError(name)
        return reader

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

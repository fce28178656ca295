"""Reads what a request submits, as forgivingly as the recipients' rules allow.

Nothing here raises on what a peer sent: what cannot be read is None or blank, and the recipient says so
in its own manner.
"""

import base64
import hmac
import math
import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from leadrelay.recipients.http_message import Request

Fields = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 500
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+")


def json_value(request: Request) -> Any:
    """The body as JSON, or None (which `null` is too: nobody submits that)."""
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None


def json_fields(request: Request) -> Fields | None:
    """The body as a JSON object, or None."""
    value = json_value(request)
    return value if isinstance(value, dict) else None


def form_fields(request: Request) -> dict[str, str] | None:
    """The body as a form, or None where it is another type; of a repeated name the last value counts."""
    if request.media_type != FORM:
        return None
    try:
        body = request.body.decode("utf-8")
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError:  # not UTF-8, or too many fields
        return None


def text(fields: Fields, name: str) -> str:
    """The field as trimmed text; blank where it is missing or is no plain value."""
    value = fields.get(name)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def number(fields: Fields, name: str) -> float | None:
    """The field as a number, also where it is sent as text; None where it is not one."""
    try:
        value = float(text(fields, name))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def phone_digits(written: str) -> str:
    """The ten digits of a US number however it is written, or whatever digits there are."""
    return re.sub(r"[^0-9]", "", written)[-10:]


def is_email(written: str) -> bool:
    return _EMAIL.fullmatch(written) is not None


def marks(email: str, phone: str) -> list[str]:
    """What a person is known again by: the email and the number, so far as they are real ones."""
    digits = phone_digits(phone)
    return [email.lower()] * is_email(email) + [digits] * (len(digits) == 10)


def basic_login(request: Request) -> tuple[str, str] | None:
    """User and password from HTTP Basic, or None."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError:  # not base64, or not UTF-8
        return None
    user, colon, password = login.partition(":")
    return (user, password) if colon else None


def is_same(given: str, expected: str) -> bool:
    """Compares credentials in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())

"""Values that must never be seen again: every kind of secret, every kind of sensitive field, and what
templates make of those.

Each is unmistakable, so that one hit anywhere is a leak and no accident: short numbers begin with a zero, as
no port and no length does.
"""

import base64
import hashlib
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from certificates import an_authority

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()

CERTIFICATE, CLIENT_KEY = an_authority().client_pem()

# By the names under which the secret store has them.
SECRETS = {
    "header-key": "hk-7Qz1/canary+header",
    "query-key": "qk 8Wx2&canary=query",
    "field-key": "fk-3Er4\"canary'field",
    "basic-password": "bp-5Ty6:canary-basic",
    "bearer-token": "bt-canary.bearer.7Ui8",
    "custom-header": "ch-canary-custom-9Op0",
    "cookie": "sid=ck-canary-cookie-1As2",
    "hmac-key": "hm-canary-hmac-3Df4",
    "webhook-key": "whsec_" + base64.b64encode(b"canary-webhook-key-5Gh6-7Jk8").decode(),
    "client-secret": "cs-canary-client-9Lz0",
    "lower-secret": "cs_canary_client_lower",  # an endpoint may give it for an error code
    "user-password": "up-canary-user-1Xc2",
    "refresh-token": "rt-canary-refresh-3Vb4",
    "jwt-key": RSA_PEM,
    "wsse-password": "wp-canary-wsse-5Nm6",
    "mtls-certificate": CERTIFICATE,
    "mtls-key": CLIENT_KEY,
    "broken-key": "-----BEGIN PRIVATE KEY-----\nbk-canary-broken-7Qw8\n-----END PRIVATE KEY-----",
}

LEAD: dict[str, Any] = {
    "first_name": "Julia",
    "email": "julia@example.net",
    "ssn": "019-47-0086",
    "dob": "11/23/1967",
    "card_number": "4929 1873 5521 0071",
    "cvv": "937",
    "pin": "05821",
    "bank_account_number": "000772816354",
    "drivers_license": "D8841-5579-CANARY",
    "passport_number": "XK5520917",
    "tax_id": "98-7713402",
    "mother_maiden_name": "Canary-O'Hara & <Sons>",
    "odd_note": "line one canary\nline two canary",
    "comments": "please use 019-47-0086 for me",
    "spouse": {"ssn": "457-55-5462", "name": "Bo"},
}

# What the mapping below makes of them.
TEMPLATES = {
    "ssn": "{{ssn}}",
    "ssn_dashed": '{{format ssn "###-##-####"}}',
    "ssn_slashed": '{{format ssn "###/##/####"}}',
    "ssn_spaced": '{{format ssn "### ## ####"}}',
    "ssn_last_four": "{{ssn.last_four}}",
    "ssn_head": "{{ssn.first_three}}{{ssn.middle_two}}",
    "ssn_md5": "{{md5 ssn}}",
    "ssn_sha1": "{{sha1 ssn}}",
    "ssn_sha256": "{{sha256 ssn}}",
    "ssn_sha512": '{{sha512 ssn salt="pepper"}}',
    "ssn_base64": "{{base64 ssn}}",
    "dob_iso": "{{dob}}",
    "dob_american": '{{format dob "MM/DD/YYYY"}}',
    "dob_packed": '{{format dob "YYYYMMDD"}}',
    "dob_long": '{{format dob "MMMM D, YYYY"}}',
    "dob_year": "{{dob.year}}",
    "card": "{{card_number}}",
    "card_last_four": "{{substring card_number 16 19}}",
    "card_digits": '{{replace card_number " " ""}}',
    "cvv": "code-{{cvv}}-x",
    "pin": "{{pin}}",
    "account": "{{bank_account_number}}",
    "license": "{{drivers_license}}",
    "license_small": "{{lowercase drivers_license}}",
    "passport": "{{passport_number}}",
    "tax": "{{tax_id}}",
    "maiden": "{{uppercase mother_maiden_name}}",
    "maiden_encoded": "{{urlencode mother_maiden_name}}",
    "maiden_json": "{{json mother_maiden_name}}",
    "spouse": "{{spouse.ssn}}",
    "spouse_digits": '{{replace spouse.ssn "-" ""}}',
    "spouse_hash": "{{sha256 spouse.ssn}}",
    "note": "{{comments}}",
    "chosen": '{{if dob.age > 30 then concat("A-", pin) else "none"}}',
}


# What is sensitive by no well-known name. A peer that is sent what was derived has to know it, too.
OWN_FIELDS = [{"name": name, "sensitive": True} for name in ("mother_maiden_name", "odd_note", *TEMPLATES)]

BEGINNING = 14  # characters of a long value that are a leak by themselves: half a token is one too


@dataclass(frozen=True, slots=True)
class Canary:
    """One value by which a leak is known."""

    name: str
    text: str

    @property
    def is_short(self) -> bool:
        return len(self.text) < 6

    def in_(self, place: bytes) -> bool:
        """Whether it is there: a short one only where it stands alone, since digits are everywhere."""
        written = self.text.encode()[:BEGINNING] if len(self.text) >= 20 else self.text.encode()
        if written not in place:
            return False
        return not self.is_short or bool(
            re.search(rb"(?<![\w.])" + re.escape(written) + rb"(?![\w.])", place)
        )


def of_secrets() -> Iterator[Canary]:
    """The secrets, and what is made of them."""
    for name, value in SECRETS.items():
        if name.endswith("-key") and "BEGIN" in value:
            yield Canary(name, value.splitlines()[-2])
        elif name != "mtls-certificate":  # which is shown to everybody
            yield Canary(name, value.removeprefix("sid="))
    yield Canary("webhook-key, bytes", "canary-webhook-key")
    pair = f"relay:{SECRETS['basic-password']}".encode()
    yield Canary("basic, encoded", base64.b64encode(pair).decode())
    yield Canary("client, encoded", base64.b64encode(f"me:{SECRETS['client-secret']}".encode()).decode())
    yield Canary("query-key, encoded", "qk%208Wx2%26canary%3Dquery")
    yield Canary("header-key, encoded", "hk-7Qz1%2Fcanary%2Bheader")


def of_lead() -> Iterator[Canary]:
    """The sensitive values of the lead, in the notations that are sent, and what is derived from them."""
    digits = "019470086"
    for name in ("ssn", "dob", "card_number", "pin", "bank_account_number", "drivers_license"):
        yield Canary(name, LEAD[name])
    for name in ("passport_number", "tax_id", "mother_maiden_name"):
        yield Canary(name, LEAD[name])
    yield Canary("ssn, digits", digits)
    yield Canary("ssn, slashes", "019/47/0086")
    yield Canary("ssn, spaces", "019 47 0086")
    yield Canary("ssn, last four", "0086")
    yield Canary("ssn, head", "01947")
    yield Canary("dob, ISO", "1967-11-23")
    yield Canary("dob, packed", "19671123")
    yield Canary("dob, words", "November 23, 1967")
    yield Canary("card, digits", "4929187355210071")
    yield Canary("card, last four", "0071")
    yield Canary("license, small letters", "d8841-5579-canary")
    yield Canary("maiden name, capitals", "CANARY-O'HARA & <SONS>")
    yield Canary("maiden name, encoded", "Canary-O%27Hara%20%26%20%3CSons%3E")
    yield Canary("note, first line", "line one canary")
    yield Canary("note, second line", "line two canary")
    yield Canary("spouse", "457-55-5462")
    yield Canary("spouse, digits", "457555462")
    yield Canary("ssn, base64", base64.b64encode(digits.encode()).decode())
    yield Canary("chosen by age", "A-05821")
    for algorithm in ("md5", "sha1", "sha256"):
        yield Canary(f"ssn, {algorithm}", hashlib.new(algorithm, digits.encode()).hexdigest())
    yield Canary("spouse, sha256", hashlib.sha256(b"457-55-5462").hexdigest())


def hits(canaries: Iterable[Canary], places: Mapping[str, bytes], cut_up: Container[str] = ()) -> list[str]:
    """Which were found where. In places that are `cut_up` anywhere, no short one can be told."""
    known = list(canaries)
    return [
        f"{canary.name} in {where}"
        for where, place in places.items()
        for canary in known
        if canary.in_(place) and not (canary.is_short and where in cut_up)
    ]

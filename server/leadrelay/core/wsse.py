"""WS-Security with a UsernameToken: what stands in the header of a SOAP envelope, and where.

By the OASIS Web Services Security UsernameToken Profile 1.1; the digest is Base64(SHA-1(nonce + created +
password)), over the nonce's bytes and not over its base64.

The seam between an envelope and its proof: whoever composes a SOAP request for a destination with a `Wsse`
among its proofs writes `SLOT` as a child of the SOAP Header, in `body` and in `recorded_body` alike, and
knows no more about it. The signer (`auth.wsse`) puts the Security element there as the last thing before
the request leaves, and a fresh one in place of the former where a request is signed again. A comment
serves because no value of a lead can become one: an XML writer escapes its first character.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha1
from xml.sax.saxutils import escape

SLOT = b"<!--leadrelay:security-->"

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{_OASIS}wssecurity-secext-1.0.xsd", f"{_OASIS}wssecurity-utility-1.0.xsd"
PASSWORD_TEXT = f"{_OASIS}username-token-profile-1.0#PasswordText"
PASSWORD_DIGEST = f"{_OASIS}username-token-profile-1.0#PasswordDigest"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"

# Attributes in an order and in a way in which nobody else's header has them.
_OPENING = f'<wsse:Security xmlns:wsu="{WSU}" xmlns:wsse="{WSSE}">'.encode()
_CLOSING = b"</wsse:Security>"
_PLACE = re.compile(b"|".join([re.escape(SLOT), re.escape(_OPENING) + b".*?" + re.escape(_CLOSING)]), re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameToken:
    """The values of the elements."""

    username: str
    password: str = field(repr=False)  # the password or its digest, as `password_type` says
    password_type: str = PASSWORD_TEXT
    nonce: str = ""  # base64; empty, like `created`: there is no such element
    created: str = ""


def username_token(
    username: str, password: str, *, digest: bool, nonce: bytes, created: str
) -> UsernameToken:
    """The token of one request. Nonce and time belong to a digest; a password in clear goes without.

    `created` is a time in UTC as 2003-07-16T01:24:32Z.
    """
    if not digest:
        return UsernameToken(username=username, password=password)
    # SHA-1 is what the profile knows, and the recipient has to have the password anyway.
    hashed = sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return UsernameToken(
        username=username,
        password=b64encode(hashed).decode(),
        password_type=PASSWORD_DIGEST,
        nonce=b64encode(nonce).decode(),
        created=created,
    )


def security_header(token: UsernameToken) -> bytes:
    """The Security element, in ASCII, so that it stands in an envelope of any character set."""
    elements = [
        f"<wsse:Username>{escape(token.username)}</wsse:Username>",
        f'<wsse:Password Type="{token.password_type}">{escape(token.password)}</wsse:Password>',
    ]
    if token.nonce:
        elements.append(f'<wsse:Nonce EncodingType="{BASE64}">{escape(token.nonce)}</wsse:Nonce>')
    if token.created:
        elements.append(f"<wsu:Created>{escape(token.created)}</wsu:Created>")
    inner = f"<wsse:UsernameToken>{''.join(elements)}</wsse:UsernameToken>"
    return _OPENING + inner.encode("ascii", "xmlcharrefreplace") + _CLOSING


def with_security(envelope: bytes, header: bytes) -> bytes | None:
    """The envelope with this header in its slot, or in place of the former; None where it has neither."""
    found = _PLACE.search(envelope)
    return None if found is None else envelope[: found.start()] + header + envelope[found.end() :]

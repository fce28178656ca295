"""What is asked of an OAuth token endpoint, and what its answer means (RFC 6749, 2.3 and 5).

authlib writes the request; its HTTP integration stays unused. An answer's text is never repeated,
because tokens and secrets hide in it: only the endpoint's error code is, if it looks like one.
"""

import codecs
import math
import re
from collections.abc import Collection
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote

import orjson
from authlib.common.urls import add_params_to_qs
from authlib.oauth2.auth import ClientAuth

from leadrelay.auth.tokens import Granted, NoToken, Parameters, Refused
from leadrelay.core.destination import ClientAuthMethod, OAuth2, OAuth2JwtBearer
from leadrelay.core.exchange import Reply, Request

MAX_ANSWER = 64 * 1024  # bytes
MAX_LIFETIME = 366 * 86_400.0

_FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r"[\x21-\x7e]+")
_REFRESH_TOKEN = re.compile(r"[\x20-\x7e]+")  # RFC 6749, A.17
_BEARER = ("bearer", "bearertoken")  # the second is what Apigee calls it
_ERROR_CODE = re.compile(r"[a-z]+(?:_[a-z]+){0,7}")


def token_request(proof: OAuth2, grant: Parameters, secret: str) -> Request:
    """The request for a token, by a grant's parameters; `secret` is the client's, empty where it has none."""
    scope = [("scope", " ".join(proof.scopes))] if proof.scopes else []
    body = add_params_to_qs("", [*grant, *scope, *proof.extra.items()])
    headers = {"Content-Type": _FORM, "Accept": "application/json"}
    url = proof.token_url
    # An assertion names its client itself, and Salesforce's examples show nothing beside it.
    if secret or not isinstance(proof, OAuth2JwtBearer):
        client = _client(proof, secret)
        url, headers, body = _with_client(client, url, headers, body)
    return Request(
        method="POST",
        url=url,
        headers=tuple(headers.items()),
        body=body.encode(),
        secret_headers=frozenset({"authorization"}),
    )


def _client(proof: OAuth2, secret: str) -> ClientAuth:
    if secret and proof.client_auth is ClientAuthMethod.BASIC:
        # Encoded as RFC 6749, 2.3.1 has it, which authlib leaves out: a colon in an id would end it, and who
        # decodes would make something else of a `%`. A blank is %20, which all can read, and not a `+`.
        return ClientAuth(quote(proof.client_id, safe=""), quote(secret, safe=""), proof.client_auth.value)
    return ClientAuth(proof.client_id, secret, proof.client_auth.value if secret else "none")


def _with_client(
    client: ClientAuth, url: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    prepared: tuple[str, dict[str, str], str] = client.prepare("POST", url, headers, body)  # type: ignore[no-untyped-call]
    return prepared


def read_answer(reply: Reply, default_lifetime: float, shown: Collection[str] = ()) -> Granted:
    """The token in an answer. Raises NoToken.

    `shown` are the texts that the endpoint was shown; one of them in place of an error code is not repeated.
    """
    answer = _object(reply)
    if not 200 <= reply.status < 300 or answer.get("error"):  # null stands beside a token in some answers
        code = _error_code(answer, shown)
        words = f"the token endpoint refused{code and f' ({code})'} with status {reply.status}"
        raise Refused(words, code=code, served_at=_date(reply))
    token = answer.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NoToken(f"the token endpoint's answer, status {reply.status}, has no access_token")
    kind = answer.get("token_type")
    if kind and str(kind).strip().lower() not in _BEARER:
        raise NoToken("the token endpoint gave a token of another type than Bearer")
    lifetime = _lifetime(answer.get("expires_in"), default_lifetime)
    return Granted(token, lifetime, _refresh_token(answer.get("refresh_token")))


def _object(reply: Reply) -> dict[str, Any]:
    """What is said by name: in JSON, or in a form, as endpoints of before the RFC answer."""
    if len(reply.body) > MAX_ANSWER:
        raise NoToken(f"the token endpoint's answer is longer than {MAX_ANSWER} bytes")
    if (reply.header("content-type") or "").lower().startswith(_FORM) and reply.body.lstrip()[:1] != b"{":
        return dict(parse_qsl(reply.body.decode(errors="replace")))
    try:
        answer = orjson.loads(reply.body.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _error_code(answer: dict[str, Any], shown: Collection[str]) -> str:
    code = answer.get("error")
    is_code = isinstance(code, str) and len(code) <= 64 and _ERROR_CODE.fullmatch(code)
    return str(code) if is_code and code not in shown else ""


def _refresh_token(token: object) -> str:
    return token if isinstance(token, str) and _REFRESH_TOKEN.fullmatch(token) else ""


def _date(reply: Reply) -> float | None:
    """When the endpoint answered, by its own clock."""
    try:
        return parsedate_to_datetime(reply.header("date") or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _lifetime(expires_in: object, default: float) -> float:
    """In seconds; endpoints also send it as text, as nothing, or as nonsense."""
    try:
        seconds = float(expires_in) if isinstance(expires_in, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return default
    is_usable = not isinstance(expires_in, bool) and math.isfinite(seconds) and seconds > 0
    return min(seconds, MAX_LIFETIME) if is_usable else default

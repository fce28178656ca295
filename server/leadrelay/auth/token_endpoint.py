"""What is asked of an OAuth token endpoint, and what its answer means (RFC 6749, 4.4 and 5).

authlib writes the request; its HTTP integration stays unused. An answer's text is never repeated,
because tokens and secrets hide in it: only the endpoint's error code is, if it looks like one.
"""

import math
import re
from typing import Any

import orjson
from authlib.common.urls import add_params_to_qs
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from leadrelay.auth.tokens import Granted, NoToken
from leadrelay.core.destination import OAuth2ClientCredentials
from leadrelay.core.exchange import Reply, Request

MAX_ANSWER = 64 * 1024  # bytes
MAX_LIFETIME = 366 * 86_400.0

_TOKEN = re.compile(r"[\x21-\x7e]+")
_ERROR_CODE = re.compile(r"[a-z]+(?:_[a-z]+){0,7}")


def token_request(proof: OAuth2ClientCredentials, secret: str) -> Request:
    """The request for a token. Raises NoToken when the secret cannot be shown as it is to be shown."""
    body = prepare_token_request("client_credentials", scope=list(proof.scopes) or None)
    if proof.extra:
        body = add_params_to_qs(body, list(proof.extra.items()))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    client = ClientAuth(proof.client_id, secret, proof.client_auth.value)
    try:
        url, headers, body = client.prepare("POST", proof.token_url, headers, body)  # type: ignore[no-untyped-call]
    except UnicodeEncodeError:
        raise NoToken(
            "HTTP Basic cannot carry the client's id and secret; set client_auth to client_secret_post"
        ) from None
    return Request(
        method="POST",
        url=url,
        headers=tuple(headers.items()),
        body=body.encode(),
        secret_headers=frozenset({"authorization"}),
    )


def read_answer(reply: Reply, default_lifetime: float) -> Granted:
    """The token in an answer. Raises NoToken."""
    answer = _json_object(reply.body)
    if not 200 <= reply.status < 300 or "error" in answer:
        raise NoToken(f"the token endpoint refused{_error_code(answer)} with status {reply.status}")
    token = answer.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NoToken(f"the token endpoint's answer, status {reply.status}, has no access_token in JSON")
    kind = answer.get("token_type")
    if kind is not None and str(kind).lower() != "bearer":
        raise NoToken("the token endpoint gave a token of another type than Bearer")
    return Granted(token, _lifetime(answer.get("expires_in"), default_lifetime))


def _json_object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_ANSWER:
        raise NoToken(f"the token endpoint's answer is longer than {MAX_ANSWER} bytes")
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _error_code(answer: dict[str, Any]) -> str:
    code = answer.get("error")
    is_code = isinstance(code, str) and len(code) <= 64 and _ERROR_CODE.fullmatch(code)
    return f" ({code})" if is_code else ""


def _lifetime(expires_in: object, default: float) -> float:
    """In seconds; endpoints also send it as text, as nothing, or as nonsense."""
    try:
        seconds = float(expires_in) if isinstance(expires_in, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return default
    is_usable = not isinstance(expires_in, bool) and math.isfinite(seconds) and seconds > 0
    return min(seconds, MAX_LIFETIME) if is_usable else default

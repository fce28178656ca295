"""A recipient and a token endpoint that repeat whatever they are told, in every place and every spelling.

What is made anew for each request, such as signatures and tokens, is caught here: only the recipient sees it.
"""

import json
import re
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, quote, unquote_plus

import trio

from canaries.values import SECRETS, Canary
from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay.recipients.submission import basic_login

OF_PROOFS = ("authorization", "x-key", "x-custom", "cookie", "x-signature", "webhook-signature", "x-hash")
TOKENS = ("tk-canary-access-{}-7Hj8", "rt-canary-rotated-{}-9Kl0", "id-canary-token-{}-1Zx2")


@dataclass
class Echo:
    """`hear` is its front; the first part of a path says how it fails."""

    caught: dict[str, Canary] = field(default_factory=dict)
    told: bytearray = field(default_factory=bytearray)  # all that it was told, as it came and decoded
    heard: int = 0
    asked: int = 0  # for tokens

    async def hear(self, request: Request) -> Response:
        kind, _, rest = request.path.strip("/").partition("/")
        self.told += f"{request.headers}\n{_echo(request)}\n".encode()
        if kind == "token":
            return await self._token(request, rest.partition("/")[0])
        self.heard += 1
        self._catch(request)
        return await self._answer(request, kind)

    async def _answer(self, request: Request, kind: str) -> Response:
        echo = _echo(request)
        match kind:
            case "yes" | "no":
                return _in_json(200, echo, kind)
            case "bad_request" | "unauthorized" | "server_error" | "too_many":
                status = {"bad_request": 400, "unauthorized": 401, "server_error": 500, "too_many": 429}[kind]
                return _in_json(status, echo, "no")
            case "redirect":
                where = f"https://elsewhere.example/{request.path}?{request.query}&sent={_brief(echo)}"
                return Response(302, echo.encode(), "text/plain", (("Location", where),))
            case "again":
                where = f"/no/{quote(request.path)}?{request.query}&sent={quote(_brief(echo))[:200]}"
                return Response(307, echo.encode(), "text/plain", (("Location", where),))
            case "page":
                return Response(200, f"<html><body>{escape(echo)}</body></html>".encode(), "text/html")
            case "text":
                return Response(200, _brief(echo).encode(), "text/plain")
            case "wide":
                return Response(200, echo.encode("utf-16"), "text/plain; charset=utf-16")
            case "fault":
                inner = f"<faultcode>s:Client</faultcode><faultstring>{escape(_brief(echo))}</faultstring>"
                return Response(500, _envelope(f"<s:Fault>{inner}</s:Fault>"), "text/xml")
            case "large":
                return Response(200, (echo * 400).encode(), "text/plain")
            case "slow":
                await trio.sleep(30)
        return _in_json(200, echo, "no")

    async def _token(self, request: Request, kind: str) -> Response:
        self.asked += 1
        form = dict(parse_qsl(request.body.decode()))
        if "assertion" in form:
            self._note("JWT assertion", form["assertion"])
        echo = _echo(request)
        shown = (form.get(name) for name in ("client_secret", "password", "refresh_token", "assertion"))
        secret = next((each for each in shown if each), "nothing")
        match kind:
            case "ok":
                return self._granted()
            case "refused":
                return as_json(401, {"error": secret, "error_description": echo, "error_uri": echo})
            case "lower":
                return as_json(400, {"error": SECRETS["lower-secret"], "error_description": echo})
            case "empty":
                return as_json(200, {"echo": echo, "token_type": secret})
            case "odd":
                return as_json(200, {"access_token": f"{secret}\n{secret}", "token_type": secret})
            case "page":
                return Response(503, f"<html>{escape(echo)}</html>".encode(), "text/html")
            case "redirect":
                return Response(
                    302, b"", "text/html", (("Location", f"https://x.example/{_one_line(echo)}"),)
                )
            case "slow":
                await trio.sleep(30)
        return Response(500, echo.encode(), "text/plain")

    def _granted(self) -> Response:
        access, refresh, identity = (token.format(self.asked) for token in TOKENS)
        for name, token in (
            ("access token", access),
            ("rotated refresh token", refresh),
            ("id token", identity),
        ):
            self._note(f"{name} {self.asked}", token)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 3600}
        return as_json(200, answer | {"refresh_token": refresh, "id_token": identity})

    def _catch(self, request: Request) -> None:
        headers = request.headers
        if "x-signature" in headers:
            self._note("HMAC signature", headers["x-signature"].removeprefix("sha256="))
        for signature in headers.get("webhook-signature", "").split():
            self._note("webhook signature", signature.removeprefix("v1,"))
        for name, pattern in (("WSSE password or digest", "Password"), ("WSSE nonce", "Nonce")):
            for value in re.findall(rf"<wsse:{pattern}[^>]*>([^<]+)<".encode(), request.body):
                self._note(name, value.decode())

    def _note(self, name: str, text: str) -> None:
        self.caught.setdefault(text, Canary(name, text))


def _echo(request: Request) -> str:
    """All that was heard: proofs first, then the address and the body, as they came and decoded."""
    proofs = "; ".join(f"{name}={request.headers[name]}" for name in OF_PROOFS if name in request.headers)
    body = request.body.decode(errors="replace")
    login = ":".join(basic_login(request) or ())
    said = [
        proofs,
        login,
        quote(proofs),
        quote(proofs, safe=""),
        request.path,
        request.query,
        unquote_plus(request.query),
    ]
    said += [body, unquote_plus(body)]
    return "\n".join(said)


def _in_json(status: int, echo: str, result: str) -> Response:
    """With the proofs in the words, what was derived in the reference, and everything in what is captured."""
    body = {
        "result": result,
        "reason": _brief(echo),
        "reference": _brief(echo).rpartition("/")[2],
        "seen": {"echo": echo, "again": json.dumps(echo), "numbers": re.findall("[0-9]{4,}", echo)[:50]},
    }
    more = (
        ("X-Echo", _brief(echo)),
        ("Set-Cookie", "session=st-canary-session-5Cv6; Secure"),
    )
    return Response(status, json.dumps(body).encode(), "application/json", more)


def _brief(echo: str) -> str:
    """The proofs and the address, in one line. Nothing is cut, since half a secret is nobody's to find."""
    return _one_line("; ".join(echo.split("\n")[:7]))


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", text)


def _envelope(inner: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{inner}</s:Body></s:Envelope>'
    ).encode()

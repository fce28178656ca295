"""WS-Security: user name and password inside a SOAP envelope, put there when the request leaves.

Every request has a nonce and a time of its own, also the second one after a refusal: a recipient that
saw a nonce before takes the request for a replay. `core.wsse` says how the envelope has a place for it.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime

import trio

from leadrelay.auth.credential import Credential
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Wsse
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.masking import MASK, spellings, together
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Clock, Started
from leadrelay.core.wsse import UsernameToken, security_header, username_token, with_security

NONCE = 16  # bytes, as the profile asks for at least


class WsseSigner:
    """A core.ports.Signer for SOAP."""

    def __init__(self, proof: Wsse, secrets: Secrets, clock: Clock) -> None:
        self._proof, self._clock = proof, clock
        self._password = Credential(secrets, proof.password)

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        task_status.started()
        await trio.sleep_forever()

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer."""
        token = username_token(
            self._proof.username,
            self._password.value(),
            digest=self._proof.digest,
            nonce=os.urandom(NONCE),
            created=_written(self._clock.now()),
        )
        signed = _with_header(request, token, _masked(token))
        shown = (token.password, token.nonce) if token.created else (token.password,)
        return replace(signed, secrets=together(request.secrets, spellings((self._password.value(), *shown))))

    def show(self, request: Request) -> Request:
        """See core.ports.Signer."""
        token = _masked(
            username_token(
                self._proof.username,
                MASK,
                digest=self._proof.digest,
                nonce=b"",
                created=_written(self._clock.now()),
            )
        )
        return _with_header(request, token, token)

    def renew(self, _signed: Request, reply: Reply) -> bool:
        """See core.ports.Signer."""
        if reply.status != 401:
            return False
        try:
            return self._password.value() != self._password.fresh()
        except NotSent:
            return False


def _masked(token: UsernameToken) -> UsernameToken:
    digested = {"nonce": MASK} if token.created else {}
    return replace(token, password=MASK, **digested)


def _with_header(request: Request, token: UsernameToken, shown: UsernameToken) -> Request:
    """The request with the token in its body, and `shown` in the body that is recorded."""
    recorded = request.body if request.recorded_body is None else request.recorded_body
    body = with_security(request.body, security_header(token))
    recorded_body = with_security(recorded, security_header(shown))
    if body is None or recorded_body is None:
        words = "WS-Security has no place in this request: it is a part of SOAP envelopes"
        raise NotSent(ReasonCode.AUTH, words)
    return replace(request, body=body, recorded_body=recorded_body)


def _written(now: int) -> str:
    """In UTC with milliseconds, which is as exact as the profile allows everywhere."""
    moment = datetime.fromtimestamp(now // 1_000_000 / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""From the proofs of a destination to the one signer that adds them all."""

from collections.abc import Callable, Sequence

import trio

from leadrelay.auth.api_key import api_key
from leadrelay.auth.basic import basic
from leadrelay.auth.bearer import bearer
from leadrelay.auth.headers import custom_headers
from leadrelay.auth.hmac import hmac_signature
from leadrelay.auth.proxy import hiding_what_a_proxy_is_shown
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import Secrets
from leadrelay.auth.standard_webhooks import standard_webhooks
from leadrelay.auth.wsse import WsseSigner
from leadrelay.core.destination import (
    ApiKey,
    Basic,
    Bearer,
    CustomHeaders,
    Hmac,
    Mtls,
    OAuth2,
    Proof,
    Proxy,
    StandardWebhooks,
    Wsse,
)
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.ports import Clock, Signer, Started, Wire


def signer_for(
    proofs: Sequence[Proof],
    secrets: Secrets,
    open_wire: Callable[[], Wire],
    clock: Clock,
    refresh_tokens: RefreshTokens | None = None,
    *,
    via: Proxy | None = None,
) -> Signer:
    """The signer for these proofs, applied in order. `open_wire` is for token endpoints, `via` the proxy.

    `refresh_tokens` are those of all destinations; without them, new ones are forgotten with the signer.

    Secrets are read when first needed, so one that is missing shows when a lead is signed, not here.
    """
    kept = refresh_tokens or RefreshTokens(secrets)
    made = [_signer(proof, secrets, open_wire, clock, kept) for proof in proofs]
    if via is not None:
        made.append(hiding_what_a_proxy_is_shown(via, secrets))
    signers = [signer for signer in made if signer is not None]
    return signers[0] if len(signers) == 1 else InOrder(signers)


def _signer(
    proof: Proof,
    secrets: Secrets,
    open_wire: Callable[[], Wire],
    clock: Clock,
    refresh_tokens: RefreshTokens,
) -> Signer | None:
    match proof:
        case ApiKey():
            return api_key(proof, secrets)
        case Basic():
            return basic(proof, secrets)
        case Bearer():
            return bearer(proof, secrets)
        case CustomHeaders():
            return custom_headers(proof, secrets)
        case OAuth2():
            from leadrelay.auth.oauth2 import OAuth2Signer  # noqa: PLC0415 (its libraries weigh 10 MB)

            return OAuth2Signer(proof, secrets, open_wire, clock, refresh_tokens)
        case Hmac():
            return hmac_signature(proof, secrets)
        case StandardWebhooks():
            return standard_webhooks(proof, secrets, clock)
        case Wsse():
            return WsseSigner(proof, secrets, clock)
        case Mtls():
            return None  # it is shown by the connection, see `mtls`


class InOrder:
    """Several signers, or none, as one."""

    def __init__(self, signers: Sequence[Signer]) -> None:
        self._signers = signers

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        async with trio.open_nursery() as nursery:
            for signer in self._signers:
                await nursery.start(signer.run)
            task_status.started()
            await trio.sleep_forever()

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer."""
        for signer in self._signers:
            request = await signer.sign(request)
        return request

    def show(self, request: Request) -> Request:
        """See core.ports.Signer."""
        for signer in self._signers:
            request = signer.show(request)
        return request

    def renew(self, signed: Request, reply: Reply) -> bool:
        """See core.ports.Signer. Every one is asked, because each may have something to drop."""
        renewed = [signer.renew(signed, reply) for signer in self._signers]
        return any(renewed)

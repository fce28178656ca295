"""Proofs that stay the same until somebody changes their secret: keys, passwords and given tokens.

A refusal (401) makes the secret be read again, so a changed one is taken up without a restart.
"""

from collections.abc import Callable, Sequence

import trio

from leadrelay.auth.credential import Credential
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.masking import MASK
from leadrelay.core.ports import Started

Prove = Callable[[Request, list[str]], Request]
Show = Callable[[Request], Request]


class FixedSigner:
    """Adds a proof made of secrets alone.

    `show` adds its picture, where `***` in place of a secret would not give one. `prove_again` is needed
    where a proof also depends on the time: it makes the proof of a signed request as of then.
    """

    def __init__(
        self,
        credentials: Sequence[Credential],
        prove: Prove,
        show: Show | None = None,
        prove_again: Prove | None = None,
    ) -> None:
        self._credentials, self._prove, self._show = credentials, prove, show
        self._prove_again = prove_again or prove

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        task_status.started()
        await trio.sleep_forever()

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer."""
        return self._prove(request, [credential.value() for credential in self._credentials])

    def show(self, request: Request) -> Request:
        """See core.ports.Signer."""
        if self._show is not None:
            return self._show(request)
        return self._prove(request, [MASK] * len(self._credentials))

    def renew(self, signed: Request, reply: Reply) -> bool:
        """See core.ports.Signer."""
        if reply.status != 401:
            return False
        try:
            now = self._prove_again(signed, [credential.fresh() for credential in self._credentials])
        except NotSent:
            return False
        return now != signed

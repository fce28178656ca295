"""A keyed digest of the body (RFC 2104): the recipient sees that it is from us and unchanged.

It is taken over the very bytes that leave. A proof that changes the body has to stand before this one.
"""

import hmac
from collections.abc import Sequence

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_header
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Hmac
from leadrelay.core.exchange import Request
from leadrelay.core.masking import MASK


def hmac_signature(proof: Hmac, secrets: Secrets) -> FixedSigner:
    """Sends the digest in hex, behind the prefix, in its header."""

    def prove(request: Request, values: Sequence[str]) -> Request:
        digest = hmac.digest(values[0].encode(), request.body, proof.algorithm.value).hex()
        return with_header(request, proof.header, proof.prefix + digest, digest)

    def show(request: Request) -> Request:
        return with_header(request, proof.header, proof.prefix + MASK)

    return FixedSigner([Credential(secrets, proof.key)], prove, show)

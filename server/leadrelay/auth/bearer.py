"""A token that the recipient gave out by hand (RFC 6750, 2.1)."""

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_header
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Bearer
from leadrelay.core.exchange import Request


def bearer(proof: Bearer, secrets: Secrets) -> FixedSigner:
    """Sends the token as it is."""

    def prove(request: Request, values: list[str]) -> Request:
        return with_header(request, "Authorization", f"Bearer {values[0]}", values[0])

    return FixedSigner([Credential(secrets, proof.token)], prove)

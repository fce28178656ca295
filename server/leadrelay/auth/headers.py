"""Any number of headers whose values are secrets."""

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_header
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import CustomHeaders
from leadrelay.core.exchange import Request


def custom_headers(proof: CustomHeaders, secrets: Secrets) -> FixedSigner:
    """Sends each secret under its header's name."""
    names = tuple(proof.values)

    def prove(request: Request, values: list[str]) -> Request:
        for name, value in zip(names, values, strict=True):
            request = with_header(request, name, value)
        return request

    return FixedSigner([Credential(secrets, secret) for secret in proof.values.values()], prove)

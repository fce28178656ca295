"""User name and password (RFC 7617), in UTF-8."""

from base64 import b64encode

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_header
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Basic
from leadrelay.core.exchange import Request


def basic(proof: Basic, secrets: Secrets) -> FixedSigner:
    """Sends both with every request, as HTTP Basic does."""

    def prove(request: Request, values: list[str]) -> Request:
        pair = b64encode(f"{proof.username}:{values[0]}".encode()).decode()
        return with_header(request, "Authorization", f"Basic {pair}", pair, values[0])

    return FixedSigner([Credential(secrets, proof.password)], prove)

"""An API key in a header, in a query parameter or in the body."""

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_field, with_header, with_parameter
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import ApiKey
from leadrelay.core.exchange import Request


def api_key(proof: ApiKey, secrets: Secrets) -> FixedSigner:
    """Sends the key where the recipient looks for it."""

    def prove(request: Request, values: list[str]) -> Request:
        if proof.header:
            return with_header(request, proof.header, proof.prefix + values[0], values[0])
        if proof.field:
            return with_field(request, proof.field, values[0])
        return with_parameter(request, proof.query, values[0])

    return FixedSigner([Credential(secrets, proof.key)], prove)

"""What a proxy is shown (RFC 7617, in the header of RFC 9110, 11.7.1)."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Proxy
from leadrelay.core.exchange import Request
from leadrelay.core.masking import spellings_of, together


def proxy_authorization(proxy: Proxy, secrets: Secrets) -> Callable[[], str] | None:
    """Gives the header's value with the password as it is now; None where the proxy asks for none.

    It raises NotSent with code `auth` when there is no password.
    """
    if not proxy.username:
        return None
    password = Credential(secrets, proxy.password)
    return lambda: f"Basic {_pair(proxy, password.value())}"


def hiding_what_a_proxy_is_shown(proxy: Proxy, secrets: Secrets) -> FixedSigner | None:
    """Adds nothing to a request but what must not be recorded of the reply.

    A proxy sees requests in clear, answers them itself, and may repeat what it was shown or hand it on.
    """
    if not proxy.username:
        return None

    def prove(request: Request, values: list[str]) -> Request:
        hidden = together(spellings_of(values[0]), spellings_of(_pair(proxy, values[0])))
        return replace(request, secrets=together(request.secrets, hidden))

    return FixedSigner([Credential(secrets, proxy.password)], prove)


def _pair(proxy: Proxy, password: str) -> str:
    return b64encode(f"{proxy.username}:{password}".encode()).decode()

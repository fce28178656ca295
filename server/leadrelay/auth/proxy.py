"""What a proxy is shown (RFC 7617, in the header of RFC 9110, 11.7.1)."""

from base64 import b64encode
from collections.abc import Callable

from leadrelay.auth.credential import Credential
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import Proxy


def proxy_authorization(proxy: Proxy, secrets: Secrets) -> Callable[[], str] | None:
    """Gives the header's value with the password as it is now; None where the proxy asks for none.

    It raises NotSent with code `auth` when there is no password.
    """
    if not proxy.username:
        return None
    password = Credential(secrets, proxy.password)
    return lambda: "Basic " + b64encode(f"{proxy.username}:{password.value()}".encode()).decode()

"""What a server is told when it starts; every default suits one machine and nobody else's network."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

DEFAULT_LISTEN = "127.0.0.1:7400"
DEFAULT_DATA = Path("data")
DEFAULT_MAX_LEADS = 5_000
DEFAULT_GRACE = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of `leadrelay serve`. Raises ValueError for those that cannot be meant."""

    listen: str = DEFAULT_LISTEN  # host:port; port 0 takes a free one
    data: Path = DEFAULT_DATA  # the journal lives here
    catalog: tuple[Path, ...] = ()  # files and folders to apply at the start; none: what the journal has
    secrets: Path | None = None  # a folder with one file for each secret
    secrets_keys: tuple[Path, ...] = ()  # files with the keys of the secret store, the current one first
    allow_egress: tuple[str, ...] = ()  # what leads may reach besides public addresses, in any catalog
    tls_certificate: Path | None = None  # PEM; with `tls_key` the port speaks TLS
    tls_key: Path | None = None
    client_ca: Path | None = None  # PEM; callers have to show a certificate of these authorities
    api_keys: Path | None = None  # the file of those who are let in; None: nobody is asked
    open_reflection: bool = False  # tell of our services also those who are not let in
    insecure: bool = False  # let in whoever reaches the port, also from other machines
    max_leads: int = DEFAULT_MAX_LEADS  # under way at once; more are refused before they are accepted
    grace: float = DEFAULT_GRACE  # seconds that leads under way have to finish when the server stops
    until_stdin_ends: bool = False  # stop when the parent process goes, however it goes

    def __post_init__(self) -> None:
        host_and_port(self.listen)
        if (self.tls_certificate is None) is not (self.tls_key is None):
            raise ValueError("a TLS certificate and its key go together: give both, or none for plaintext")
        if self.client_ca is not None and self.tls_certificate is None:
            raise ValueError(
                "callers show certificates over TLS only: give --tls-certificate and --tls-key too"
            )

    @property
    def asks_callers(self) -> bool:
        """Whether a caller has to prove who he is."""
        return self.api_keys is not None or self.client_ca is not None

    @property
    def is_exposed(self) -> bool:
        """Whether machines other than this one may reach the port."""
        host, _ = host_and_port(self.listen)
        return host != "localhost" and not (_ADDRESS.fullmatch(host) and ip_address(host).is_loopback)


_ADDRESS = re.compile(r"[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


def host_and_port(address: str) -> tuple[str, int]:
    """The two parts of `host:port`; an IPv6 address stands in brackets. Raises ValueError."""
    host, colon, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""  # an IPv6 address without brackets has no end
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port[:6]) > 65_535:
        raise ValueError(
            f"{address!r} is no address: write HOST:PORT, such as {DEFAULT_LISTEN} or [::1]:7400"
        )
    if _ADDRESS.fullmatch(host):
        try:
            ip_address(host)
        except ValueError as error:
            raise ValueError(f"{address!r} is no address: {error}") from None
    return host, int(port)

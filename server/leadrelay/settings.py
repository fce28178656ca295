"""What a server is told when it starts; every default suits one machine and nobody else's network."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_LISTEN = "127.0.0.1:7400"
DEFAULT_DATA = Path("data")
DEFAULT_MAX_LEADS = 5_000
DEFAULT_GRACE = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of `leadrelay serve`."""

    listen: str = DEFAULT_LISTEN  # host:port; port 0 takes a free one
    data: Path = DEFAULT_DATA  # the journal lives here
    catalog: tuple[Path, ...] = ()  # files and folders to apply at the start; none: what the journal has
    secrets: Path | None = None  # a folder with one file for each secret
    secrets_keys: tuple[Path, ...] = ()  # files with the keys of the secret store, the current one first
    tls_certificate: Path | None = None  # PEM; with `tls_key` the port speaks TLS
    tls_key: Path | None = None
    max_leads: int = DEFAULT_MAX_LEADS  # under way at once; more are refused before they are accepted
    grace: float = DEFAULT_GRACE  # seconds that leads under way have to finish when the server stops
    until_stdin_ends: bool = False  # stop when the parent process goes, however it goes

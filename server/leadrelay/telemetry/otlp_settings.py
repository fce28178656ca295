"""Where spans go, by the standard OpenTelemetry variables; nowhere if none of them is set.

A variable for traces wins over the general one, an empty one counts as unset, and durations are
milliseconds, all as the specification has it. Where the specification would have a misspelt value
passed over with a warning, this is an error instead: an operator who asked for a record must not
find out weeks later that there is none. Messages never repeat a value, for keys hide in headers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from urllib.parse import SplitResult, unquote, urlsplit

_PREFIX = "OTEL_EXPORTER_OTLP_"
_NAMES = (
    "ENDPOINT",
    "PROTOCOL",
    "HEADERS",
    "TIMEOUT",
    "COMPRESSION",
    "CERTIFICATE",
    "CLIENT_KEY",
    "CLIENT_CERTIFICATE",
    "INSECURE",
)
_DEFAULT_TIMEOUT = 10_000  # ms


class SettingsError(Exception):
    """A variable holds what it must not; the message names it and what it may hold."""

    @classmethod
    def of_files(cls, error: OSError) -> "SettingsError":
        """One of the PEM files is missing, unreadable or no PEM file."""
        why = error.strerror or type(error).__name__
        return cls(f"a file named by OTEL_EXPORTER_OTLP_*CERTIFICATE or *CLIENT_KEY cannot be used: {why}")


class Protocol(StrEnum):
    GRPC = "grpc"
    HTTP = "http/protobuf"


# gRPC takes fewer names than HTTP, and those that end in "-bin" mean binary values to it.
_HEADER_NAMES = {
    Protocol.GRPC: re.compile(r"(?!grpc-)(?!.*-bin$)[0-9a-z_.\-]+"),
    Protocol.HTTP: re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+"),
}
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpSettings:
    protocol: Protocol
    endpoint: str  # HTTP: the whole URL; gRPC: what grpcio dials
    is_secure: bool
    headers: tuple[tuple[str, str], ...] = ()  # names in lower case
    timeout: float = _DEFAULT_TIMEOUT / 1000  # seconds for one batch; infinite where 0 was asked for
    gzip: bool = False
    certificate: str = ""  # paths of PEM files; empty: the system's, and no proof of ours
    client_key: str = ""
    client_certificate: str = ""


def otlp_settings(environ: Mapping[str, str]) -> OtlpSettings | None:
    """None: spans are not exported. Raises SettingsError."""
    if not _is_wanted(environ):
        return None
    said = _Said(environ)
    protocol = Protocol(said.one_of("PROTOCOL", [each.value for each in Protocol]) or Protocol.HTTP)
    endpoint, is_secure = _http(said) if protocol is Protocol.HTTP else _grpc(said)
    key, certificate = said.get("CLIENT_KEY"), said.get("CLIENT_CERTIFICATE")
    if bool(key) != bool(certificate):
        raise SettingsError("OTEL_EXPORTER_OTLP_CLIENT_KEY and _CLIENT_CERTIFICATE go together: set both")
    return OtlpSettings(
        protocol=protocol,
        endpoint=endpoint,
        is_secure=is_secure,
        headers=_headers(said, protocol),
        timeout=_timeout(said),
        gzip=said.one_of("COMPRESSION", ["gzip", "none"]) == "gzip",
        certificate=said.get("CERTIFICATE"),
        client_key=key,
        client_certificate=certificate,
    )


class _Said:
    """The variables, the one for traces before the general one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def name(self, what: str) -> str:
        ours = f"{_PREFIX}TRACES_{what}"
        return ours if self._environ.get(ours, "").strip() else f"{_PREFIX}{what}"

    def get(self, what: str) -> str:
        return self._environ.get(self.name(what), "").strip()

    def one_of(self, what: str, allowed: list[str]) -> str:
        value = self.get(what).lower()
        if value and value not in allowed:
            raise SettingsError(f"{self.name(what)} must be one of: {', '.join(allowed)}")
        return value


def _is_wanted(environ: Mapping[str, str]) -> bool:
    if _is_true(environ, "OTEL_SDK_DISABLED"):
        return False
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    if exporter not in ("", "otlp", "none"):
        raise SettingsError("OTEL_TRACES_EXPORTER must be one of: otlp, none")
    names = [f"{_PREFIX}{traces}{name}" for name in _NAMES for traces in ("", "TRACES_")]
    return exporter != "none" and (exporter == "otlp" or any(environ.get(each, "").strip() for each in names))


def _is_true(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in ("", "true", "false"):
        raise SettingsError(f"{name} must be true or false")
    return value == "true"


def _http(said: _Said) -> tuple[str, bool]:
    """The general endpoint is a base for all signals; the one for traces is used as it stands."""
    name, url = said.name("ENDPOINT"), said.get("ENDPOINT") or "http://localhost:4318"
    parts = _split(name, url, "http://collector:4318")
    if name == f"{_PREFIX}ENDPOINT":
        url = parts._replace(path=f"{parts.path.rstrip('/')}/v1/traces").geturl()
    elif not parts.path:
        url = parts._replace(path="/").geturl()
    return url, parts.scheme == "https"


def _grpc(said: _Said) -> tuple[str, bool]:
    """A scheme decides about TLS; without one the INSECURE variable does."""
    name, endpoint = said.name("ENDPOINT"), said.get("ENDPOINT") or "http://localhost:4317"
    is_insecure = said.one_of("INSECURE", ["true", "false"]) == "true"
    if not endpoint.startswith(("http://", "https://")):
        return endpoint, not is_insecure
    parts = _split(name, endpoint, "http://collector:4317")
    host = parts.netloc.rpartition("@")[2]
    port = "" if parts.port else ":443" if parts.scheme == "https" else ":80"
    return f"{host}{port}", parts.scheme == "https"


def _split(name: str, url: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{name} must be a URL such as {example}")
    return parts


def _headers(said: _Said, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """`key1=value1,key2=value2`, percent-encoded where need be (W3C Baggage without metadata)."""
    found = []
    for place, part in enumerate(said.get("HEADERS").split(","), start=1):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        name, value = unquote(name.strip()).lower(), unquote(value.strip())
        if not equals or not _HEADER_NAMES[protocol].fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise SettingsError(f"entry {place} of {said.name('HEADERS')} must read name=value")
        found.append((name, value))
    return tuple(found)


def _timeout(said: _Said) -> float:
    value = said.get("TIMEOUT")
    if value and not (value.isascii() and value.isdigit()):
        raise SettingsError(f"{said.name('TIMEOUT')} must be a whole number of milliseconds")
    milliseconds = int(value) if value else _DEFAULT_TIMEOUT
    return milliseconds / 1000 or inf

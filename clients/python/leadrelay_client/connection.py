"""How a client reaches its server: address, TLS, keepalive, and what goes along with every call.

What gRPC would refuse only at the first call, and with the API key in its message, is refused here.
"""

import os
import re
from pathlib import Path

import grpc

# A server of gRPC's default settings hangs up on clients that ask more than once in five minutes whether it
# is still there while nothing else is said. Lower it only where the server allows that.
KEEPALIVE = 330.0
KEEPALIVE_TIMEOUT = 20.0
MAX_RECEIVE_BYTES = 64 << 20  # a whole catalog comes as one message

# False: plaintext. True: TLS that trusts the public authorities. A path: a PEM file of those to trust
# instead. Credentials as gRPC makes them: for a client certificate.
Tls = bool | str | Path | grpc.ChannelCredentials
Options = list[tuple[str, int]]
Metadata = tuple[tuple[str, str], ...]

API_KEY_VARIABLE = "LEADRELAY_API_KEY"
_API_KEY = re.compile(r"[!-~]+")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def checked(target: str) -> str:
    """A target as gRPC has it: host:port, dns:///host:port, unix:path."""
    if target.startswith(("http:", "https:")):
        raise ValueError("a server is host:port, without http:// or https://; for TLS give tls=True")
    return target


def credentials(tls: Tls) -> grpc.ChannelCredentials | None:
    """None: plaintext."""
    if isinstance(tls, grpc.ChannelCredentials):
        return tls
    if isinstance(tls, bool):
        return grpc.ssl_channel_credentials() if tls else None
    return grpc.ssl_channel_credentials(root_certificates=Path(tls).read_bytes())


def options(keepalive: float | None) -> Options:
    """Seconds of silence after which the server is asked whether it is there; None: never."""
    chosen = [
        ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
        # How often to try again is paced by listening.py; gRPC's own pauses would grow to two minutes.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 5_000),  # also how long one try may take
        ("grpc.max_reconnect_backoff_ms", 5_000),
    ]
    if keepalive is not None:
        chosen.append(("grpc.keepalive_time_ms", round(keepalive * 1000)))
        chosen.append(("grpc.keepalive_timeout_ms", round(KEEPALIVE_TIMEOUT * 1000)))
    return chosen


def authorization(api_key: str | None) -> Metadata:
    """None: the key that the environment has, if it has one. Empty: none is shown."""
    if api_key is None:
        api_key = os.environ.get(API_KEY_VARIABLE, "")
    if not api_key:
        return ()
    if not _API_KEY.fullmatch(api_key):
        raise ValueError(
            "the API key holds a space, a line end or a character beyond ASCII, which no key has"
        )
    return (("authorization", f"Bearer {api_key}"),)


def trace_context(traceparent: str) -> Metadata:
    """The W3C context of the caller, whose trace the lead's spans then join. Empty: the lead has its own."""
    if not traceparent:
        return ()
    if not _TRACEPARENT.fullmatch(traceparent):
        raise ValueError("traceparent is no W3C trace context, such as 00-<32 hex>-<16 hex>-01")
    return (("traceparent", traceparent),)

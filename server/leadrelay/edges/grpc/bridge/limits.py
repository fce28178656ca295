"""How much one server takes on. Everything that can pile up has a number here."""

from dataclasses import dataclass

KIB, MIB = 1 << 10, 1 << 20

# Core turns calls away by itself, at random and as CANCELLED, once this many wait for the trio
# thread. That is out of reach of any burst we mean to serve, and ours is the answer that says why.
PENDING_IN_CORE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The default suits a server of short calls and a few thousand long streams."""

    max_calls: int = 20_000  # open at once, over all connections; the next gets RESOURCE_EXHAUSTED
    max_receive_bytes: int = 4 * MIB  # one request message, unpacked
    max_refused_bytes: int = 16 * MIB  # up to here a larger one is read, so that we can say what is wrong
    outbox_messages: int = 16  # answers of one call that wait for its reader
    outbox_bytes: int = 256 * KIB  # the same in bytes; the last message may go beyond
    inbox_messages: int = 16  # requests of one call that wait for its handler
    inbox_bytes: int = 256 * KIB  # the same in bytes, and as much again in core
    grace: float = 5.0  # seconds that open calls have to finish once the server stops
    max_connection_age: float | None = None  # seconds; makes clients reconnect and so spread again

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and value < (0 if name == "grace" else 1):
                raise ValueError(f"limit {name} is {value}; it has to be at least {int(name != 'grace')}")

    def as_options(self) -> dict[str, int | str]:
        """Those limits that core itself keeps, as channel arguments."""
        pending = max(PENDING_IN_CORE, self.max_calls)
        options: dict[str, int | str] = {
            # Otherwise core takes in up to 16 MB for a handler that does not read, if the line is fast.
            "grpc.http2.bdp_probe": 0,
            "grpc.http2.lookahead_bytes": self.inbox_bytes,
            "grpc.max_receive_message_length": max(self.max_receive_bytes, self.max_refused_bytes),
            "grpc.server.max_pending_requests": pending,
            "grpc.server.max_pending_requests_hard_limit": pending,
        }
        if self.max_connection_age is not None:
            options["grpc.max_connection_age_ms"] = round(self.max_connection_age * 1000)
            options["grpc.max_connection_age_grace_ms"] = round(self.grace * 1000)
        return options

"""What comes back for one call on a shared connection, and what is known of one that broke."""

from collections import deque

import trio

Headers = list[tuple[bytes, bytes]]


class Lost(Exception):
    """The connection, or one stream of it, broke."""

    def __init__(self, words: str, *, was_read: bool = True, is_tls: bool = False) -> None:
        super().__init__(words)
        self.words, self.was_read = words, was_read
        self.is_tls = is_tls  # TLS failed, such as by a certificate of ours that the peer does not take


class Stream:
    """What comes back for one call. For one task."""

    def __init__(self, number: int, outgoing: bytes) -> None:
        self.number = number
        self.outgoing = outgoing  # what flow control has held back so far
        self._come: deque[Headers | bytes] = deque()
        self._news = trio.Event()
        self._lost: Lost | None = None
        self.has_ended = False

    async def next(self) -> Headers | bytes | None:
        """Headers, a piece of the body, or None after the last. Raises Lost."""
        while not self._come:
            if self._lost is not None:
                raise Lost(self._lost.words, was_read=self._lost.was_read)
            if self.has_ended:
                return None
            self._news = trio.Event()
            await self._news.wait()
        return self._come.popleft()

    # Said by the connection.

    def put(self, piece: Headers | bytes) -> None:
        self._come.append(piece)
        self._news.set()

    def end(self) -> None:
        self.has_ended = True
        self._news.set()

    def lose(self, lost: Lost) -> None:
        if not self.has_ended and self._lost is None:
            self._lost = lost
            self._news.set()

    @property
    def is_over(self) -> bool:
        return self.has_ended or self._lost is not None

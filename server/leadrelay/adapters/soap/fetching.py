"""Fetches a WSDL and its imports: from files, and from the network through the wires that leads take.

The lead has not left, so whatever fails here is NotSent. The whole of it has one time limit.
"""

from collections.abc import Callable
from pathlib import Path

import trio

from leadrelay.adapters.soap.gathering import MAX_BYTES, Documents, Gathering, is_remote
from leadrelay.adapters.soap.refusal import BadWsdl
from leadrelay.core.errors import DeliveryError
from leadrelay.core.exchange import Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Unwatched, Wire

PATIENCE = 10.0  # seconds for all documents


class Remote(Exception):
    """A document lies on a network, and only files are looked at."""


async def fetch(location: str, open_wire: Callable[[], Wire]) -> Documents:
    """All documents of a WSDL. Raises BadWsdl."""
    gathering = Gathering(location)
    wire = open_wire()
    try:
        with trio.fail_after(PATIENCE):
            while (wanted := gathering.wanted) is not None:
                text = await _one(wanted, wire, gathering.room)
                await trio.to_thread.run_sync(gathering.take, text)  # megabytes take their time
    except trio.TooSlowError:
        words = f"the WSDL did not come within {PATIENCE:g} s; save it as a file and name that file in `wsdl`"
        raise BadWsdl(ReasonCode.TIMEOUT_RESPONSE, words) from None
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 1):
            await wire.aclose()
    return gathering.documents()


def read_files(location: str) -> Documents:
    """The same from files alone. Raises BadWsdl, and Remote where an import lies elsewhere."""
    gathering = Gathering(location)
    while (wanted := gathering.wanted) is not None:
        if is_remote(wanted):
            raise Remote
        gathering.take(_file(wanted, gathering.room))
    return gathering.documents()


async def _one(location: str, wire: Wire, room: int) -> bytes:
    if is_remote(location):
        return await _page(location, wire)
    return await trio.to_thread.run_sync(_file, location, room, abandon_on_cancel=True)


async def _page(location: str, wire: Wire) -> bytes:
    headers = (("Accept", "text/xml, application/xml, application/wsdl+xml, */*;q=0.5"),)
    try:
        reply = await wire.send(Request(method="GET", url=location, headers=headers), Unwatched())
    except DeliveryError as error:
        raise BadWsdl(error.code, f"the WSDL cannot be fetched: {_larger(error)}") from error
    if reply.status != 200:
        hint = _HINTS.get(reply.status // 100 if reply.status not in (401, 403) else 401, "try again later")
        raise BadWsdl(ReasonCode.PROTOCOL, f"the WSDL cannot be fetched: HTTP status {reply.status}; {hint}")
    return reply.body


_HINTS = {
    3: "it was moved; write the address that it leads to",
    4: "check the address in `wsdl`",
    401: "it is not public; save it as a file and name that file in `wsdl`",
}


def _larger(error: DeliveryError) -> str:
    if error.code is not ReasonCode.RESPONSE_TOO_LARGE:
        return error.words
    return f"it is larger than {MAX_BYTES // 1024 // 1024} MB; save one with only what is needed as a file"


def _file(path: str, room: int) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(room + 1)  # one more shows that it is too large
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        words = f"the file `{Path(path).name}` of the WSDL cannot be read: {why}; the server reads it itself"
        raise BadWsdl(ReasonCode.PROTOCOL, words) from error

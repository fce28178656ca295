"""Going on where a recipient sends a request, for destinations that ask for it (behaviour 6).

307 and 308 say that the request was not taken here and is to be made again, as it is, at another address:
until that one has a byte of it, nobody has the lead. 301, 302 and 303 say so of nothing but GET and HEAD.
Behind a POST they mostly mean that it was taken and that there is a page to look at: they are the answer,
because a second POST could sell the lead twice, and a GET in its place would say nothing of it. Behind a GET
that is followed, the one who sent it on may have taken the lead all the same, so from there on a failure is
`unknown`.

Proofs stay with the origin that they were made for: what leaves it, leaves without, over another wire that
shows no client certificate, and does not get them back. Every host passes the egress guard, and nothing that
began under TLS goes on in clear.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, unquote_plus, urljoin

from leadrelay.adapters.head import split_url
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import ALWAYS_SECRET, Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress, Wire

MAX_REDIRECTS = 5  # behind one request

_UNTAKEN = (307, 308)
_MAYBE_TAKEN = (301, 302, 303)
_SAFE = ("GET", "HEAD")
_PRINTABLE = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"  # is left as it is; blanks and the rest are escaped


def following(open_wire: Callable[[], Wire], open_elsewhere: Callable[[], Wire]) -> Callable[[], Wire]:
    """Opens wires that follow redirects; `open_elsewhere` is for other origins than the first."""
    return lambda: FollowingWire(open_wire(), open_elsewhere())


class FollowingWire:
    """One wire for the destination's own origin and one for wherever it sends us."""

    def __init__(self, own: Wire, elsewhere: Wire) -> None:
        self._own, self._elsewhere = own, elsewhere

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire. The reply is that of the last address."""
        journey = _Journey(request)
        while True:
            wire = self._own if journey.is_at_home else self._elsewhere
            reply = await journey.leg(wire, progress)
            if not journey.goes_on(reply):
                return replace(reply, url=journey.led_to)
            if not journey.may_be_taken:
                progress.handed_back()

    async def aclose(self) -> None:
        """See core.ports.Wire."""
        await self._own.aclose()
        await self._elsewhere.aclose()


class _Journey:
    """One request on its way from address to address."""

    def __init__(self, request: Request) -> None:
        self.is_at_home = True
        self.may_be_taken = False  # by somebody who has sent it on
        self._request = request
        self._seen = [split_url(request.url)]

    @property
    def led_to(self) -> str:
        """The present address; empty for the first."""
        return self._request.url if len(self._seen) > 1 else ""

    async def leg(self, wire: Wire, progress: Progress) -> Reply:
        """The reply of the present address."""
        try:
            return await wire.send(self._request, progress)
        except NotSent as error:
            if len(self._seen) == 1:
                raise
            raise self._failure(
                error.code, f"the recipient redirected the request; there, {error.words}"
            ) from error

    def goes_on(self, reply: Reply) -> bool:
        """Whether it is to be sent to another address, which then is the present one."""
        location = reply.header("location")
        is_followed = reply.status in _UNTAKEN or (
            reply.status in _MAYBE_TAKEN and self._request.method in _SAFE
        )
        if not is_followed or not location:
            return False
        self.may_be_taken = self.may_be_taken or reply.status in _MAYBE_TAKEN
        self._move(location)
        return True

    def _move(self, location: str) -> None:
        try:
            url = urljoin(self._request.url, quote(location.encode("latin-1"), safe=_PRINTABLE))
            there = split_url(url)
        except (
            NotSent,
            ValueError,
        ):  # the words of both speak of the destination's own URL, or quote this one
            raise self._refused("to an address that cannot be used") from None
        here = self._seen[-1][0]
        if here.is_secure and not there[0].is_secure:
            raise self._refused("from https to http, where everybody could read the lead")
        if there in self._seen:
            raise self._refused("in a circle")
        if len(self._seen) > MAX_REDIRECTS:
            raise self._refused(f"more than {MAX_REDIRECTS} times in a row")
        self._seen.append(there)
        if there[0] != here:
            self.is_at_home = False
            url = _without_secrets(url, self._request.secret_params)
            self._request = _without_proofs(self._request)
        self._request = replace(self._request, url=url)

    def _refused(self, words: str) -> NotSent | NoAnswer:
        words = f"the recipient redirects {words}; write the address that it means in the destination's URL"
        return self._failure(ReasonCode.PROTOCOL, words)

    def _failure(self, code: ReasonCode, words: str) -> NotSent | NoAnswer:
        return NoAnswer(code, words) if self.may_be_taken else NotSent(code, words)


def _without_proofs(request: Request) -> Request:
    """The request as a stranger may see it."""
    dropped = request.secret_headers | ALWAYS_SECRET | {"host"}
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in dropped)
    body = request.body if request.unproved_body is None else request.unproved_body
    return replace(request, headers=kept, body=body, secret_headers=frozenset())


def _without_secrets(url: str, names: frozenset[str]) -> str:
    """The URL without parameters that the first origin was shown and may have copied."""
    base, mark, query = url.partition("?")
    if not names or not mark:
        return url
    kept = [pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) not in names]
    return f"{base}?{'&'.join(kept)}" if kept else base

"""One operation of one SOAP service (behaviour 4.1): an envelope goes out by HTTP, like any other request.

The WSDL is looked at when the first lead needs it, once for all who wait, and never again while the outlet
lives. If its address is down later, what it said before is taken: a lead does not wait for a document.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import trio
from lxml import etree

from leadrelay.adapters.compose import our_headers
from leadrelay.adapters.head import header_value, split_url
from leadrelay.adapters.soap.contract import Contract, contract_from
from leadrelay.adapters.soap.fetching import Remote, fetch, read_files
from leadrelay.adapters.soap.fitting import HEADER, Fitting, Unfit, tree_of
from leadrelay.adapters.soap.gathering import Documents, is_remote
from leadrelay.adapters.soap.masking import mask
from leadrelay.adapters.soap.refusal import BadWsdl, choice
from leadrelay.core.destination import Soap
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Headers, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.core.wsse import SLOT

UNDERSTANDING: Final = 20.0  # seconds for a parser that cannot be stopped; then its thread is left alone
AGAIN_AFTER: Final = 5.0  # seconds in which a WSDL that failed is not asked for again
KEPT: Final = 32  # places of which is remembered what was there

# zeep's words where one of a choice is too many; names that are nowhere have been told before.
_TOO_MANY = re.compile(r"got an unexpected keyword argument '([^']+)'")
_parsers = trio.CapacityLimiter(2)
_last_read: OrderedDict[str, Documents] = OrderedDict()


class SoapAdapter:
    """Speaks to one operation."""

    def __init__(
        self, soap: Soap, open_wire: Callable[[], Wire], open_library: Callable[[], Wire], *, has_slot: bool
    ) -> None:
        """`open_library` is for the WSDL, which may be larger than a reply; `has_slot`: a signer will need
        a place in the envelope."""
        self._soap, self._open_wire, self._open_library = soap, open_wire, open_library
        self._has_slot = has_slot
        self._contract: Contract | None = None
        self._one_at_a_time = trio.Lock()
        self._failure: BadWsdl | None = None
        self._failed_at = 0.0

    async def run(self, task_status: Started) -> None:
        """See core.ports.Adapter. Its wires need nobody."""
        task_status.started()

    async def ready(self) -> None:
        """See core.ports.Adapter."""
        if self._contract is not None:
            return
        async with self._one_at_a_time:
            if self._contract is None:
                await self._prepare()

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:  # noqa: ARG002 - no templates here
        """See core.ports.Adapter."""
        contract = self._contract or self._at_hand()
        address = contract.address
        split_url(address)  # raises when there is no sending to it
        try:
            made, action = self._made(contract, mapped)
            contract.addressed(made, address)
            if self._has_slot:
                _header_of(made).insert(0, etree.Comment(SLOT[4:-3].decode()))
            sent = _written(made)
            shown = self._shown(made, mapped, contract) if mapped.has_sensitive else None
        except Unfit as error:
            raise NotSent(ReasonCode.MAPPING_INVALID, f"the envelope cannot be written: {error}") from error
        return Request(
            method="POST",
            url=address,
            headers=_typed(contract, action) + our_headers(envelope),
            body=sent,
            recorded_body=shown,
            idempotency_key=envelope.idempotency_key,
        )

    def open(self) -> Wire:
        """See core.ports.Adapter."""
        return self._open_wire()

    async def _prepare(self) -> None:
        if self._failure is not None and trio.current_time() < self._failed_at + AGAIN_AFTER:
            raise NotSent(self._failure.code, self._failure.words)
        try:
            self._contract = await self._learnt()
        except BadWsdl as error:
            self._failure, self._failed_at = error, trio.current_time()
            raise

    async def _learnt(self) -> Contract:
        place = self._soap.wsdl
        try:
            documents = await fetch(place, self._open_library)
        except BadWsdl:
            if place not in _last_read:
                raise
            documents = _last_read[place]
        contract = await _understood(documents, self._soap)
        _remember(place, documents)
        return contract

    def _at_hand(self) -> Contract:
        """For a preview, which waits for nothing: a file, or what was fetched before."""
        self._contract = contract_from(self._documents_at_hand(), self._soap)
        return self._contract

    def _documents_at_hand(self) -> Documents:
        place = self._soap.wsdl
        if not is_remote(place):
            try:
                return read_files(place)
            except Remote:
                pass
        if place in _last_read:
            return _last_read[place]
        words = "the WSDL is fetched when the first lead is sent; until then an envelope cannot be shown"
        raise NotSent(ReasonCode.PROTOCOL, words)

    def _made(self, contract: Contract, mapped: Mapped) -> tuple[Any, str]:
        tree = dict(tree_of(mapped.payload))
        headers = tree.pop(HEADER, None)
        arguments = Fitting(contract.members, contract.allowed).arguments(contract.body, tree)
        try:
            made, action = contract.envelope(arguments)
            if headers is not None:
                self._add_headers(contract, made, headers)
        except (Unfit, NotSent):
            raise
        except Exception as error:  # zeep tells what is missing by errors of many classes
            raise Unfit(_in_words(error)) from error
        return made, action

    def _add_headers(self, contract: Contract, made: Any, headers: object) -> None:
        if not isinstance(headers, dict):
            raise Unfit(f"`{HEADER}` takes objects; write for example `{HEADER}.AuthHeader.UserName`")
        into = _header_of(made)
        for name, value in headers.items():
            element = contract.header(name)
            path = f"{HEADER}.{name}"
            if element is None:
                raise Unfit(f"`{path}` has no place in the WSDL{choice(name, contract.header_names())}")
            fitted = Fitting(contract.members, contract.allowed).header(element, value, path)
            element.render(into, element(**fitted) if isinstance(fitted, dict) else fitted, [HEADER, name])

    def _shown(self, made: Any, mapped: Mapped, contract: Contract) -> bytes:
        payload = mapped.payload
        hidden = {path: payload[path] for path, value in mapped.masked_payload().items() if value == MASK}
        mask(made, hidden, is_wrapped=contract.is_wrapped)
        return _written(made)


async def _understood(documents: Documents, soap: Soap) -> Contract:
    with trio.move_on_after(UNDERSTANDING):
        return await trio.to_thread.run_sync(
            contract_from, documents, soap, abandon_on_cancel=True, limiter=_parsers
        )
    words = f"the WSDL could not be understood within {UNDERSTANDING:g} s; save one with only what is needed"
    raise BadWsdl(ReasonCode.PROTOCOL, f"{words} as a file and name that file in `wsdl`")


def _remember(place: str, documents: Documents) -> None:
    _last_read[place] = documents
    _last_read.move_to_end(place)
    while len(_last_read) > KEPT:
        _last_read.popitem(last=False)


def _header_of(envelope: Any) -> Any:
    """The envelope's header, which is made where there is none."""
    namespace = etree.QName(envelope).namespace
    header = envelope.find(f"{{{namespace}}}Header")
    if header is None:
        header = etree.Element(f"{{{namespace}}}Header")
        envelope.insert(0, header)
    return header


def _typed(contract: Contract, action: str) -> Headers:
    if '"' in action:
        raise NotSent(ReasonCode.MAPPING_INVALID, "the WSDL's SOAPAction has a quote in it")
    if contract.is_1_2:
        named = f'; action="{action}"' if action else ""
        headers: Headers = (("Content-Type", f"application/soap+xml; charset=utf-8{named}"),)
    else:
        headers = (("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", f'"{action}"'))
    for name, value in headers:
        header_value(name, value)  # raises when it cannot be sent
    return headers


def _written(envelope: Any) -> bytes:
    written: bytes = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written


def _in_words(error: Exception) -> str:
    """What zeep said, which names elements and types and no values."""
    said = " ".join(str(error).split())
    if one := _TOO_MANY.search(said):
        return f"`{one[1]}` does not go with what else is given: the WSDL has a choice of which one is taken"
    return said[:300] if said and type(error).__module__.startswith("zeep") else "it does not fit the WSDL"

"""What a WSDL says of one operation: where it is, what it takes, and in which version of SOAP.

The only module that knows zeep. A WSDL is parsed once for its content, whoever asks and however often;
the result is shared and never changed. zeep is handed texts and reaches no network and no file.
"""

import re
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

from zeep import Settings
from zeep.wsa import WsAddressingPlugin
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import Soap11Binding, Soap12Binding, SoapBinding
from zeep.xsd import ComplexType, Element

from leadrelay.adapters.soap.builtin import BUILTIN
from leadrelay.adapters.soap.enumerations import Allowed, enumerations
from leadrelay.adapters.soap.fitting import Members
from leadrelay.adapters.soap.gathering import Documents, place_of
from leadrelay.adapters.soap.refusal import BadWsdl, choice
from leadrelay.core.destination import Soap, SoapVersion
from leadrelay.core.outcome import ReasonCode

_CLASSES = {SoapVersion.V1_1: Soap11Binding, SoapVersion.V1_2: Soap12Binding}
KEPT: Final = 32  # parsed WSDLs in memory
MAX_MEMBERS: Final = 20_000  # of all types that an operation takes
READS_EACH: Final = 8  # how often the parser may ask for one document; a circle asks for ever

_parsed: OrderedDict[bytes, Any] = OrderedDict()
_lock = Lock()


def parse(documents: Documents) -> Any:
    """zeep's document. Takes up to seconds: to be called in a thread. Raises BadWsdl."""
    with _lock:
        found = _parsed.get(documents.digest)
    if found is None:  # outside of the lock: one that takes long must not keep the others waiting
        found = _parse(documents)
    with _lock:
        found = _parsed.setdefault(documents.digest, found)
        _parsed.move_to_end(documents.digest)
        while len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    return found


def _parse(documents: Documents) -> Any:
    # What zeep leaves out of a WSDL it warns of; who wants just that is told by us, and nobody else asks.
    warnings.filterwarnings("ignore", module=r"zeep\.")
    settings = Settings(forbid_dtd=True, forbid_external=True, force_https=False)
    try:
        shelf: Any = _Shelf(documents.texts)
        return Document(place_of(0), shelf, settings=settings)
    except Exception as error:  # a parser's words for a broken WSDL are of every class there is
        why = _in_words(error)
        words = f"the WSDL cannot be understood: {why}; check that it and what it imports are complete"
        raise BadWsdl(ReasonCode.PROTOCOL, words) from error


class _Shelf:
    """What zeep takes for a network."""

    def __init__(self, texts: tuple[bytes, ...]) -> None:
        self._texts = {place_of(number): text for number, text in enumerate(texts)} | BUILTIN
        self._reads = READS_EACH * len(self._texts)

    def load(self, location: str) -> bytes:
        self._reads -= 1
        if self._reads < 0:
            raise _InCircles("its imports lead in circles")
        if location not in self._texts:
            raise _InCircles("it needs a document that it does not import by address")
        return self._texts[location]


class _InCircles(Exception):
    """The parser asks for what it had, or for what nobody has."""


def _in_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its imports or types lead in circles"
    said = " ".join(str(error).split())[:160]
    if isinstance(error, _InCircles):
        return said
    is_about_us = isinstance(error, AttributeError | TypeError | AssertionError)
    kind = type(error).__name__
    return f"{said} ({kind})" if said and not is_about_us else f"it is not as such documents are ({kind})"


@dataclass(frozen=True, slots=True)
class Contract:
    """One operation of one port."""

    address: str
    is_1_2: bool
    body: Any  # zeep's element of the arguments; None: it takes none
    is_wrapped: bool  # the arguments stand in the body without an element round them
    declared: tuple[tuple[str, Any], ...]  # header parts that the WSDL declares, by name
    _document: Any
    _operation: Any
    members: dict[int, Members] = field(default_factory=dict)  # by the id of a type, which lives as long
    allowed: Allowed = field(default_factory=dict)  # the texts of types that list them

    def envelope(self, arguments: dict[str, Any]) -> tuple[Any, str]:
        """The envelope as an element, and the SOAPAction."""
        made = self._operation.create(**arguments)
        return made.content, str(self._operation.soapaction or "")

    def addressed(self, envelope: Any, address: str) -> None:
        """Add WS-Addressing headers where the WSDL asks for them."""
        if self._operation.abstract.wsa_action:
            plugin: Any = WsAddressingPlugin(address)
            plugin.egress(envelope, {}, self._operation, {})

    def header(self, name: str) -> Any:
        """The element of a header: one that the WSDL declares for the operation, else any of that name."""
        for part, element in self.declared:
            if name in (part, element.name):
                return element
        return next((each for each in self._document.types.elements if each.name == name), None)

    def header_names(self) -> list[str]:
        return [part for part, _ in self.declared]


def contract_from(documents: Documents, soap: Soap) -> Contract:
    """The operation that a destination names, from the texts. To be called in a thread. Raises BadWsdl."""
    try:
        contract = contract_of(parse(documents), soap, is_secure=documents.is_secure)
    except _NoOperation as error:
        raise _left_out(documents, soap) or error from error
    _check_size(contract)
    return replace(contract, allowed=enumerations(documents.texts))


class _NoOperation(BadWsdl):
    """The parser knows none of that name."""


def _left_out(documents: Documents, soap: Soap) -> BadWsdl | None:
    """What is wrong where a document has the operation and the parser left it out for what it lacks."""
    named = re.compile(rb"<(?:[\w.-]+:)?operation\b[^>]*\bname=\"%b\"" % re.escape(soap.operation.encode()))
    if not any(named.search(text) for text in documents.texts):
        return None
    words = (
        f"the operation `{soap.operation}` of the WSDL has no binding, or names messages or elements that are"
    )
    return _missing(f"{words} not in it; check that it and what it imports are complete")


def contract_of(document: Any, soap: Soap, *, is_secure: bool = False) -> Contract:
    """The operation that a destination names. Raises BadWsdl when it is not there."""
    ports = list(_ports(document))
    if not ports:
        raise _missing("the WSDL has no SOAP port; its services are for other protocols")
    ports = _named(ports, 0, soap.service, "service")
    ports = _named(ports, 1, soap.port, "port")
    if soap.version is not None:
        ports = [each for each in ports if isinstance(each[2].binding, _CLASSES[soap.version])]
        if not ports:
            raise _missing(f"the WSDL has no port for SOAP {soap.version.value}; leave `version` out")
    names = sorted({name for each in ports for name in each[2].binding._operations})
    port = next((port for _, _, port in ports if soap.operation in port.binding._operations), None)
    if port is None:
        words = f"the WSDL has no operation `{soap.operation}`{choice(soap.operation, names)}"
        is_elsewhere = any(soap.operation in each._operations for each in document.bindings.values())
        raise _missing(words) if is_elsewhere else _NoOperation(ReasonCode.MAPPING_INVALID, words)
    return _contract(document, port, port.binding._operations[soap.operation], soap, is_secure)


def _contract(document: Any, port: Any, operation: Any, soap: Soap, is_secure: bool) -> Contract:
    message = operation.input
    if message is None:
        raise _missing(f"the operation `{soap.operation}` takes no input, so no lead can be sent to it")
    address = str((port.binding_options or {}).get("address") or "").strip()
    # Servers behind a TLS proxy write their inner address; a lead does not leave in clear for that.
    if is_secure and address.startswith("http://"):
        address = "https://" + address.removeprefix("http://").replace(":80/", "/", 1)
    if not soap.url and not address:
        raise _missing("the WSDL names no address for its port; set `url`")
    return Contract(
        address=soap.url or address,
        is_1_2=isinstance(port.binding, Soap12Binding),
        body=message.body,
        is_wrapped=message._is_body_wrapped,
        declared=tuple(_elements(message.header)),
        _document=document,
        _operation=operation,
    )


def _elements(header: Any) -> Iterator[tuple[str, Any]]:
    for name, element in header.type.elements if header is not None else ():
        if isinstance(element, Element):
            yield str(name), element


def _ports(document: Any) -> Iterator[tuple[str, str, Any]]:
    for service_name, service in document.services.items():
        for port_name, port in service.ports.items():
            if isinstance(port.binding, SoapBinding):
                yield service_name, port_name, port


def _named(ports: list[tuple[str, str, Any]], at: int, wanted: str, what: str) -> list[tuple[str, str, Any]]:
    if not wanted:
        return ports
    found = [each for each in ports if each[at] == wanted]
    if not found:
        known = [str(each[at]) for each in ports]
        raise _missing(f"the WSDL has no {what} `{wanted}` for SOAP{choice(wanted, known)}")
    return found


def _check_size(contract: Contract) -> None:
    """Groups of groups unfold when they are used, and every lead would pay for it."""
    waiting, seen, left = [contract.body], set[int](), MAX_MEMBERS
    try:
        while waiting:
            kind = getattr(waiting.pop(), "type", None)
            if isinstance(kind, ComplexType) and id(kind) not in seen:
                seen.add(id(kind))
                members = [element for _, element in kind.elements]
                waiting += members
                left -= len(members) + len(kind.attributes)
            if left < 0:
                words = f"the operation has more than {MAX_MEMBERS} elements and attributes"
                raise BadWsdl(ReasonCode.PROTOCOL, f"{words}; save a WSDL with only what is needed as a file")
    except RecursionError as error:
        words = "the WSDL cannot be understood: its types lead in circles"
        raise BadWsdl(ReasonCode.PROTOCOL, words) from error


def _missing(words: str) -> BadWsdl:
    return BadWsdl(ReasonCode.MAPPING_INVALID, words)

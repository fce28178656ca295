"""What can be known to be wrong with a SOAP destination before a lead is sent, from files alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zeep.xsd import ComplexType
from zeep.xsd.types import builtins

from leadrelay.adapters.soap.contract import Contract, contract_from
from leadrelay.adapters.soap.fetching import Remote, read_files
from leadrelay.adapters.soap.fitting import HEADER, any_in, members_of, steps_of
from leadrelay.adapters.soap.refusal import BadWsdl, choice
from leadrelay.core.destination import Soap


@dataclass(frozen=True, slots=True)
class Wrong:
    words: str = ""  # about the WSDL or the operation
    paths: Mapping[int, str] = field(default_factory=dict)  # about the mapping, by the number of the rule


def what_is_wrong(soap: Soap, paths: Sequence[str]) -> Wrong:
    """Nothing where the WSDL imports what lies on a network: then it shows with the first lead."""
    try:
        contract = contract_from(read_files(soap.wsdl), soap)
    except Remote:
        return Wrong()
    except BadWsdl as error:
        return Wrong(error.words)
    told = ((number, _about(contract, path)) for number, path in enumerate(paths))
    return Wrong(paths={number: words for number, words in told if words})


def why_not_read(soap: Soap) -> str:
    """Why no envelope can be written from files alone; empty: one can."""
    try:
        contract_from(read_files(soap.wsdl), soap)
    except Remote:
        return "the WSDL is not in files alone, and nothing is fetched; save it and what it imports as files"
    except BadWsdl as error:
        return error.words
    return ""


def _about(contract: Contract, path: str) -> str:
    """What is wrong with a path into the arguments, or into the header; empty: nothing."""
    steps = steps_of(path)
    element, gone = contract.body, ""
    if steps and steps[0] == HEADER:
        if len(steps) < 2:
            return f"names no header; write for example `{HEADER}.AuthHeader.UserName`"
        element, gone = contract.header(steps[1]), f"{HEADER}.{steps[1]}"
        if element is None:
            return f"`{gone}` has no place in the WSDL{choice(steps[1], contract.header_names())}"
        steps = steps[2:]
    if element is None:
        return "the operation takes no arguments"
    if not gone and not isinstance(element.type, ComplexType) and steps[:1] != ("#text",):
        return "has no place: the one argument of the operation is named `#text`"
    return _below(element.type, steps, gone)


def _below(kind: Any, steps: Sequence[str], gone: str) -> str:
    for step in steps:
        if step.isascii() and step.isdigit():
            continue
        if not isinstance(kind, ComplexType):
            is_text = step == "#text" or isinstance(kind, builtins.String)  # an object becomes XML in it
            return "" if is_text else f"`{gone}` is one value, and nothing is inside it"
        elements, attributes, *_ = members_of(kind)
        gone = f"{gone}.{step}" if gone else step
        if step == "#text" and "_value_1" in elements:
            return ""
        if step in elements:
            kind = elements[step].type
        elif step.removeprefix("@") in attributes:
            kind = attributes[step.removeprefix("@")][1].type
        elif any_in(elements):
            return ""
        else:
            known = [*elements, *(f"@{name}" for name in attributes)]
            return f"`{gone}` has no place in what the operation takes{choice(step, known)}"
    return ""

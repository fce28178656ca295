"""`soap` of a destination: which operation of which service, checked as far as that needs no network.

A WSDL that is a file is read when the catalog is applied, so that a misspelt operation or path is told
then. One with an address is read when the first lead needs it: applying a catalog waits for nobody.
"""

from pathlib import Path as FilePath

from leadrelay.core.destination import Soap, SoapVersion
from leadrelay.edges.catalog.compile_egress import warn_of_closed
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Findings, Path
from leadrelay.edges.catalog.urls import is_in_clear, url_problems
from leadrelay.v1 import destination_pb2 as pb
from leadrelay.v1.catalog_service_pb2 import Catalog as CatalogMessage

_VERSIONS = {pb.SOAP_VERSION_1_1: SoapVersion.V1_1, pb.SOAP_VERSION_1_2: SoapVersion.V1_2}


def settle_files(message: CatalogMessage, findings: Findings) -> None:
    """Make paths absolute that are meant from beside the catalog's file: a journal has no such place."""
    for index, destination in enumerate(message.destinations):
        where = destination.soap.wsdl
        if where and "://" not in where and not FilePath(where).is_absolute():
            beside = findings.file_of(("destinations", index, "soap", "wsdl"))
            destination.soap.wsdl = str((FilePath(beside).parent / where).resolve())


def compile_soap(context: Context, path: Path, soap: pb.Soap) -> Soap | None:
    """The settings, or None where some are missing."""
    if not soap.wsdl:
        context.findings.absence(path, "needs a `wsdl`: a URL, or a path beside the catalog's file")
    elif "://" in soap.wsdl:
        check_url(context, (*path, "wsdl"), soap.wsdl, "the WSDL can be changed on its way")
    if not soap.operation:
        context.findings.absence(path, "needs an `operation`, by its name in the WSDL")
    if soap.url:
        check_url(context, (*path, "url"), soap.url, "personal data and credentials are sent unencrypted")
    if not soap.wsdl or not soap.operation:
        return None
    return Soap(
        wsdl=soap.wsdl,
        operation=soap.operation,
        service=soap.service,
        port=soap.port,
        url=soap.url,
        version=_VERSIONS.get(soap.version),
    )


def check_wsdl(context: Context, path: Path, message: pb.Destination, soap: Soap) -> None:
    """What a WSDL that is a file says to the settings and to the mapping."""
    if not context.keeps_reads or "://" in soap.wsdl:  # a catalog that was applied is not judged again
        return
    from leadrelay.adapters.soap.check import what_is_wrong  # noqa: PLC0415 (as in adapters/registry.py)

    wrong = what_is_wrong(soap, [rule.to for rule in message.mapping])
    if wrong.words:
        context.findings.problem((*path, "soap", "wsdl"), wrong.words)
    for index, words in wrong.paths.items():
        context.findings.problem((*path, "mapping", index, "to"), words)


def check_url(context: Context, path: Path, url: str, danger: str) -> None:
    """A URL that is the same for all leads; `danger` says what http:// means for it."""
    if "{{" in url:
        context.findings.problem(path, "cannot be a template: it is the same for all leads")
        return
    problems = list(url_problems(url))
    for problem in problems:
        context.findings.problem(path, problem)
    if not problems and is_in_clear(url):
        context.findings.warning(path, f"http://: {danger}; use https:// if there is one")
    if not problems:
        warn_of_closed(context, path, url)

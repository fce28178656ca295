"""Catalog files in, a checked catalog out; or every reason why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from leadrelay.core.catalog import Catalog
from leadrelay.core.egress import Rule
from leadrelay.edges.catalog.changes import Change, diff
from leadrelay.edges.catalog.compile import compile_catalog
from leadrelay.edges.catalog.compile_soap import settle_files
from leadrelay.edges.catalog.context import Secrets
from leadrelay.edges.catalog.decode import decode
from leadrelay.edges.catalog.findings import Findings, Path
from leadrelay.edges.catalog.problems import CatalogRefused, Problem, in_order
from leadrelay.edges.catalog.yaml_source import SourceFile, read_sources
from leadrelay.v1.catalog_service_pb2 import Catalog as CatalogMessage

__all__ = ["Change", "Loaded", "SourceFile", "diff", "from_bytes", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A catalog that may be applied."""

    message: CatalogMessage
    catalog: Catalog
    warnings: tuple[Problem, ...]
    where: Callable[[Path], str]  # `file:line` of what stands at a path


def load(
    files: Sequence[SourceFile], *, secret_names: Secrets, egress: Sequence[Rule] = (), version: int = 0
) -> Loaded:
    """One catalog from all of its files. Raises CatalogRefused with every problem.

    `secret_names` are the secrets that exist; None: it is not asked whether one does.
    `egress` is what the server's operator opens besides what the catalog itself does.
    """
    message, findings = decode(read_sources(files))
    if not findings.problems and not message.ListFields():
        looked_in = ", ".join(file.name for file in files) or "no file at all"
        lacks = f"neither `destinations` nor `flows` nor `fields` in {looked_in}"
        raise CatalogRefused([Problem("", 0, "", f"the catalog is empty: {lacks}")])
    settle_files(message, findings)
    catalog = compile_catalog(message, findings, version=version, secrets=secret_names, egress=egress)
    if findings.problems or catalog is None:
        raise CatalogRefused(findings.problems)
    return Loaded(message, catalog, in_order(findings.warnings), findings.where)


def from_bytes(serialized: bytes, version: int, egress: Sequence[Rule] = ()) -> Catalog:
    """The catalog that was applied under a version, from its message as it was recorded.

    Nothing about it is judged again. Raises CatalogRefused when this version of leadrelay cannot read it.
    """
    try:
        message = CatalogMessage.FromString(serialized)
    except DecodeError as error:
        damaged = Problem("", 0, "", f"the record of version {version} is damaged")
        raise CatalogRefused([damaged]) from error
    findings = Findings()
    catalog = compile_catalog(message, findings, version=version, egress=egress, was_applied=True)
    if catalog is None:
        raise CatalogRefused(findings.problems)
    return catalog

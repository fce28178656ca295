"""What a catalog may write and this version does not carry out yet.

It is refused when the catalog is applied, never ignored: a cap that silently does nothing costs money.
Supporting a feature deletes its row.
"""

from typing import Any

from leadrelay.edges.catalog.findings import Findings, Path

FIELDS = {  # message and field, as in the protos
    "Destination.batch": "batches",
}


def refuse_unsupported(message: Any, findings: Findings, path: Path = ()) -> None:
    """A problem for everything in a message, at any depth, that this version cannot do."""
    for field, value in message.ListFields():
        below = (*path, field.name)
        feature = FIELDS.get(f"{message.DESCRIPTOR.name}.{field.name}")
        if feature is not None:
            _refuse(findings, below, feature)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            _refuse_below(field.is_repeated, value, findings, below)


def _refuse_below(is_repeated: bool, value: Any, findings: Findings, path: Path) -> None:
    if not is_repeated:
        refuse_unsupported(value, findings, path)
        return
    for index, item in enumerate(value):
        refuse_unsupported(item, findings, (*path, index))


def _refuse(findings: Findings, path: Path, feature: str) -> None:
    findings.problem(path, f"this version does not support {feature} yet")

"""`body` of a destination, checked and compiled."""

from leadrelay.core.encoding import (
    Align,
    Body,
    Column,
    CsvSpec,
    Encoder,
    FixedWidthSpec,
    Format,
    XmlSpec,
    compile_body,
)
from leadrelay.core.values import NotCompiled
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.v1 import destination_pb2 as pb

_FORMATS = {
    pb.BODY_FORMAT_JSON: Format.JSON,
    pb.BODY_FORMAT_FORM: Format.FORM,
    pb.BODY_FORMAT_QUERY: Format.QUERY,
    pb.BODY_FORMAT_XML: Format.XML,
    pb.BODY_FORMAT_CSV: Format.CSV,
    pb.BODY_FORMAT_FIXED_WIDTH: Format.FIXED_WIDTH,
    pb.BODY_FORMAT_TEXT: Format.TEXT,
}
# Settings that belong to one format: written without it, it is what was meant.
_IMPLIED = {"xml": Format.XML, "csv": Format.CSV, "fixed_width": Format.FIXED_WIDTH}


def compile_a_body(context: Context, path: Path, body: pb.Body, by_default: Format) -> Encoder | None:
    """The encoder of a body; None where a problem is noted."""
    chosen = _format(context, path, body, by_default)
    if chosen is None:
        return None
    try:
        encoder = compile_body(_body(body, chosen), context.types, context.sensitive)
    except NotCompiled as error:
        context.complain_all(path, error)
        return None
    if encoder.template is not None:
        context.reads((*path, "template"), encoder.template)
    return encoder


def body_of(body: pb.Body, by_default: Format) -> Body:
    """The body as it is written, for one that was compiled without a problem."""
    implied = next((kind for name, kind in _IMPLIED.items() if body.HasField(name)), None)  # type: ignore[arg-type]
    chosen = implied or _FORMATS.get(body.format) or (Format.TEXT if body.template else by_default)
    return _body(body, chosen)


def _format(context: Context, path: Path, body: pb.Body, by_default: Format) -> Format | None:
    chosen = _FORMATS.get(body.format)
    for name, implied in _IMPLIED.items():
        if not body.HasField(name):  # type: ignore[arg-type]
            continue
        if chosen not in (None, implied):
            message = f"is for {implied.value} bodies; this one is {chosen.value if chosen else ''}"
            context.findings.problem((*path, name), message)
            return None
        chosen = implied
    if chosen is None and body.template:
        chosen = Format.TEXT
    return chosen or by_default


def _body(body: pb.Body, chosen: Format) -> Body:
    return Body(
        format=chosen,
        charset=body.charset,
        ascii=body.ascii,
        parameter=body.parameter,
        xml=XmlSpec(
            root=body.xml.root,
            namespaces=tuple(sorted(body.xml.namespaces.items())),
            no_declaration=body.xml.no_declaration,
        ),
        csv=CsvSpec(
            columns=tuple(body.csv.columns),
            no_header=body.csv.no_header,
            delimiter=body.csv.delimiter or ",",
            quote_all=body.csv.quoting == pb.CSV_QUOTING_ALL,
            terminator=body.csv.terminator or "\r\n",
        ),
        fixed_width=FixedWidthSpec(
            columns=tuple(_column(column) for column in body.fixed_width.columns),
            terminator=body.fixed_width.terminator,
        ),
        template=body.template,
    )


def _column(column: pb.FixedWidthColumn) -> Column:
    return Column(
        name=column.name,
        start=column.start,
        width=column.width,
        align=Align.RIGHT if column.align == pb.ALIGNMENT_RIGHT else Align.LEFT,
        pad=column.pad or " ",
        cut=column.cut,
    )

"""Bodies that hold several leads: JSON, newline JSON, CSV, fixed width and XML (behaviour 4.6).

Each lead is written as a list of one by the encoder that writes it alone; what stands round the one item is
known beforehand, so lists are put together of what was written (`core.batch`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from leadrelay.core.batch import Listing
from leadrelay.core.encoding.body import Body, Encoder, Format
from leadrelay.core.encoding.charset import UTF_8, codec_name
from leadrelay.core.encoding.compiling import compile_body
from leadrelay.core.encoding.payload import Payload, nest
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template
from leadrelay.core.values import NO_TYPES, NotCompiled, Problem, Types, Value, to_json

NEWLINE_JSON = "application/x-ndjson"
_LISTS = (Format.JSON, Format.CSV, Format.FIXED_WIDTH, Format.XML)
_HERE = "\u0000"  # stands where the items go; no catalog can write it


@dataclass(frozen=True, slots=True)
class ListEncoder:
    """An Encoder that writes a list of one."""

    listing: Listing
    content_type: str
    one: Encoder
    template: Template | None = None

    @property
    def shown(self) -> "ListEncoder":
        return self

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:
        return self.listing.of([self.one.encode(payload, scope)])

    def check(self, paths: Iterable[str]) -> list[str]:
        return self.one.check(paths)


def compile_list(
    body: Body,
    *,
    at: str = "",
    beside: Mapping[str, Value] | None = None,
    is_newline: bool = False,
    types: Types = NO_TYPES,
    sensitive: Collection[str] = (),
) -> ListEncoder:
    """The encoder of a body that holds several leads. Raises NotCompiled.

    `at` is the path of the list in a JSON body, whose other values are `beside`; in XML the list's element.
    """
    problems = list(_problems(body, at, beside or {}, is_newline))
    if problems:
        raise NotCompiled(tuple(problems))
    match body.format:
        case Format.JSON if is_newline:
            one = compile_body(body, types, sensitive)
            return ListEncoder(Listing(between=b"\n", after=b"\n"), NEWLINE_JSON, one)
        case Format.JSON:
            one = compile_body(body, types, sensitive)
            return ListEncoder(_json_list(at, beside or {}), one.content_type, one)
        case Format.CSV:
            return _csv_list(body, types, sensitive)
        case Format.FIXED_WIDTH:
            one = compile_body(body, types, sensitive)
            return ListEncoder(Listing(), one.content_type, one)
    return _xml_list(body, at, types, sensitive)


def _problems(body: Body, at: str, beside: Mapping[str, Value], is_newline: bool) -> Iterable[Problem]:
    if body.format not in _LISTS:
        words = (
            f"takes leads in json, csv, fixed_width or xml; there are no lists of {body.format.value} bodies"
        )
        yield Problem(None, "", words)
        return
    if body.parameter:
        yield Problem(None, "", "is not put into a form parameter; remove the body's `parameter`")
    if (codec_name(body.charset) or UTF_8).startswith(("utf-16", "utf_16", "utf-32", "utf_32", "utf-7")):
        yield Problem(None, "", f"cannot be written in {body.charset}; use UTF-8 or a charset of one byte")
    if body.format is Format.XML and not at:
        yield Problem(None, "list", "is needed: the name of the element in which the leads stand")
    if body.format is Format.CSV and not body.csv.columns:
        yield Problem(None, "", "needs the body's `csv.columns`, so that all leads have the same ones")
    if at and (body.format in (Format.CSV, Format.FIXED_WIDTH) or is_newline):
        yield Problem(None, "list", "is for a JSON list and for XML; here each lead has a line of its own")
    if beside and (body.format is not Format.JSON or is_newline or not at):
        yield Problem(
            None, "beside", "stands beside a JSON list that has a place of its own; name it in `list`"
        )
    if is_newline and body.format is not Format.JSON:
        yield Problem(None, "newline_json", f"is for json bodies; this one is {body.format.value}")


def _json_list(at: str, beside: Mapping[str, Value]) -> Listing:
    if not at:
        return Listing(before=b"[", between=b",", after=b"]")
    whole = to_json(nest({**beside, at: _HERE}))
    before, _, after = whole.partition(to_json(_HERE))
    return Listing(before=before + b"[", between=b",", after=b"]" + after)


def _csv_list(body: Body, types: Types, sensitive: Collection[str]) -> ListEncoder:
    whole = compile_body(body, types, sensitive)
    one = compile_body(replace(body, csv=replace(body.csv, no_header=True)), types, sensitive)
    nothing = Payload()
    header = whole.encode(nothing).removesuffix(one.encode(nothing))
    return ListEncoder(Listing(before=b"" if body.csv.no_header else header), whole.content_type, one)


def _xml_list(body: Body, at: str, types: Types, sensitive: Collection[str]) -> ListEncoder:
    one = compile_body(replace(body, xml=replace(body.xml, no_declaration=True)), types, sensitive)
    around = replace(body.xml, root=at)
    opening = compile_body(replace(body, xml=around), types, sensitive).encode(Payload([("#text", "-")]))
    before, _, after = opening.partition(b"-</")
    return ListEncoder(Listing(before=before, after=b"</" + after), one.content_type, one)

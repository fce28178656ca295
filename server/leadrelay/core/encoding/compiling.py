"""Checks a body and readies its encoder; everything that is wrong with it is told at once."""

import re
from collections.abc import Callable, Collection
from urllib.parse import quote_from_bytes

from leadrelay.core.encoding.body import Body, Encoder, Format
from leadrelay.core.encoding.charset import UTF_8, codec_name, in_charset
from leadrelay.core.encoding.delimited import CsvWriter, check_csv
from leadrelay.core.encoding.fixed_width import FixedWidthWriter, check_fixed_width
from leadrelay.core.encoding.form import CONTENT_TYPE as FORM
from leadrelay.core.encoding.form import FormEncoder, to_query
from leadrelay.core.encoding.json_body import CONTENT_TYPE as JSON
from leadrelay.core.encoding.json_body import JsonEncoder
from leadrelay.core.encoding.payload import nest
from leadrelay.core.encoding.written import Writer, WrittenBody, anything, template_writer
from leadrelay.core.encoding.xml_body import XmlWriter, check_xml
from leadrelay.core.template import TemplateError, compile_template
from leadrelay.core.values import NO_TYPES, NotCompiled, Problem, Types, to_json

_MEDIA_TYPES = {
    Format.JSON: JSON,
    Format.FORM: FORM,
    Format.QUERY: "",
    Format.XML: "text/xml",
    Format.CSV: "text/csv",
    Format.FIXED_WIDTH: "text/plain",
    Format.TEXT: "text/plain",
}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def compile_body(body: Body, types: Types = NO_TYPES, sensitive: Collection[str] = ()) -> Encoder:
    """The encoder of a body. Raises NotCompiled with everything that is wrong with it."""
    charset = codec_name(body.charset)
    problems = [*_general_problems(body, charset), *_format_problems(body)]
    writer = None if problems else _writer(body, charset or UTF_8, types, sensitive, problems)
    if problems or charset is None:
        raise NotCompiled(tuple(problems))
    is_plain = charset == UTF_8 and not body.ascii and not body.parameter
    if is_plain and body.format is Format.JSON:
        return JsonEncoder()
    if is_plain and body.format in (Format.FORM, Format.QUERY):
        return FormEncoder(_MEDIA_TYPES[body.format])
    if writer is None:
        raise NotCompiled((Problem(None, "format", f"there are no {body.format.value} bodies"),))
    return WrittenBody(writer, _content_type(body), charset, body.ascii, body.parameter)


def _general_problems(body: Body, charset: str | None) -> list[Problem]:
    problems: list[Problem] = []
    if charset is None:
        problems.append(Problem(None, "charset", f"`{body.charset}` is no character set that is known here"))
    if body.parameter and body.format not in (Format.JSON, Format.XML):
        message = f"is for json and xml bodies; a {body.format.value} body is not put into a parameter"
        problems.append(Problem(None, "parameter", message))
    if body.template and body.format is not Format.TEXT:
        problems.append(Problem(None, "template", f"is for text bodies; this one is {body.format.value}"))
    return problems


def _format_problems(body: Body) -> list[Problem]:
    match body.format:
        case Format.XML:
            return check_xml(body.xml)
        case Format.CSV:
            return check_csv(body.csv)
        case Format.FIXED_WIDTH:
            return check_fixed_width(body.fixed_width)
        case Format.TEXT if not body.template:
            return [Problem(None, "template", "is needed: it is the whole body")]
    return []


def _writer(
    body: Body, charset: str, types: Types, sensitive: Collection[str], problems: list[Problem]
) -> Writer | None:
    match body.format:
        case Format.JSON:
            return Writer(lambda payload, _: _json(nest(payload), charset), anything)
        case Format.FORM | Format.QUERY:
            return Writer(lambda payload, _: to_query(payload, _escape(charset)), anything)
        case Format.XML:
            xml = XmlWriter(body.xml, body.charset or UTF_8)
            return Writer(lambda payload, _: xml.write(payload), xml.check)
        case Format.CSV:
            csv = CsvWriter(body.csv)
            return Writer(lambda payload, _: csv.write(payload), csv.check)
        case Format.FIXED_WIDTH:
            fixed = FixedWidthWriter(body.fixed_width)
            return Writer(lambda payload, _: fixed.write(payload), fixed.check)
        case Format.TEXT:
            try:
                template = compile_template(body.template, types, sensitive=sensitive)
            except TemplateError as error:
                problems.append(Problem(None, "template", str(error)))
                return None
            return template_writer(template, is_ascii=body.ascii)


def _content_type(body: Body) -> str:
    if body.parameter:
        return FORM
    media_type = _MEDIA_TYPES[body.format]
    if not media_type or (not body.charset and body.format in (Format.JSON, Format.FORM)):
        return media_type
    return f"{media_type}; charset={body.charset or UTF_8}"


def _json(tree: object, charset: str) -> str:
    """JSON needs no charset but ASCII: what others may lack is escaped."""
    words = to_json(tree).decode()
    return words if charset == UTF_8 else _BEYOND_ASCII.sub(_escaped, words)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _escape(charset: str) -> Callable[[str], str]:
    return lambda words: quote_from_bytes(in_charset(words, charset), safe="")

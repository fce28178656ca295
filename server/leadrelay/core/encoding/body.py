"""What a catalog says of a body (behaviour 3.5), and what an encoder made of it promises."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from leadrelay.core.encoding.payload import Payload
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template


class Format(StrEnum):
    JSON = "json"
    FORM = "form"
    QUERY = "query"  # appended to the URL; there is no body
    XML = "xml"
    CSV = "csv"
    FIXED_WIDTH = "fixed_width"
    TEXT = "text"


class Align(StrEnum):
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class XmlSpec:
    root: str = ""
    namespaces: tuple[tuple[str, str], ...] = ()  # prefix, URI; the empty prefix is the default
    no_declaration: bool = False


@dataclass(frozen=True, slots=True)
class CsvSpec:
    columns: tuple[str, ...] = ()  # none: the payload's paths, in order
    no_header: bool = False
    delimiter: str = ","
    quote_all: bool = False
    terminator: str = "\r\n"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a fixed-width record."""

    name: str
    start: int  # 1-based
    width: int
    align: Align = Align.LEFT
    pad: str = " "
    cut: bool = False  # False: what does not fit is an error


@dataclass(frozen=True, slots=True)
class FixedWidthSpec:
    columns: tuple[Column, ...] = ()
    terminator: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """How a payload is written."""

    format: Format = Format.JSON
    charset: str = ""  # empty: UTF-8
    ascii: bool = False  # transliterate
    parameter: str = ""  # stuff the encoded body into this form parameter
    xml: XmlSpec = XmlSpec()
    csv: CsvSpec = CsvSpec()
    fixed_width: FixedWidthSpec = FixedWidthSpec()
    template: str = ""  # for TEXT


class EncodingError(Exception):
    """This payload cannot be written in this format. Names paths, never values."""


class Encoder(Protocol):
    """A compiled body."""

    @property
    def content_type(self) -> str:
        """For the request; empty for a query."""

    @property
    def template(self) -> Template | None:
        """What it reads of the lead by itself, past the payload: the template of a text body."""

    @property
    def shown(self) -> "Encoder":
        """What writes the body as it may be recorded: itself, unless its template reads sensitive fields."""

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:
        """The body. A text body is rendered from the scope, every other from the payload.

        Raises EncodingError when a value does not fit the format.
        """

    def check(self, paths: Iterable[str]) -> list[str]:
        """What is wrong with the paths of a mapping in this format, to be told at apply time."""

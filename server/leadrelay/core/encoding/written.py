"""Bodies that are a text first and bytes then: in any charset, transliterated, or stuffed into one form
parameter, as legacy systems want them (behaviour 3.5)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote_from_bytes

from leadrelay.core.encoding.body import EncodingError
from leadrelay.core.encoding.charset import in_charset, transliterated, transliterated_payload
from leadrelay.core.encoding.payload import Payload
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import text


@dataclass(frozen=True, slots=True)
class Writer:
    """What a format makes of a payload, before anybody thinks of bytes."""

    write: Callable[[Payload, Scope | None], str]
    check: Callable[[Iterable[str]], list[str]]
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class WrittenBody:
    """An encoder that writes a text and turns it into bytes."""

    writer: Writer
    content_type: str
    charset: str
    is_ascii: bool
    parameter: str

    @property
    def template(self) -> Template | None:
        return self.writer.template

    @property
    def shown(self) -> "WrittenBody":
        template = self.writer.template
        if template is None or template.taint is None:
            return self
        return replace(self, writer=template_writer(template, is_ascii=self.is_ascii, is_shown=True))

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:
        if self.is_ascii:
            payload = transliterated_payload(payload)
        body = in_charset(self.writer.write(payload, scope), self.charset)
        return stuffed(self.parameter, body) if self.parameter else body

    def check(self, paths: Iterable[str]) -> list[str]:
        return self.writer.check(paths)


def stuffed(parameter: str, body: bytes) -> bytes:
    """A form of one pair whose value is the body."""
    name = quote_from_bytes(parameter.encode(), safe="")
    return f"{name}={quote_from_bytes(body, safe='')}".encode()


def template_writer(template: Template, *, is_ascii: bool, is_shown: bool = False) -> Writer:
    """A body that is one template over the lead, and knows nothing of the payload.

    `is_shown`: as it may be recorded.
    """
    render = template.shown if is_shown else template

    def write(_: Payload, scope: Scope | None) -> str:
        if scope is None:
            raise EncodingError("a text body is rendered from a lead, and none is there")
        try:
            words = text(render(scope))
        except TemplateFault as fault:
            raise EncodingError(f"the template {fault}") from fault
        return transliterated(words) if is_ascii else words

    return Writer(write, anything, template)


def anything(_: Iterable[str]) -> list[str]:
    """A format in which no path is wrong."""
    return []

"""What REST and webhooks have in common: a mapped lead becomes an HTTP request, by calling functions only.

The URL's template is compiled to escape what its tags print, so a lead's value stays in the place that
the catalog gave it. What is sensitive in the payload, and what templates make of sensitive fields in the URL,
a header or a text body, is masked here, once, for everything that will ever be recorded (behaviour 9).
"""

import re
from collections.abc import Mapping as Dict
from typing import Final, TypedDict

from leadrelay.adapters.head import header_value, split_url
from leadrelay.core.encoding import Encoder, EncodingError, Payload, append_query
from leadrelay.core.encoding.form import pairs
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Headers, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import MASK, Texts, spellings
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import is_blank, text


class Masks(TypedDict, total=False):
    """What of a request may be recorded, where that is not all of it."""

    recorded_url: str
    recorded_body: bytes
    secret_headers: frozenset[str]
    secret_params: frozenset[str]
    secrets: Texts


NO_MASKS: Final = Masks()

_DOTS = re.compile(r"/\.\.?(?:/|$)")


class Composer:
    """Composes the requests of one destination."""

    def __init__(self, *, method: str, url: Template, body: Encoder, headers: Dict[str, Template]) -> None:
        self._method, self._url, self._body = method, url, body
        self._headers = tuple(headers.items())
        self._named = frozenset(name.lower() for name in headers)
        tainted = {name.lower(): value for name, value in headers.items() if value.taint}
        self._secret_headers = frozenset(tainted)
        templates = (url, *tainted.values(), body.template)
        self._tainted = tuple(template for template in templates if template and template.taint)

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter."""
        url = self._address(scope)
        headers = self._own_headers(scope) + self._our_headers(envelope)
        payload = mapped.payload
        written = self._written(self._body, payload, scope)
        if not self._body.content_type:  # it is a query
            url, written = append_query(url, written.decode()), b""
        return Request(
            method=self._method,
            url=url,
            headers=headers,
            body=written,
            idempotency_key=envelope.idempotency_key,
            **(self._masks(mapped, scope) if mapped.has_sensitive or self._tainted else NO_MASKS),
        )

    def _masks(self, mapped: Mapped, scope: Scope) -> Masks:
        """What may be recorded of the request."""
        shown = mapped.masked_payload() if mapped.has_sensitive else mapped.payload
        body, url = self._written(self._body.shown, shown, scope), text(self._url.shown(scope))
        is_query = not self._body.content_type
        return Masks(
            recorded_url=append_query(url, body.decode()) if is_query else url,
            recorded_body=b"" if is_query else body,
            secret_headers=self._secret_headers,
            secret_params=_masked_names(mapped.payload, shown) if is_query else frozenset(),
            secrets=spellings(told for template in self._tainted for told in template.told(scope)),
        )

    def _address(self, scope: Scope) -> str:
        url = _rendered("the URL", self._url, scope)
        split_url(url)  # raises when there is no sending to it
        if "/." in url and self._url.paths and _DOTS.search(url.partition("?")[0]):
            # No escape helps: servers decode `%2E%2E` before they go up by it.
            words = "the URL: a value makes `.` or `..` of a part of the path, which leads elsewhere"
            raise NotSent(ReasonCode.MAPPING_INVALID, words)
        return url

    def _own_headers(self, scope: Scope) -> Headers:
        """The destination's; one that renders to nothing is left out."""
        rendered = ((name, _rendered(f"the header {name}", value, scope)) for name, value in self._headers)
        kept = tuple((name, value) for name, value in rendered if not is_blank(value))
        for name, value in kept:
            header_value(name, value)  # raises when it cannot be sent
        return kept

    def _our_headers(self, envelope: Envelope) -> Headers:
        """Those that the destination does not name. Naming one with an empty value leaves it out."""
        ours = (("Content-Type", self._body.content_type), *our_headers(envelope))
        return tuple((name, value) for name, value in ours if value and name.lower() not in self._named)

    def _written(self, body: Encoder, payload: Payload, scope: Scope) -> bytes:
        try:
            return body.encode(payload, scope)
        except (EncodingError, TemplateFault) as error:
            raise NotSent(ReasonCode.MAPPING_INVALID, f"the body cannot be written: {error}") from error


def our_headers(envelope: Envelope) -> Headers:
    """What every request over HTTP says of itself."""
    ours = (
        ("Idempotency-Key", envelope.idempotency_key),
        ("traceparent", envelope.traceparent),
        ("tracestate", envelope.tracestate),
    )
    return tuple((name, value) for name, value in ours if value)


def _rendered(what: str, template: Template, scope: Scope) -> str:
    try:
        return text(template(scope))
    except TemplateFault as error:
        raise NotSent(ReasonCode.MAPPING_INVALID, f"{what}: {error}") from error


def _masked_names(payload: Payload, shown: Payload) -> frozenset[str]:
    """The parameters that sensitive values became; an object becomes several."""
    masked = {path: payload[path] for path, value in shown.items() if value == MASK}
    return frozenset(name for name, _ in pairs(masked))

"""What REST and webhooks have in common: a mapped lead becomes an HTTP request, by calling functions only.

The URL's template is compiled to escape what its tags print, so a lead's value stays in the place that
the catalog gave it. What is sensitive in the payload is masked here, once, for everything that will
ever be recorded (behaviour 9).
"""

from collections.abc import Mapping as Dict

from leadrelay.adapters.head import header_value, split_url
from leadrelay.core.encoding import Encoder, EncodingError, Payload, append_query
from leadrelay.core.encoding.form import pairs
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import MASK, Envelope, Headers, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import is_blank, text


class Composer:
    """Composes the requests of one destination."""

    def __init__(self, *, method: str, url: Template, body: Encoder, headers: Dict[str, Template]) -> None:
        self._method, self._url, self._body = method, url, body
        self._headers = tuple(headers.items())
        self._named = frozenset(name.lower() for name in headers)

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter."""
        url = self._address(scope)
        headers = self._own_headers(scope) + self._our_headers(envelope)
        payload, shown = mapped.payload, mapped.masked_payload() if mapped.has_sensitive else None
        written = self._written(payload, scope)
        if not self._body.content_type:  # it is a query
            return Request(
                method=self._method,
                url=append_query(url, written.decode()),
                headers=headers,
                idempotency_key=envelope.idempotency_key,
                secret_params=frozenset() if shown is None else _masked_names(payload, shown),
            )
        return Request(
            method=self._method,
            url=url,
            headers=headers,
            body=written,
            recorded_body=None if shown is None else self._written(shown, scope),
            idempotency_key=envelope.idempotency_key,
        )

    def _address(self, scope: Scope) -> str:
        url = _rendered("the URL", self._url, scope)
        split_url(url)  # raises when there is no sending to it
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

    def _written(self, payload: Payload, scope: Scope) -> bytes:
        try:
            return self._body.encode(payload, scope)
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

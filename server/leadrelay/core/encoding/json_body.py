"""JSON bodies: dotted paths nest, numeric segments are lists, numbers stay numbers (behaviour 3.5)."""

from collections.abc import Iterable
from typing import Self

from leadrelay.core.encoding.payload import Payload, nest
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template
from leadrelay.core.values import to_json

CONTENT_TYPE = "application/json"


class JsonEncoder:
    """`{}` for an empty payload; a root list if all first segments are numbers."""

    content_type = CONTENT_TYPE
    template: Template | None = None

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:  # noqa: ARG002
        return to_json(payload if payload.is_flat else nest(payload))

    @property
    def shown(self) -> Self:
        return self

    def check(self, paths: Iterable[str]) -> list[str]:  # noqa: ARG002
        return []

"""JSON bodies: dotted paths nest, numeric segments are lists, numbers stay numbers (behaviour 3.5)."""

import json
from collections.abc import Mapping
from decimal import Decimal

import orjson

from leadrelay.core.encoding.payload import Payload, nest
from leadrelay.core.scope import Scope
from leadrelay.core.values import Value, plain

CONTENT_TYPE = "application/json"


class JsonEncoder:
    """`{}` for an empty payload; a root list if all first segments are numbers."""

    content_type = CONTENT_TYPE

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:  # noqa: ARG002
        return to_json(payload if payload.is_flat else nest(payload))


def to_json(tree: Value) -> bytes:
    try:
        return orjson.dumps(tree, default=plain)
    except orjson.JSONEncodeError:  # numbers above 64 bits and lone surrogates: rare, slow, and right
        return json.dumps(tree, default=_slowly, separators=(",", ":"), allow_nan=False).encode()


def _slowly(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    return dict(value) if isinstance(value, Mapping) else str(value)

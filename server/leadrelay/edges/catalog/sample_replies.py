"""The sample replies of a catalog's `examples`, as recipients would give them."""

from typing import Any

from leadrelay.core.exchange import Reply
from leadrelay.core.values import to_json
from leadrelay.edges.catalog.compile_mapping import plain_value
from leadrelay.v1.example_pb2 import SampleReply


def sample_reply(sample: SampleReply) -> Reply:
    """A reply as a recipient would give it."""
    headers = tuple(sample.headers.items())
    body = plain_value(sample.body) if sample.HasField("body") else ""
    if isinstance(body, str):
        return Reply(status=sample.status or 200, headers=headers, body=body.encode())
    if "content-type" not in (name.lower() for name, _ in headers):
        headers += (("Content-Type", "application/json"),)
    return Reply(status=sample.status or 200, headers=headers, body=to_json(plain_data(body)))


def plain_data(value: Any) -> Any:
    """JSON-like data whose whole numbers are whole."""
    if isinstance(value, dict):
        return {name: plain_data(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

"""A trio-native gRPC server.

A call is a trio task with a cancel scope of its own: the caller's deadline is the scope's deadline,
the caller's cancel cancels it, and a caller who does not read makes `send` wait. Whoever writes a
handler sees a `Call` and protobuf messages and needs to know nothing of what lies below.

Below lies grpcio's completion queue, the layer on which grpcio's own servers stand. It is not a
public interface, so `cython` names all that is used of it and refuses to start without it, and the
tests of this package run against every grpcio release that is let in.
"""

from leadrelay.edges.grpc.bridge.call import Call
from leadrelay.edges.grpc.bridge.cython import Metadata
from leadrelay.edges.grpc.bridge.limits import Limits
from leadrelay.edges.grpc.bridge.methods import (
    Method,
    Requests,
    Unreadable,
    stream_stream,
    stream_unary,
    unary_stream,
    unary_unary,
)
from leadrelay.edges.grpc.bridge.server import CannotListen, Interceptor, Proceed, Server
from leadrelay.edges.grpc.bridge.status import Abort

__all__ = [
    "Abort",
    "Call",
    "CannotListen",
    "Interceptor",
    "Limits",
    "Metadata",
    "Method",
    "Proceed",
    "Requests",
    "Server",
    "Unreadable",
    "stream_stream",
    "stream_unary",
    "unary_stream",
    "unary_unary",
]

"""The private layer is looked for before it is used."""

import inspect
import re
from types import SimpleNamespace

import pytest

from leadrelay.edges.grpc.bridge import cython


def test_a_grpcio_that_lost_a_name_is_refused_with_its_version_and_the_range_that_works() -> None:
    layer = SimpleNamespace(Server=SimpleNamespace(start=1), CompletionQueue=SimpleNamespace())
    with pytest.raises(ImportError, match=r"grpcio 9\.0 has no CompletionQueue\.poll, Call") as refused:
        cython.require(layer, ("Server.start", "CompletionQueue.poll", "Call"), "9.0")
    assert cython.TESTED in str(refused.value)


def test_every_name_that_the_module_takes_from_the_private_layer_is_looked_for() -> None:
    """A name that is used but not looked for would fail in the middle of a call."""
    taken = set(re.findall(r"\bcygrpc\.(\w+)", inspect.getsource(cython)))
    assert taken
    assert taken <= {name.partition(".")[0] for name in cython.USED}

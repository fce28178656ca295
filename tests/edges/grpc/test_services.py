"""Every method of every service in the protos is served, and nothing else under their names."""

from pathlib import Path

import pytest

from leadrelay.edges.grpc.bridge import Call, Method
from leadrelay.edges.grpc.services import SERVICES, all_of, path

METHODS = [path(method) for service in SERVICES for method in service.methods]
PROTOS = Path(__file__).parents[3] / "protos"


async def _answer(_call: Call) -> None:
    """One handler is as good as another here."""


SERVED = {name: Method(_answer, streams_requests=False) for name in METHODS}


def test_every_service_of_the_protos_is_there() -> None:
    written = {
        line.split()[1]
        for file in PROTOS.rglob("*.proto")
        for line in file.read_text().splitlines()
        if line.startswith("service ")
    }
    assert {service.name for service in SERVICES} == written


def test_what_is_served_is_kept() -> None:
    assert all_of(SERVED) == SERVED


@pytest.mark.parametrize("name", METHODS)
def test_a_method_that_nobody_serves_is_told_when_the_server_is_built(name: str) -> None:
    with pytest.raises(ValueError, match=f"nobody serves {name}"):
        all_of({other: method for other, method in SERVED.items() if other != name})


def test_a_method_that_no_proto_has_is_a_slip_and_never_left_out_in_silence() -> None:
    with pytest.raises(ValueError, match="Delver"):
        all_of({**SERVED, "/leadrelay.v1.DeliveryService/Delver": SERVED[METHODS[0]]})

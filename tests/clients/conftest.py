"""A small relay for each test, and both clients in turn."""

from collections.abc import Iterator

import pytest

from clients.faces import Asyncio, Blocking, Face
from clients.small_relay import Journal, SmallRelay


@pytest.fixture
def relay() -> Iterator[SmallRelay]:
    relay = SmallRelay(Journal())
    yield relay
    relay.stop()


@pytest.fixture(params=[Blocking(), Asyncio()], ids=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Face:
    face: Face = request.param
    return face

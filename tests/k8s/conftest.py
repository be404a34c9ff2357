"""A server on loopback, and transports to it."""

from collections.abc import AsyncIterator

import pytest

from k8s.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.limits import ConnectionLimits
from k8s.transport import Transport
from tests.k8s.clock import Clock
from tests.k8s.transports import LIMITS, TOKEN, Connect
from tests.k8s.wireserver import WireServer, wire_server


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    made: list[Transport] = []

    def transport(endpoint: Endpoint, limits: ConnectionLimits = LIMITS) -> Transport:
        made.append(Transport("alpha", endpoint, credential=BearerToken(Secret(TOKEN)), limits=limits))
        return made[-1]

    yield transport
    for each in made:
        await each.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()

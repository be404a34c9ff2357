"""A server on loopback, and transports to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvloop

from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.transport.limits import ConnectionLimits
from k8s.transport.transport import Transport
from tests.k8s.clock import Clock
from tests.k8s.tlsapplication import Run
from tests.k8s.transports import LIMITS, TOKEN, Connect
from tests.k8s.wireserver import WireServer, wire_server

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    transports: list[Transport] = []

    def transport(endpoint: Endpoint, limits: ConnectionLimits = LIMITS) -> Transport:
        transports.append(Transport("alpha", endpoint, credential=BearerToken(Secret(TOKEN)), limits=limits))
        return transports[-1]

    yield transport
    for opened in transports:
        await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine in a loop of its own, for a minute at most."""

    def running(what: Callable[[], Awaitable[None]]) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(60):
                await what()

        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(bounded())

    return running


@pytest.fixture(params=["at once", "later"])
def decrypted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decrypts a piece at once, or later."""
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", -1.0 if request.param == "later" else 3600.0)

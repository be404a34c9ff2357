"""WebSockets of clients that left before their handshake had its turn."""

import asyncio

import pytest

from server.ratelimit import anonymous
from server.ratelimit.anonymous import AnonymousLimits
from tests.server.http_parts import Fakes
from tests.server.live.liveserver import served, until
from tests.server.live.test_websocketends import handshake

BURST = 5
"""Handshakes that the limit of the tests serves at once."""
LIMITS = AnonymousLimits(requests_per_minute=60)


async def test_handshakes_of_clients_that_left_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 1.5)  # one handshake is served meanwhile
    async with served(Fakes(anonymous_limits=LIMITS)) as port:
        for _ in range(BURST + 10):
            await _leave(port)
        await until(lambda: not port.connections)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake())
        line = await reader.readline()
        writer.close()

    assert line.startswith(b"HTTP/1.1 101")


@pytest.mark.parametrize("path", ["/graphql", "/unknown"])
async def test_clients_that_left_before_they_are_refused_are_no_errors(
    path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 0.1)
    async with served(Fakes(anonymous_limits=LIMITS)) as port:
        for _ in range(BURST + 10):
            await _leave(port, path)

    log = capsys.readouterr()
    assert "error" not in log.out + log.err
    assert "websocket" in log.out


async def _leave(port: int, path: str = "/graphql") -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(handshake(path))
    await writer.drain()
    writer.close()

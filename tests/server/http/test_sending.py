"""The speed of clients: only those that are waited for count as slow."""

import asyncio
from dataclasses import dataclass, field

import pytest
from starlette.types import Message

from server.http.sending import Sending


@dataclass
class Wire:
    """A connection whose reader takes each message in so many seconds of a clock that is moved by hand."""

    each_s: float = 0.0
    now_s: float = 0.0
    is_aborted: bool = False
    slow_while_sent: list[bool] = field(default_factory=list)
    sending: Sending | None = None

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_aborted

    async def send(self, _message: Message) -> None:
        assert self.sending is not None
        self.now_s += self.each_s
        self.slow_while_sent.append(self.sending.is_slow)

    async def piece(self, size_bytes: int) -> None:
        """Sends one, measured."""
        assert self.sending is not None
        await self.sending.measured(self.send)({"type": "http.response.body", "body": bytes(size_bytes)})


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Returns a connection on which a response is sent."""
    connection = Wire()
    connection.sending = Sending("a", connection)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: connection.now_s)
    return connection


async def test_who_takes_a_megabyte_in_a_second_is_not_slow(wire: Wire) -> None:
    wire.each_s = 0.9
    for _ in range(60):
        await wire.piece(2**20)

    assert wire.slow_while_sent == [False] * 60


async def test_who_takes_less_is_slow_after_a_while(wire: Wire) -> None:
    wire.each_s = 3.0
    for _ in range(5):
        await wire.piece(2**20)

    assert wire.slow_while_sent == [False, False, False, True, True]


async def test_who_reads_nothing_is_slow_during_a_single_piece(wire: Wire) -> None:
    wire.each_s = 11.0
    await wire.piece(2**20)

    assert wire.slow_while_sent == [True]


async def test_who_has_to_wait_for_the_answer_is_not_slow(wire: Wire) -> None:
    for _ in range(5):
        await wire.piece(100)
        wire.now_s += 60

    assert wire.sending is not None
    assert not wire.sending.is_slow


async def test_what_is_given_up_loses_its_connection(wire: Wire) -> None:
    assert wire.sending is not None
    wire.sending.cut()

    assert wire.is_aborted


async def test_without_a_connection_nothing_is_cut() -> None:
    Sending("a", None).cut()

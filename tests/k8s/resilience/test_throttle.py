"""Throttled requests, which wait as long as the API server asks for, within their deadline."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from k8s import errors
from k8s.credentials.credential import BearerToken, Secret
from k8s.kinds.builtin import POD
from k8s.resilience.flow import Flow
from k8s.resilience.throttle import LONGEST_S, Throttle, retry_after_s
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from tests.k8s.clock import Clock
from tests.k8s.wireserver import WireServer, http, wire_server

LIST = Call(list_path(POD, None), verb="list", target="pods")
CREATE = Call(list_path(POD, "x"), verb="create", target="pods", body=b"{}")
PODS = Flow("", "list", "pods")
NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@dataclass
class SleepingClock(Clock):
    """A clock whose time passes by sleeping only."""

    async def sleep(self, seconds: float) -> None:
        """Passes time."""
        self.now_s += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as served:
        yield served


@pytest.fixture
def clock() -> SleepingClock:
    return SleepingClock()


@pytest.fixture
async def connection(server: WireServer, clock: SleepingClock) -> AsyncIterator[Connection]:
    connection = Connection("alpha", server.endpoint, credential=BearerToken(Secret("t")))
    connection.resilience.throttle = Throttle(clock=clock, sleep=clock.sleep, spread=lambda _least, most: most)
    yield connection
    await connection.close()


def throttled(retry_after: str | None = "2", status: str = "429 Too Many Requests") -> bytes:
    header = f"\r\nRetry-After: {retry_after}\r\n".encode() if retry_after is not None else b"\r\n"
    return http(status=status).replace(b"\r\n", header, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1", 1),
        (" 30 ", 30),
        ("0", 0),
        ("1000000000", LONGEST_S),
        ("Sat, 31 Jan 2026 12:00:07 GMT", 7),
        ("Sat, 31 Jan 2026 13:00:00 GMT", LONGEST_S),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 5000, None),
    ],
)
def test_fa_6_what_the_header_says(header: str, seconds: float | None) -> None:
    assert retry_after_s(header, now=NOW) == seconds


@pytest.mark.parametrize(
    ("answer", "waited_s"),
    [
        (throttled("2"), 2.5),
        (throttled(None), 1.25),
        (throttled("nonsense"), 1.25),
        (throttled("3", "503 Service Unavailable"), 3.75),
    ],
)
async def test_fa_6_a_read_that_is_put_off_is_asked_again_after_that(
    server: WireServer, connection: Connection, clock: SleepingClock, answer: bytes, waited_s: float
) -> None:
    server.answers, began_s = [answer, http(b"[]")], clock.now_s

    assert await connection.send(LIST, Deadline(15, clock=clock)) == b"[]"

    assert clock.now_s - began_s == pytest.approx(waited_s)
    assert len(server.requests) == 2


@pytest.mark.parametrize("retry_after", ["15", "30", "1000000000"])
async def test_fa_6_nobody_waits_for_longer_than_there_is(
    server: WireServer, connection: Connection, clock: SleepingClock, retry_after: str
) -> None:
    server.answers, began_s = [throttled(retry_after)], clock.now_s

    with pytest.raises(errors.TooManyRequests) as refused:
        await connection.send(LIST, Deadline(15, clock=clock))
    with pytest.raises(errors.TooManyRequests, match="asks for a pause of") as again:
        await connection.send(LIST, Deadline(15, clock=clock))

    assert refused.value.retry_after_s == again.value.retry_after_s == min(LONGEST_S, float(retry_after))
    assert (clock.now_s, len(server.requests)) == (began_s, 1)


async def test_fa_6_all_who_ask_the_same_as_the_same_identity_wait(
    server: WireServer, connection: Connection, clock: SleepingClock
) -> None:
    server.answers, began_s = [throttled("30"), http(b"[]")], clock.now_s
    with pytest.raises(errors.TooManyRequests):
        await connection.send(LIST, Deadline(15, clock=clock))

    others = await asyncio.gather(*(connection.send(LIST, Deadline(60, clock=clock)) for _ in range(5)))

    assert others == [b"[]"] * 5
    assert clock.now_s - began_s >= 30
    assert len(server.requests) == 6


async def test_fa_6_a_write_is_never_sent_again(
    server: WireServer, connection: Connection, clock: SleepingClock
) -> None:
    server.answers = [throttled("1")]

    with pytest.raises(errors.TooManyRequests):
        await connection.send(CREATE, Deadline(15, clock=clock))

    assert len(server.requests) == 1


async def test_fa_6_three_times_is_enough(server: WireServer, connection: Connection, clock: SleepingClock) -> None:
    server.answers = [throttled("1")]

    with pytest.raises(errors.TooManyRequests):
        await connection.send(LIST, Deadline(15, clock=clock))

    assert len(server.requests) == 3


async def test_a_503_without_the_header_is_not_asked_again(
    server: WireServer, connection: Connection, clock: SleepingClock
) -> None:
    server.answers = [throttled(None, "503 Service Unavailable")]

    with pytest.raises(errors.ServerFailed):
        await connection.send(LIST, Deadline(15, clock=clock))

    assert (len(server.requests), connection.resilience.throttle.pause_of(PODS).seconds) == (1, 0)


async def test_a_pause_that_was_asked_for_is_not_cut_short(clock: SleepingClock) -> None:
    throttle = Throttle(clock=clock, sleep=clock.sleep)
    throttle.pause(PODS, 5)

    throttle.pause(PODS, 1)

    assert throttle.pause_of(PODS).seconds == 5


@pytest.mark.parametrize(
    "header",
    [
        "Fri, 31 Dec 99999999999 23:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +99999999999999",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "1e400",
        "inf",
        "-1",
    ],
)
def test_a_time_that_no_clock_has_is_no_error(header: str) -> None:
    asked_s = retry_after_s(header)

    assert asked_s is None or 0 <= asked_s <= LONGEST_S

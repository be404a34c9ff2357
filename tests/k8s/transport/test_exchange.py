"""Requests to an API server as observers see them; against a server on loopback."""

import asyncio
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter
from types import FrameType

import pytest

from k8s import errors
from k8s.credentials.credential import BearerToken, Secret
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.endpoint import Endpoint
from k8s.resilience.circuitbreaker import LONGEST_PAUSE_S
from k8s.resilience.resilience import Resilience
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import UNOBSERVED, Exchange, Exchanges, ObservedCall, exchanges_recorded
from k8s.transport.limits import ConnectionLimits
from tests.k8s.clock import Clock
from tests.k8s.transports import LIST, TOKEN
from tests.k8s.wireserver import CLOSE, CUT, WireServer, http, until

AUDIT_ID = "7c1a1c1e-0f5e-4b1e-9a52-1d1f0d9a1b2c"


@dataclass
class Watching:
    """An observer that stores its events, and sends `traceparent` with each request."""

    traceparent: str = ""
    running: int = 0
    ended_: list[Exchange] = field(default_factory=list)
    breaker: list[bool] = field(default_factory=list)

    def began(self, exchange: Exchange) -> None:
        self.running += 1
        exchange.traceparent = self.traceparent

    def ended(self, exchange: Exchange) -> None:
        self.running -= 1
        self.ended_.append(exchange)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        self.breaker.append(is_open)


def _connection(endpoint: Endpoint, watching: Watching, resilience: Resilience | None = None) -> Connection:
    limits, token = ConnectionLimits(connect_timeout_s=5), BearerToken(Secret(TOKEN))
    return Connection("alpha", endpoint, credential=token, limits=limits, observer=watching, resilience=resilience)


async def _sent(server: WireServer, watching: Watching) -> None:
    connection = _connection(server.endpoint, watching)
    try:
        await connection.send(LIST, Deadline(10))
    finally:
        await connection.close()


async def test_an_answer_has_status_bytes_and_the_audit_id(server: WireServer) -> None:
    server.answers = [http(b'{"a":1}', headers=f"Audit-Id: {AUDIT_ID}\r\n")]
    watching, began_s = Watching(), perf_counter()

    await _sent(server, watching)

    (exchange,) = watching.ended_
    assert (exchange.cluster, exchange.call, exchange.identity) == ("alpha", LIST, "stored credential")
    assert (exchange.status, exchange.audit_id, exchange.body_bytes, exchange.reason) == (200, AUDIT_ID, 7, "")
    assert 0 < exchange.seconds < perf_counter() - began_s
    assert watching.running == 0


async def test_a_refusal_has_its_status_and_audit_id(server: WireServer) -> None:
    server.answers = [http(b"{}", "403 Forbidden", headers=f"Audit-Id: {AUDIT_ID}\r\n")]
    watching = Watching()

    with pytest.raises(errors.Forbidden):
        await _sent(server, watching)

    (exchange,) = watching.ended_
    assert (exchange.status, exchange.audit_id, exchange.reason) == (403, AUDIT_ID, "Forbidden")


@pytest.mark.parametrize("said", ["x" * 65, "a b", '"};{"', "a+b"])
async def test_an_audit_id_that_is_none_is_not_kept(server: WireServer, said: str) -> None:
    server.answers = [http(headers=f"Audit-Id: {said}\r\n")]
    watching = Watching()

    await _sent(server, watching)

    assert [exchange.audit_id for exchange in watching.ended_] == [""]


async def test_each_try_is_an_exchange(server: WireServer) -> None:
    server.answers = [CLOSE + http()[:-1], http()]
    watching = Watching()

    await _sent(server, watching)

    assert [(exchange.status, exchange.reason) for exchange in watching.ended_] == [(200, "BrokenOff"), (200, "")]


async def test_no_answer_has_a_reason(server: WireServer) -> None:
    server.answers = [CUT]
    watching = Watching()

    with pytest.raises(errors.Unreachable):
        await _sent(server, watching)

    assert {(exchange.status, exchange.reason) for exchange in watching.ended_} == {(None, "BrokenOff")}
    assert watching.breaker == []


async def test_no_connection_opens_the_cluster_s_breaker_until_there_is_an_answer(
    server: WireServer, clock: Clock
) -> None:
    watching, resilience = Watching(), Resilience(clock=clock)
    closed = _connection(Endpoint("https://127.0.0.1:1"), watching, resilience)
    with pytest.raises(errors.Unreachable):
        await closed.send(LIST, Deadline(10))
    assert watching.breaker == [True]

    clock.now_s += LONGEST_PAUSE_S
    connection = _connection(server.endpoint, watching, resilience)
    await connection.send(LIST, Deadline(10))
    await connection.close()
    await closed.close()

    assert watching.breaker == [True, False]


async def test_a_caller_that_goes_away_ends_its_exchange(server: WireServer) -> None:
    server.answers = [None]
    watching = Watching()
    asking = asyncio.create_task(_sent(server, watching))
    await until(lambda: len(server.requests) == 1)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert [(exchange.status, exchange.reason) for exchange in watching.ended_] == [(None, "Cancelled")]


async def test_a_traceparent_is_sent_only_if_who_watches_sets_it(server: WireServer) -> None:
    traced = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    await _sent(server, Watching())
    await _sent(server, Watching(traceparent=traced))

    assert "traceparent" not in server.headers(0)
    assert server.headers(1)["traceparent"] == traced
    assert server.headers(1)["authorization"] == f"Bearer {TOKEN}"


async def test_nothing_that_is_watched_holds_the_token(server: WireServer) -> None:
    watching = Watching()

    await _sent(server, watching)

    assert TOKEN not in repr(watching)


async def test_exchanges_are_noted_where_they_were_caused(server: WireServer) -> None:
    with exchanges_recorded() as outside:
        await _sent(server, Watching())
        with exchanges_recorded() as inside:
            await asyncio.create_task(_sent(server, Watching()))
    await _sent(server, Watching())

    (own,), (first, second) = inside, outside
    assert second is own
    assert first is not own


def _note() -> None:
    with ObservedCall("alpha", LIST, UNOBSERVED) as watch:
        watch.begin()


def _calls(places: Exchanges) -> int:
    """Counts the calls of functions, Python's own included, for one more exchange."""
    called = list[str]()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        called.append(event)

    exchange = Exchange("alpha", LIST)
    sys.setprofile(count)
    places.note(exchange)
    sys.setprofile(None)
    return len(called)


@pytest.mark.parametrize("depth", [1, 3000])
async def test_exchanges_are_noted_in_any_depth(depth: int) -> None:
    with ExitStack() as stack:
        places = [stack.enter_context(exchanges_recorded()) for _ in range(depth)]
        _note()
        calls = _calls(places[-1])
        _note()

    (first, _, last) = places[-1]
    assert all([*place][::2] == [first, last] for place in (places[0], places[depth // 2]))
    assert calls <= _calls(Exchanges())


async def test_exchanges_of_places_beside_each_other_are_seen_outside_alone() -> None:
    with exchanges_recorded() as outside:
        with exchanges_recorded() as one:
            _note()
        _note()
        with exchanges_recorded() as other, exchanges_recorded() as within:
            _note()
        with exchanges_recorded() as empty:
            pass

    (first,), (third,) = one, within
    assert [*other] == [third]
    assert [*outside][::2] == [first, third]
    assert len([*outside]) == 3
    assert [*empty] == []


class TwoTokens(RenewedToken):
    """A source whose first token is refused."""

    def __init__(self) -> None:
        self._left = [Secret("first"), Secret("second")]
        super().__init__(self._next)

    async def _next(self) -> IssuedToken:
        return IssuedToken(self._left.pop(0), None)

    def refused(self, token: Secret) -> None:
        self.forget()


async def test_a_second_try_with_another_token_is_an_exchange_of_its_own(server: WireServer) -> None:
    server.answers = [http(b"{}", "401 Unauthorized"), http()]
    watching = Watching()
    connection = Connection("alpha", server.endpoint, credential=TwoTokens(), observer=watching)

    await connection.send(LIST, Deadline(10))
    await connection.close()

    assert [(exchange.status, exchange.reason) for exchange in watching.ended_] == [(401, "Unauthorized"), (200, "")]
    assert watching.running == 0

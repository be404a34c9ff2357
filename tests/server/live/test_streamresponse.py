"""Subscriptions as responses: their bytes, heartbeats, and all ways in which they end."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from starlette.requests import ClientDisconnect

from graph.live.subscription import SubscriptionFailed
from k8s.errors import ErrorCode
from resolvers.caller import OPERATOR
from server.auth.accesslost import AccessLost
from server.http.framing import LiveFraming
from server.http.liveframings import EventStream, SubscriptionParts
from server.http.pieces import PIECE_BYTES
from server.live.limits import LiveLimits
from server.live.streamresponse import LiveStream
from store.errors import StoreUnavailable
from tests.server.live.streams import FakeSubscription, Wire

FIRST, SECOND = b'{"data":{"pods":{"resume":"1"}}}', b'{"data":{"pods":{"resume":"2"}}}'
COMPLETE = b"event: complete\ndata:\n\n"
FRAMINGS = [EventStream(), SubscriptionParts()]


class Served:
    """A response that is being sent."""

    def __init__(self, framing: LiveFraming, limits: LiveLimits) -> None:
        self.subscription, self.wire = FakeSubscription(), Wire(was_read=True)
        self.stopping, self.lost = asyncio.Event(), asyncio.get_running_loop().create_future()
        self.places = 0
        self._response = LiveStream(
            self.subscription.payloads(OPERATOR),
            framing,
            place=self._place,
            access_lost=lambda: self.lost,
            stopping=self.stopping,
            limits=limits,
        )
        self.task = asyncio.create_task(
            self._response({"state": {"link": self.wire}}, self.wire.receive, self.wire.send)
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        self.places += 1
        try:
            yield
        finally:
            self.places -= 1

    async def end(self) -> None:
        async with asyncio.timeout(30):
            await self.task
        assert (self.subscription.was_closed, self.places, self.wire.is_complete) == (True, 0, True)


@asynccontextmanager
async def served(framing: LiveFraming | None = None, limits: LiveLimits | None = None) -> AsyncIterator[Served]:
    """Yields a response that has sent a first payload."""
    one = Served(framing or EventStream(), limits or LiveLimits())
    one.subscription.put(FIRST)
    await one.wire.until(FIRST)
    assert one.places == 1
    yield one
    one.task.cancel()
    await asyncio.gather(one.task, return_exceptions=True)


def last_error(body: bytes) -> object:
    """Returns the code and the message of the error in the last payload."""
    line = body.removesuffix(COMPLETE).removesuffix(b"\r\n--graphql--\r\n").strip().splitlines()[-1]
    (error,) = json.loads(line.removeprefix(b"data: "))["errors"]
    return error["extensions"]["code"], error["message"], error["extensions"]["retryable"]


async def test_payloads_are_events() -> None:
    async with served() as one:
        one.subscription.put(SECOND, None)
        await one.end()

        event = b"event: next\ndata: %s\n\n"
        assert one.wire.body == b":\n\n" + event % FIRST + event % SECOND + COMPLETE


async def test_payloads_are_parts_with_a_payload() -> None:
    async with served(SubscriptionParts()) as one:
        one.subscription.put(SECOND, None)
        await one.end()

        head = b"\r\n--graphql\r\nContent-Type: application/json\r\n\r\n"
        payload = head + b'{"payload":%s}'
        assert one.wire.body == head + b"{}" + payload % FIRST + payload % SECOND + b"\r\n--graphql--\r\n"


async def test_line_ends_between_the_tokens_of_a_payload_do_not_end_its_event() -> None:
    async with served() as one:
        one.subscription.put(b'{\n"data":\r\n{}}', None)
        await one.end()

        assert b'data: { "data":  {}}\n\n' in one.wire.body


async def test_a_long_payload_is_sent_in_pieces_and_not_copied() -> None:
    long = b'{"data":"' + b"x" * 3 * PIECE_BYTES + b'"}'
    async with served() as one:
        one.subscription.put(long, None)
        await one.end()

        bodies = [message["body"] for message in one.wire.messages if isinstance(message.get("body"), memoryview)]
        assert [len(body) for body in bodies if body.obj is long] == [*[PIECE_BYTES] * 3, len(long) - 3 * PIECE_BYTES]


async def test_ws_20_a_client_may_be_slow_as_long_as_it_takes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    timeout, timeouts = asyncio.timeout, list[float | None]()

    def noted(delay: float | None) -> asyncio.Timeout:
        timeouts.append(delay)
        return timeout(delay)

    monkeypatch.setattr(asyncio, "timeout", noted)
    async with served(limits=LiveLimits(send_timeout_s=77)) as one:
        before = timeouts.count(77)
        one.subscription.put(b'"' + b"x" * 3 * PIECE_BYTES + b'"', None)
        await one.end()

        assert timeouts.count(77) - before > 3  # one for each piece


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_silence_is_filled_with_heartbeats_that_say_nothing(framing: LiveFraming) -> None:
    async with served(framing, LiveLimits(heartbeat_s=0.01)) as one:
        await one.wire.until(b"".join(framing.payload(FIRST)) + framing.heartbeat * 3)
        one.subscription.put(None)
        await one.end()


async def test_a_subscription_that_fails_ends_with_its_errors() -> None:
    async with served() as one:
        one.subscription.put(SubscriptionFailed([{"message": "no"}]))
        await one.end()

        assert one.wire.body.endswith(b'event: next\ndata: {"errors":[{"message":"no"}]}\n\n' + COMPLETE)


async def test_a_multipart_subscription_that_fails_ends_with_a_null_payload() -> None:
    async with served(SubscriptionParts()) as one:
        one.subscription.put(SubscriptionFailed([{"message": "no"}]))
        await one.end()

        assert one.wire.body.endswith(b'{"payload":null,"errors":[{"message":"no"}]}\r\n--graphql--\r\n')


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("reads", ["evaluation", "review"])
async def test_fa_12_a_registry_that_cannot_be_read_is_no_cut(framing: LiveFraming, reads: str) -> None:
    async with served(framing) as one:
        if reads == "evaluation":
            one.subscription.put(StoreUnavailable("away"))
        else:
            one.lost.set_exception(StoreUnavailable("away"))
        await one.end()

        assert last_error(one.wire.body) == ("INTERNAL", "The registry cannot be read at the moment.", True)


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_fa_13_a_server_that_stops_says_so(framing: LiveFraming) -> None:
    async with served(framing) as one:
        one.stopping.set()
        await one.end()

        assert last_error(one.wire.body) == ("INTERNAL", "The server is stopping; ask again.", True)


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_cr_9_lost_access_ends_it_with_its_code(framing: LiveFraming) -> None:
    async with served(framing) as one:
        one.lost.set_result(AccessLost("The token is no longer valid.", ErrorCode.UNAUTHENTICATED))
        await one.end()

        assert last_error(one.wire.body) == ("UNAUTHENTICATED", "The token is no longer valid.", False)


async def test_the_end_comes_behind_a_payload_that_is_being_sent() -> None:
    async with served() as one:
        one.wire.takes.clear()
        one.subscription.put(SECOND)
        await asyncio.sleep(0.01)
        one.stopping.set()
        await asyncio.sleep(0.01)
        one.wire.takes.set()
        await one.end()

        assert b"data: " + SECOND + b"\n\nevent: next\n" in one.wire.body
        assert one.wire.body.endswith(COMPLETE)


async def test_ws_20_a_client_that_takes_nothing_is_cut_off() -> None:
    async with served(limits=LiveLimits(send_timeout_s=0.01)) as one:
        one.wire.takes.clear()
        one.subscription.put(SECOND)

        with pytest.raises(ClientDisconnect):
            await one.end()
        assert (one.subscription.was_closed, one.places, one.wire.was_aborted) == (True, 0, True)


async def test_a_client_that_takes_not_even_the_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.streamresponse._LAST_PAYLOAD_S", 0.01)
    async with served() as one:
        one.wire.takes.clear()
        one.stopping.set()

        with pytest.raises(ClientDisconnect):
            await one.end()
        assert (one.subscription.was_closed, one.wire.was_aborted) == (True, True)


async def test_fa_18_a_client_that_disconnects_releases_everything_at_once() -> None:
    async with served() as one:
        one.wire.is_gone.set()

        async with asyncio.timeout(30):
            await one.task
        assert (one.subscription.was_closed, one.places) == (True, 0)


async def test_an_unexpected_error_is_told_and_raised() -> None:
    async with served() as one:
        one.subscription.put(ZeroDivisionError())

        with pytest.raises(ZeroDivisionError):
            await one.end()
        assert last_error(one.wire.body) == ("INTERNAL", "internal error", True)
        assert one.wire.is_complete


async def test_a_response_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with served() as one:
        one.subscription.put(None)
        await one.end()

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("end", ["stop", "lost"])
async def test_a_heartbeat_that_the_client_does_not_take_delays_no_end(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.streamresponse._LAST_PAYLOAD_S", 0.01)
    async with served(limits=LiveLimits(heartbeat_s=0.01)) as one:
        one.wire.takes.clear()
        await asyncio.sleep(0.05)
        one.subscription.put(SECOND)
        await asyncio.sleep(0.01)
        if end == "stop":
            one.stopping.set()
        else:
            one.lost.set_result(AccessLost("The token is no longer valid.", ErrorCode.UNAUTHENTICATED))

        async with asyncio.timeout(10):
            with pytest.raises(ClientDisconnect):
                await one.task
        assert (one.subscription.was_closed, one.wire.was_aborted, SECOND in one.wire.body) == (True, True, False)


@pytest.mark.parametrize("ends_by", ["stop", "lost access"])
async def test_ws_18_a_heartbeat_that_waits_for_the_client_hides_no_end(
    ends_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.streamresponse._STOP_SPREAD_S", 0)
    async with served(limits=LiveLimits(heartbeat_s=0.01)) as one:
        one.wire.takes.clear()
        await asyncio.sleep(0.05)  # a heartbeat waits
        one.subscription.put(SECOND)
        await asyncio.sleep(0)
        if ends_by == "stop":
            one.stopping.set()
        else:
            one.lost.set_result(AccessLost("no", ErrorCode.FORBIDDEN))
        await asyncio.sleep(0.05)
        one.wire.takes.set()
        await one.end()

        assert SECOND not in one.wire.body
        assert one.wire.body.endswith(COMPLETE)

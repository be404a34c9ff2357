"""WebSockets: the messages of clients, their codes, and the operations on them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import generate_latest

from server.app.endpoint import HttpLimits
from server.app.persisteddocuments import PersistedDocuments
from server.live.limits import LiveLimits
from server.observe.logs import configure_logging
from server.ratelimit.ratelimit import CallerLimits
from server.settings.settings import Settings
from tests.server.http_parts import TOKEN, FakeAnswer, FakeExecutor, Fakes, code_of
from tests.server.live.liveserver import FakeSubscription, client, served, subscribed, until

SUBSCRIBE: dict[str, Any] = {"id": "1", "type": "subscribe", "payload": {"query": "{ ok }"}}
INIT = json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}})


@pytest.fixture(scope="module")
async def waiting_server() -> AsyncIterator[tuple[Fakes, int]]:
    """Returns a server that answers no operation, and its port."""
    fakes = Fakes(FakeExecutor(gate=asyncio.Event()))
    async with served(fakes) as port:
        yield fakes, port


def message(**changes: Any) -> str:
    return json.dumps(SUBSCRIBE | changes)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ((message(),), 4401),
        ((INIT, INIT), 4429),
        ((INIT, "[1]"), 4400),
        ((INIT, "1"), 4400),
        ((INIT, "null"), 4400),
        ((INIT, ""), 4400),
        ((INIT, "{"), 4400),
        ((INIT, "[" * 50_000), 4400),
        ((INIT, '{"type":"start","id":"1","payload":{"query":"{ ok }"}}'), 4400),
        ((INIT, message(type=["subscribe"])), 4400),
        ((INIT, message(id={"a": 1})), 4400),
        ((INIT, message(id=1)), 4400),
        ((INIT, message(id="")), 4400),
        ((INIT, message(id="a" * 257)), 4400),
        ((INIT, '{"type":"complete"}'), 4400),
        ((INIT, '{"type":"subscribe","id":"1"}'), 4400),
        ((INIT, message(payload=[{"query": "{ ok }"}])), 4400),
        ((INIT, message(payload=None)), 4400),
        ((INIT, message(payload={})), 4400),
        ((INIT, message(payload={"query": 1})), 4400),
        ((INIT, message(payload={"query": "{ ok }", "variables": []})), 4400),
        ((INIT, message(payload={"query": "{ ok }", "operationName": {}})), 4400),
        ((INIT, '{"type":"ping","payload":' + json.dumps({"a": "a" * 1024}) + "}"), 4400),
        ((INIT, '{"type":"ping","payload":[1]}'), 4400),
        ((INIT, b'{"type":"ping"}'), 4400),
        ((INIT, message() * 2), 4400),
        (('{"type":"connection_init","payload":[]}',), 4400),
        (('{"type":"connection_init","payload":{"Authorization":1}}',), 4400),
        (('{"type":"connection_init","payload":{"Authorization":"Basic YTpi"}}',), 4400),
        ((INIT[:-2] + ',"authorization":"Bearer x"}}',), 4400),
        (('{"type":"connection_init","payload":{"Authorization":"Bearer wrong"}}',), 4403),
        (('{"type":"connection_init"}',), 4403),
        (("a" * 65_537,), 1009),
        ((INIT, "a" * 1_048_576), 1009),
    ],
    ids=str,
)
async def test_ws_1_to_16_what_is_no_valid_message_closes_with_a_code(
    frames: tuple[str | bytes, ...],
    code: int,
    waiting_server: tuple[Fakes, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(Settings())
    fakes, port = waiting_server
    async with client(port) as live:
        for frame in frames:
            await live.raw(frame)
        end = await live.end()

    assert end.code == code
    assert end.reason
    for internal in ("Traceback", "msgspec", "server."):
        assert internal not in end.reason
    log = capsys.readouterr().err
    assert "Traceback" not in log
    assert TOKEN not in log
    assert fakes.executor.requests == []


async def test_an_id_that_is_in_use_closes_the_connection_and_is_free_after_its_end() -> None:
    subscription = FakeSubscription()
    async with served(subscribed(subscription)) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        await live.receive()
        await live.send(type="complete", id="1")
        await live.subscribe()
        await live.receive()
        await live.subscribe()
        end = await live.end()

    assert (end.code, end.reason) == (4409, "Subscriber for 1 already exists")
    assert subscription.begun == 2
    assert subscription.active == 0


async def test_who_does_not_begin_is_disconnected() -> None:
    async with served(Fakes(live_limits=LiveLimits(init_timeout_s=0.1))) as port, client(port) as live:
        await live.send(type="ping")
        end = await live.end()

    assert end.code == 4408


async def test_who_has_no_operation_is_disconnected_after_a_while() -> None:
    fakes = subscribed(FakeSubscription(is_complete=True), live_limits=LiveLimits(idle_timeout_s=0.5))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        received = [await live.receive() for _ in range(2)]
        end = await live.end()

    assert [message["type"] for message in received] == ["next", "complete"]
    assert (end.code, end.reason) == (1001, "No operation for 0.5 s")


async def test_a_ping_is_answered_with_its_payload() -> None:
    async with served(Fakes()) as port, client(port) as live:
        await live.send(type="ping")
        before = await live.receive()
        await live.begin()
        await live.send(type="ping", payload={"at": 1})
        await live.send(type="pong")
        after = await live.receive()

    assert (before, after) == ({"type": "pong"}, {"type": "pong", "payload": {"at": 1}})


async def test_a_query_is_answered_and_complete() -> None:
    fakes = Fakes()
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe("a", "query A($x: Int) { ok }", variables={"x": 1}, operationName="A", extensions={"b": 1})
        received = [await live.receive() for _ in range(2)]

    assert received == [
        {"id": "a", "type": "next", "payload": {"data": {"ok": True}}},
        {"id": "a", "type": "complete"},
    ]
    (request,), (caller,) = fakes.executor.requests, fakes.executor.callers
    assert (request.query, request.variables, request.operation_name) == ("query A($x: Int) { ok }", {"x": 1}, "A")
    assert caller.name == "robot"


async def test_what_is_not_executed_ends_with_its_errors_and_the_connection_goes_on() -> None:
    error = {"message": "no", "extensions": {"code": "BAD_USER_INPUT"}}
    body = json.dumps({"errors": [error]}).encode()
    fakes = Fakes(FakeExecutor(answer=FakeAnswer(body, executed=False)))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe("a")
        first = await live.receive()
        await live.subscribe("a")
        second = await live.receive()

    assert first == second == {"id": "a", "type": "error", "payload": [error]}


async def test_what_a_client_completes_is_cancelled_without_a_word() -> None:
    fakes = Fakes(FakeExecutor(gate=asyncio.Event()))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        await fakes.executor.started.wait()
        await live.send(type="complete", id="1")
        await until(lambda: fakes.executor.was_cancelled)
        await live.send(type="complete", id="1")  # of what has ended: no fault
        await live.send(type="ping")
        answer = await live.receive()

    assert answer == {"type": "pong"}


async def test_a_subscription_ends_with_its_errors_or_complete() -> None:
    error = {"message": "gone", "extensions": {"code": "FORBIDDEN"}}

    async def end_of(subscription: FakeSubscription) -> list[Any]:
        async with served(subscribed(subscription)) as port, client(port) as live:
            await live.begin()
            await live.subscribe()
            received = [await live.receive() for _ in range(2)]
        assert subscription.active == 0
        return received

    next_ = {"id": "1", "type": "next", "payload": {"data": {"pods": 1}}}
    assert await end_of(FakeSubscription(errors=[error])) == [next_, {"id": "1", "type": "error", "payload": [error]}]
    assert await end_of(FakeSubscription(is_complete=True)) == [next_, {"id": "1", "type": "complete"}]


async def test_many_operations_run_on_one_connection_up_to_a_limit() -> None:
    subscription = FakeSubscription()
    fakes = subscribed(subscription, live_limits=LiveLimits(operations=3))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        for number in range(4):
            await live.subscribe(str(number))
        received = [await live.receive() for _ in range(4)]
        await live.send(type="complete", id="0")
        await subscription.until(2)
        await live.subscribe("4")
        after = await live.receive()

    refused = [message for message in received if message["type"] == "error"]
    assert [(message["id"], message["payload"][0]["extensions"]["code"]) for message in refused] == [
        ("3", "LIMIT_EXCEEDED")
    ]
    assert "FLEETGRAPH_MAX_LIVE_OPERATIONS" in refused[0]["payload"][0]["message"]
    assert (after["id"], after["type"]) == ("4", "next")


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        (LiveLimits(caller_subscriptions=1), "FLEETGRAPH_MAX_CALLER_SUBSCRIPTIONS"),
        (LiveLimits(subscriptions=1), "FLEETGRAPH_MAX_SUBSCRIPTIONS"),
    ],
    ids=["caller", "all"],
)
async def test_subscriptions_are_limited_over_all_connections(limits: LiveLimits, setting: str) -> None:
    async with served(subscribed(live_limits=limits)) as port, client(port) as one, client(port) as other:
        for live in (one, other):
            await live.begin()
        await one.subscribe()
        first = await one.receive()
        await other.subscribe()
        second = await other.receive()

    assert first["type"] == "next"
    assert (second["type"], second["payload"][0]["extensions"]["code"]) == ("error", "TOO_MANY_REQUESTS")
    assert setting in second["payload"][0]["message"]


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        (CallerLimits(caller_requests_per_minute=3), "FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE"),
        (CallerLimits(caller_requests=1, caller_wait_s=0.05), "FLEETGRAPH_MAX_CALLER_REQUESTS"),
        (CallerLimits(requests=1), "FLEETGRAPH_MAX_CONCURRENT_REQUESTS"),
    ],
    ids=["rate", "caller", "all"],
)
async def test_operations_have_the_limits_of_requests_over_http(limits: CallerLimits, setting: str) -> None:
    fakes = Fakes(FakeExecutor(gate=asyncio.Event()), caller_limits=limits)
    async with served(fakes) as port, client(port) as one, client(port) as other:
        for live in (one, other):
            await live.begin()
        await one.subscribe()
        await fakes.executor.started.wait()
        await other.subscribe()
        refused = await other.receive()

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_REQUESTS", "retryable": True}
    assert setting in refused["payload"][0]["message"]
    assert len(fakes.executor.requests) == 1


async def test_a_subscription_occupies_no_place_of_requests() -> None:
    subscription = FakeSubscription()
    fakes = subscribed(subscription, caller_limits=CallerLimits(requests=1, caller_requests=1))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        for number in range(5):
            await live.subscribe(str(number))
            await live.receive()
        active = subscription.active

    assert active == 5


async def test_ws_17_too_many_values_are_refused_and_the_connection_goes_on() -> None:
    fakes = Fakes(limits=HttpLimits(body_values=1000))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe(variables={"x": list(range(2000))})
        refused = await live.receive()
        await live.subscribe()
        after = await live.receive()

    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "LIMIT_EXCEEDED")
    assert after["type"] == "next"


async def test_persisted_documents_are_named_and_others_refused() -> None:
    documents = PersistedDocuments({"pods": "subscription { pods }"}, are_the_only_ones=True)
    fakes = subscribed(documents=documents)
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.send(type="subscribe", id="1", payload={"documentId": "pods"})
        named = await live.receive()
        await live.subscribe("2")
        text = await live.receive()
        await live.subscribe("3", "{ ok }")
        refused = await live.receive()
        await live.send(type="subscribe", id="4", payload={"documentId": "unknown"})
        unknown = await live.receive()

    assert (named["type"], text["type"]) == ("next", "next")
    assert [error["payload"][0]["extensions"]["code"] for error in (refused, unknown)] == ["FORBIDDEN", "NOT_FOUND"]
    assert {request.query for request in fakes.executor.requests} == {"subscription { pods }"}


async def test_ws_23_a_subscription_by_a_post_that_accepts_no_stream_is_refused() -> None:
    subscription = FakeSubscription()
    response = await subscribed(subscription).post(b'{"query":"subscription { pods }"}', accept="application/json")

    assert (response.status_code, code_of(response)) == (406, "BAD_USER_INPUT")
    assert subscription.begun == 0


async def test_an_unexpected_error_ends_the_connection_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    fakes = Fakes(FakeExecutor(error=RuntimeError("dsn postgres://u:canary@h/db")))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        end = await live.end()

    assert (end.code, end.reason) == (4500, "internal error")
    assert "RuntimeError" in capsys.readouterr().err


async def test_a_connection_and_its_operations_are_logged_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    fakes = subscribed()
    async with served(fakes) as port:
        async with client(port, headers={"X-Request-Id": "from-the-client", "Cookie": "canary"}) as live:
            await live.begin()
            await live.subscribe(query="subscription { canary }")
            await live.receive()
            during = await fakes.metrics.exposition("")
        await until(lambda: b'websockets_closed_total{code="1000"} 1.0' in _exposed(fakes))

    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    operation, connection = [event for event in events if event["logger"] == "server.requests"]
    assert (operation["event"], operation["request_id"]) == ("operation", "from-the-client-1")
    assert (operation["caller"], operation["transport"], operation["outcome"]) == ("robot", "websocket", "ended")
    assert (connection["event"], connection["code"], connection["caller"]) == ("websocket", 1000, "robot")
    assert connection["request_id"] == "from-the-client"
    assert "canary" not in str(events)
    assert b"fleetgraph_live_connections 1.0" in during[0]
    assert b"fleetgraph_live_subscriptions 1.0" in during[0]
    assert b"fleetgraph_live_connections 0.0" in (await fakes.metrics.exposition(""))[0]


def _exposed(fakes: Fakes) -> bytes:
    return generate_latest(fakes.metrics._registry)


async def test_messages_are_in_the_language_of_the_handshake() -> None:
    fakes = subscribed(live_limits=LiveLimits(caller_subscriptions=1))
    async with served(fakes) as port, client(port, headers={"Accept-Language": "zh-CN"}) as live:
        await live.begin()
        await live.subscribe("1")
        await live.receive()
        await live.subscribe("2")
        refused = await live.receive()

    assert "订阅" in refused["payload"][0]["message"]

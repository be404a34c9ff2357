"""Subscriptions over HTTP: who gets a stream, and what the server holds while it is sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from graph.incremental.payloads import PayloadFormat
from server.app.persisteddocuments import PersistedDocuments
from server.http.mediatypes import Acceptance, MediaType, StreamFormat, stream_format_of
from server.live.limits import LiveLimits
from server.live.reviews import Reviews
from server.ratelimit.ratelimit import CallerLimits
from tests.server.http.test_multipart import FIRST, LAST, FakePayloads
from tests.server.http_parts import AUTHORIZED, FakeAnswer, FakeExecutor, Fakes, code_of, post_scope, record
from tests.server.live.streams import SUBSCRIPTION, FakeSubscription, Wire

EVENTS, PARTS = "text/event-stream", 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json'
NEXT, COMPLETE = b"event: next\ndata: %s\n\n", b"event: complete\ndata:\n\n"
PAYLOAD = b'{"data":{"pods":{"resume":"1"}}}'
INVALID = FakeAnswer(b'{"errors":[{"message":"no"}]}', executed=False)
NEEDS_STREAM = FakeAnswer(b'{"errors":[{"message":"stream"}]}', executed=False, needs_stream=True)


def subscribed(*payloads: bytes | None) -> tuple[Fakes, FakeSubscription]:
    subscription = FakeSubscription()
    subscription.put(*payloads)
    return Fakes(FakeExecutor(NEEDS_STREAM, subscription=subscription)), subscription


@asynccontextmanager
async def open_stream(fakes: Fakes, accept: str = EVENTS) -> AsyncIterator[Wire]:
    """Yields the wire of a subscription whose first payload has arrived."""
    wire, scope = Wire(), post_scope()
    scope["headers"] = [*scope["headers"], (b"accept", accept.encode())]
    serving = asyncio.create_task(fakes.app()(scope, wire.receive, wire.send))
    await wire.until(PAYLOAD)
    yield wire
    wire.is_gone.set()
    async with asyncio.timeout(30):
        await serving


@pytest.mark.parametrize(
    ("accept", "stream_format"),
    [
        ("text/event-stream", StreamFormat.EVENTS),
        ("text/event-stream, multipart/mixed", StreamFormat.EVENTS),
        ("application/json, Text/Event-Stream;q=0.1", StreamFormat.EVENTS),
        ("text/event-stream, multipart/mixed;subscriptionSpec=1.0", StreamFormat.EVENTS),
        ("text/event-stream;q=0.5, multipart/mixed;subscriptionSpec=1.0", StreamFormat.PARTS),
        (PARTS, StreamFormat.PARTS),
        ("multipart/mixed;subscriptionSpec=2.0", None),
        ("multipart/mixed", None),
        ("text/event-stream;q=0", None),
        ("text/*", None),
        ("*/*", None),
        (None, None),
    ],
)
def test_only_who_names_a_form_of_streams_gets_one(accept: str | None, stream_format: StreamFormat | None) -> None:
    assert stream_format_of(accept) is stream_format


def test_apollos_subscriptions_are_no_payloads_of_queries() -> None:
    assert Acceptance.of(PARTS) == (MediaType.JSON, None, StreamFormat.PARTS)
    assert Acceptance.of("multipart/mixed;subscriptionSpec=1.0, multipart/mixed") == (
        None,
        PayloadFormat.IDS,
        StreamFormat.PARTS,
    )


async def test_a_post_that_accepts_events_gets_them() -> None:
    fakes, subscription = subscribed(PAYLOAD, None)

    response = await fakes.post(SUBSCRIPTION, accept=EVENTS)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (response.headers["cache-control"], response.headers["x-accel-buffering"]) == ("no-store", "no")
    assert response.content == b":\n\n" + NEXT % PAYLOAD + COMPLETE
    assert [caller.name for caller in subscription.callers] == ["robot"]


async def test_a_get_that_accepts_events_gets_them() -> None:
    fakes, _ = subscribed(PAYLOAD, None)

    async with fakes.client() as client:
        query = quote("subscription { pods { resume } }")
        response = await client.get(f"/graphql?query={query}", headers={**AUTHORIZED, "Accept": EVENTS})

    assert response.content.endswith(NEXT % PAYLOAD + COMPLETE)
    assert all(request.is_safe for request in fakes.executor.requests)


async def test_apollos_client_gets_parts() -> None:
    fakes, _ = subscribed(PAYLOAD, None)

    response = await fakes.post(SUBSCRIPTION, accept=PARTS)

    assert response.headers["content-type"] == 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    assert response.content.endswith(b'{"payload":%s}\r\n--graphql--\r\n' % PAYLOAD)


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "multipart/mixed", "*/*"])
async def test_ws_23_without_a_form_of_streams_it_is_refused_and_the_way_out_named(accept: str) -> None:
    fakes, subscription = subscribed()

    response = await fakes.post(SUBSCRIPTION, accept=accept)

    assert (response.status_code, code_of(response)) == (406, "BAD_USER_INPUT")
    for way in ("graphql-transport-ws", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"):
        assert way in response.json()["errors"][0]["message"]
    assert not subscription.callers


async def test_head_gets_no_stream() -> None:
    fakes, subscription = subscribed()

    async with fakes.client() as client:
        response = await client.head("/graphql?query=subscription", headers={**AUTHORIZED, "Accept": EVENTS})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert not subscription.callers


@pytest.mark.parametrize(
    ("accept", "status", "body"),
    [
        (EVENTS, 200, NEXT % INVALID.body + COMPLETE),
        ("application/graphql-response+json, text/event-stream", 400, INVALID.body),
        (PARTS, 200, INVALID.body),
        ("multipart/mixed;subscriptionSpec=1.0", 200, b'{"payload":%s}\r\n--graphql--\r\n' % INVALID.body),
    ],
)
async def test_a_refused_subscription_has_its_errors_where_the_client_reads_them(
    accept: str, status: int, body: bytes
) -> None:
    fakes = Fakes(FakeExecutor(NEEDS_STREAM, subscription=INVALID))

    response = await fakes.post(SUBSCRIPTION, accept=accept)

    assert response.status_code == status
    assert response.content.endswith(body)


async def test_queries_are_events_for_who_accepts_nothing_else() -> None:
    response = await Fakes().post(accept=EVENTS)

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.content == NEXT % b'{"data":{"ok":true}}' + COMPLETE


async def test_deferred_payloads_are_events_as_well() -> None:
    payloads = FakePayloads()
    payloads.gate.set()

    response = await Fakes(FakeExecutor(payloads=payloads)).post(accept=EVENTS)

    assert response.content == b":\n\n" + NEXT % FIRST + NEXT % LAST + COMPLETE


async def test_a_query_stays_json_for_who_accepts_both() -> None:
    response = await Fakes().post(accept=f"application/json, {EVENTS}")

    assert response.json() == {"data": {"ok": True}}


async def test_a_stream_takes_no_place_of_requests() -> None:
    fakes, _ = subscribed(PAYLOAD)
    fakes.caller_limits = CallerLimits(requests=1, caller_requests=1, caller_waiting=0)
    app = fakes.app()
    wire, scope = Wire(), post_scope()
    scope["headers"] = [*scope["headers"], (b"accept", EVENTS.encode())]
    serving = asyncio.create_task(app(scope, wire.receive, wire.send))
    await wire.until(PAYLOAD)

    fakes.executor.answer = FakeAnswer()
    other = Wire(request=b'{"query":"{ ok }"}')
    await app(post_scope(), other.receive, other.send)

    assert other.messages[0]["status"] == 200
    wire.is_gone.set()
    await serving


async def test_a_stream_is_no_running_request_of_the_metrics() -> None:
    fakes, subscription = subscribed(PAYLOAD)
    async with open_stream(fakes):
        assert not fakes.metrics.is_answering
        assert not subscription.was_closed

    assert subscription.was_closed


async def test_fa_13_a_server_that_stops_waits_for_no_stream() -> None:
    fakes, _ = subscribed(PAYLOAD)
    async with open_stream(fakes) as wire:
        fakes.draining.begin()
        cut = await fakes.draining.finish(timeout_s=30)

    error = json.loads(wire.body.split(b"data: ")[-1].split(b"\n")[0])["errors"][0]
    assert (cut, error["extensions"]) == (0, {"code": "INTERNAL", "retryable": True})
    assert wire.body.endswith(COMPLETE)


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (lambda fakes: setattr(fakes.tokens, "valid", "another"), "UNAUTHENTICATED"),
        (lambda fakes: setattr(fakes.tokens, "record", record(is_administrator=False)), "FORBIDDEN"),
    ],
)
async def test_cr_9_lost_access_ends_a_stream(
    monkeypatch: pytest.MonkeyPatch, lose: Callable[[Fakes], None], code: str
) -> None:
    monkeypatch.setitem(Reviews.__init__.__kwdefaults__ or {}, "interval_s", 0.01)
    fakes, subscription = subscribed(PAYLOAD)
    async with open_stream(fakes) as wire:
        lose(fakes)
        await wire.until(COMPLETE)

    assert f'"code":"{code}"'.encode() in wire.body
    assert subscription.was_closed


async def test_ws_21_a_caller_has_so_many_streams_and_no_more() -> None:
    fakes, _ = subscribed(PAYLOAD)
    fakes.live_limits = LiveLimits(caller_connections=1)
    app = fakes.app()
    first, second, scope = Wire(), Wire(), post_scope()
    scope["headers"] = [*scope["headers"], (b"accept", EVENTS.encode())]
    serving = asyncio.create_task(app(dict(scope), first.receive, first.send))
    await first.until(PAYLOAD)

    await app(dict(scope), second.receive, second.send)

    assert second.messages[0]["status"] == 429
    assert b"FLEETGRAPH_MAX_CALLER_LIVE_CONNECTIONS" in second.body
    first.is_gone.set()
    await serving


async def test_a_persisted_subscription_is_named() -> None:
    fakes, _ = subscribed(PAYLOAD, None)
    text = "subscription { pods { resume } }"
    fakes.documents = PersistedDocuments({"Live": text}, are_the_only_ones=True)

    response = await fakes.post(b'{"documentId":"Live"}', accept=EVENTS)

    assert response.content.endswith(NEXT % PAYLOAD + COMPLETE)
    assert {(request.query, request.is_persisted) for request in fakes.executor.requests} == {(text, True)}

"""Answers in payloads over HTTP: who gets them, how they are written, and how they end."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from functools import partial

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from graph.incremental.payloads import PayloadFormat
from k8s.errors import ErrorCode
from server.http import multipart
from server.http.mediatypes import payload_format_of
from server.http.multipart import IncrementalParts, PayloadsResponse, WholeResponse
from server.http.pieces import PIECE_BYTES
from store.errors import StoreUnavailable
from tests.k8s.wireserver import until
from tests.server.http_parts import FakeExecutor, Fakes, code_of, post_scope, record

FIRST, LAST = b'{"data":{"a":1},"hasNext":true}', b'{"hasNext":false}'
ACCEPT = "multipart/mixed, application/json"


@dataclass
class FakePayloads:
    """Two payloads; the last one waits for `gate`."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    was_closed: bool = False
    may_be_seen: bool = True
    first: bytes = FIRST

    async def payloads(self) -> AsyncGenerator[bytes, None]:
        yield self.first
        self.has_begun.set()
        await self.gate.wait()
        yield LAST

    async def is_permitted(self) -> bool:
        return self.may_be_seen

    async def cut_off(self, message: str, code: ErrorCode) -> AsyncGenerator[bytes, None]:
        yield f'{{"cut":"{message}","code":"{code}"}}'.encode()

    async def close(self) -> None:
        self.was_closed = True


@dataclass
class Wire:
    """An ASGI server's side of one request."""

    body: bytes = b""
    messages: list[Message] = field(default_factory=list)
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    was_read: bool = False

    async def receive(self) -> Message:
        if not self.was_read:
            self.was_read = True
            return {"type": "http.request", "body": b'{"query":"{ ok }"}', "more_body": False}
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        self.body += message.get("body", b"")


def parts_of(content_type: str, body: bytes) -> list[bytes]:
    """Returns the parts, as another reader of RFC 2046 finds them."""
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert {part["content-type"] for part in parts} == {"application/json; charset=utf-8"}
    contents = [part.get_payload(decode=True) for part in parts]
    return [content for content in contents if isinstance(content, bytes)]


def accepting(accept: str) -> list[tuple[bytes, bytes]]:
    return [*post_scope()["headers"], (b"accept", accept.encode())]


@pytest.mark.parametrize(
    ("accept", "written_in"),
    [
        ("multipart/mixed", PayloadFormat.IDS),
        ("application/json, Multipart/Mixed;q=0.1", PayloadFormat.IDS),
        ("multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json", PayloadFormat.IDS),
        ("multipart/mixed; deferSpec=20220824, application/json", PayloadFormat.PATHS),
        ('multipart/mixed;boundary="-";deferSpec=20220824', PayloadFormat.PATHS),
        ("multipart/mixed;q=0", None),
        ("*/*", None),
        ("multipart/*", None),
        ("application/json", None),
        ("", None),
        (None, None),
    ],
)
def test_only_who_names_the_media_type_gets_payloads(accept: str | None, written_in: PayloadFormat | None) -> None:
    assert payload_format_of(accept) is written_in


@pytest.mark.parametrize(
    ("accept", "parameter"), [(ACCEPT, "incrementalSpec=v0.2"), (f"{ACCEPT};deferSpec=1", "incrementalSpec=v0.2")]
)
async def test_each_payload_is_a_part(accept: str, parameter: str) -> None:
    payloads = FakePayloads()
    payloads.gate.set()

    response = await Fakes(FakeExecutor(payloads=payloads)).post(accept=accept)

    content_type = response.headers["content-type"]
    assert content_type == f'multipart/mixed; boundary="-"; {parameter}'
    assert parts_of(content_type, response.content) == [FIRST, LAST]
    assert (response.status_code, response.headers["x-accel-buffering"], payloads.was_closed) == (200, "no", True)


async def test_a_whole_answer_is_json() -> None:
    response = await Fakes().post(accept=ACCEPT)

    assert (response.headers["content-type"], response.json()) == (
        "application/json; charset=utf-8",
        {"data": {"ok": True}},
    )


async def test_a_whole_answer_is_one_part_for_who_accepts_nothing_else() -> None:
    response = await Fakes().post(accept="multipart/mixed")

    assert parts_of(response.headers["content-type"], response.content) == [b'{"data":{"ok":true},"hasNext":false}']


async def test_who_accepts_nothing_that_there_is_gets_406() -> None:
    response = await Fakes().post(accept="multipart/mixed;q=0, text/html")

    assert (response.status_code, code_of(response)) == (406, "BAD_USER_INPUT")


async def test_a_payload_is_sent_when_it_is_there_and_whole_at_once() -> None:
    payloads, wire = FakePayloads(), Wire()
    app = Fakes(FakeExecutor(payloads=payloads)).app()
    serving = asyncio.create_task(app({**post_scope(), "headers": accepting(ACCEPT)}, wire.receive, wire.send))

    await payloads.has_begun.wait()

    assert wire.body == (b"\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" + FIRST + b"\r\n---")
    payloads.gate.set()
    await serving
    assert wire.body.endswith(LAST + b"\r\n-----\r\n")


async def test_a_long_payload_is_not_copied() -> None:
    payloads, wire = FakePayloads(first=b'{"data":"' + b"x" * PIECE_BYTES + b'"}'), Wire(was_read=True)
    payloads.gate.set()

    await PayloadsResponse(payloads, IncrementalParts(PayloadFormat.IDS))({}, wire.receive, wire.send)

    assert any(message.get("body") is payloads.first for message in wire.messages)
    assert parts_of('multipart/mixed; boundary="-"', wire.body) == [payloads.first, LAST]


async def test_a_long_answer_in_one_payload_is_not_copied() -> None:
    body, wire = b'{"data":"' + b"x" * PIECE_BYTES + b'"}', Wire()
    response = WholeResponse(body, IncrementalParts(PayloadFormat.IDS))

    await response({}, wire.receive, wire.send)

    bodies = [message["body"] for message in wire.messages if isinstance(message.get("body"), memoryview)]
    assert [part.obj for part in bodies] == [body]
    assert int(response.headers["content-length"]) == len(wire.body)
    assert parts_of('multipart/mixed; boundary="-"', wire.body) == [body[:-1] + b',"hasNext":false}']


async def test_a_client_that_goes_away_ends_it() -> None:
    payloads, wire = FakePayloads(), Wire()
    app = Fakes(FakeExecutor(payloads=payloads)).app()
    serving = asyncio.create_task(app({**post_scope(), "headers": accepting(ACCEPT)}, wire.receive, wire.send))
    await payloads.has_begun.wait()

    wire.is_gone.set()
    await serving

    assert payloads.was_closed


async def test_a_client_that_takes_nothing_more_ends_it() -> None:
    payloads = FakePayloads()

    async def send(message: Message) -> None:
        if FIRST in message.get("body", b""):
            await asyncio.Event().wait()

    response = PayloadsResponse(payloads, IncrementalParts(PayloadFormat.IDS), payload_timeout_s=0.01)
    with pytest.raises(ClientDisconnect):
        async with asyncio.timeout(30):
            await response({}, Wire(was_read=True).receive, send)

    assert payloads.was_closed


async def _cut(fakes: Fakes, payloads: FakePayloads, lose: Callable[[], None]) -> bytes:
    """Returns everything that is sent if access is lost after the first payload."""
    wire = Wire()
    serving = asyncio.create_task(fakes.app()({**post_scope(), "headers": accepting(ACCEPT)}, wire.receive, wire.send))
    await payloads.has_begun.wait()
    lose()
    async with asyncio.timeout(30):
        await serving
    return wire.body


async def test_cr_9_a_revoked_token_ends_it_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "_CHECK_INTERVAL_S", 0.01)
    payloads = FakePayloads()
    fakes = Fakes(FakeExecutor(payloads=payloads))

    body = await _cut(fakes, payloads, lambda: setattr(fakes.tokens, "valid", "another"))

    assert parts_of('multipart/mixed; boundary="-"', body) == [
        FIRST,
        b'{"cut":"The token is no longer valid.","code":"UNAUTHENTICATED"}',
    ]
    assert payloads.was_closed


@pytest.mark.parametrize("what", ["role", "grant"])
async def test_im_10_lost_rights_end_it_with_an_error(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(multipart, "_CHECK_INTERVAL_S", 0.01)
    payloads = FakePayloads()
    fakes = Fakes(FakeExecutor(payloads=payloads))

    def lose() -> None:
        if what == "role":
            fakes.tokens.record = record(is_administrator=False)
        else:
            payloads.may_be_seen = False

    body = await _cut(fakes, payloads, lose)

    assert parts_of('multipart/mixed; boundary="-"', body) == [
        FIRST,
        b'{"cut":"Your permissions have changed. Ask again.","code":"FORBIDDEN"}',
    ]
    assert payloads.was_closed


async def test_it_goes_on_while_nothing_is_lost_or_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "_CHECK_INTERVAL_S", 0.001)
    payloads, wire = FakePayloads(), Wire()
    fakes = Fakes(FakeExecutor(payloads=payloads))
    serving = asyncio.create_task(fakes.app()({**post_scope(), "headers": accepting(ACCEPT)}, wire.receive, wire.send))
    await payloads.has_begun.wait()

    def reached(number: int) -> bool:
        return len(fakes.tokens.verified) >= number

    for error in (None, StoreUnavailable("away"), None):
        fakes.tokens.error = error
        verifications = len(fakes.tokens.verified) + 3
        await until(partial(reached, verifications), 30)
    payloads.gate.set()
    await serving

    assert parts_of('multipart/mixed; boundary="-"', wire.body) == [FIRST, LAST]


async def test_a_server_that_stops_ends_it_with_a_last_payload() -> None:
    payloads, wire = FakePayloads(), Wire()
    fakes = Fakes(FakeExecutor(payloads=payloads))
    serving = asyncio.create_task(fakes.app()({**post_scope(), "headers": accepting(ACCEPT)}, wire.receive, wire.send))
    await payloads.has_begun.wait()

    fakes.draining.begin()
    cut = await fakes.draining.finish(timeout_s=0.01)
    await serving

    content_type = dict(wire.messages[0]["headers"])[b"content-type"].decode()
    assert parts_of(content_type, wire.body) == [
        FIRST,
        b'{"cut":"The server is stopping; ask again.","code":"INTERNAL"}',
    ]
    assert (cut, wire.messages[-1]["more_body"], payloads.was_closed) == (1, False, True)

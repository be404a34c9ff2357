"""Providers that would hold the event loop up, or never end: by the handshake, by HTTP, in time and in bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web

from k8s.network.httpprotocol import HttpProtocol
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.errors import KeysUnavailable
from server.auth.oidc.fetching import MAX_BYTES, KeyFetcher, tls_context
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlspeer import Peer, contexts, serving, tickets
from tests.k8s.tlswire import FFDHE8192, choosing
from tests.server.auth.oidc.provider import IdentityProvider, running_provider

_HINT = b"HTTP/1.1 103 Early Hints\r\n\r\n"
_LONG_HINT = b"HTTP/1.1 103 Early Hints\r\n" + b"A: %b\r\n" % (b"x" * 8_000) * 10 + b"\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def fetcher(provider: IdentityProvider, *, timeout_s: float = 60) -> KeyFetcher:
    return KeyFetcher(JwtAuthenticator.model_validate(provider.configuration()), timeout_s=timeout_s)


@asynccontextmanager
async def endless(begin: bytes, again: bytes) -> AsyncIterator[tuple[IdentityProvider, asyncio.Event]]:
    """Runs a provider that sends `begin`, and `again` without end; the event is set once it is cut off."""
    is_cut_off = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begin)
        with suppress(ConnectionError):
            while True:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(0)  # `drain` alone never lets the loop see that the connection is lost
        is_cut_off.set()
        writer.close()

    context = authority().issue().server_context()
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        yield IdentityProvider(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", authority()), is_cut_off


@pytest.fixture
def fed_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns the lengths of the pieces that connections parse."""
    fed: list[int] = []
    feed = HttpProtocol._feed

    def counted(self: HttpProtocol, data: bytes) -> None:
        fed.append(len(data))
        feed(self, data)

    monkeypatch.setattr(HttpProtocol, "_feed", counted)
    return fed


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"", _HINT * 5_000),
        (b"", _LONG_HINT),
        (_CHUNKED, b"1\r\n \r\n" * 20_000),
        (_CHUNKED, b"1;" + b"x" * 1_000 + b"\r\n \r\n"),
    ],
    ids=["hints", "long hints", "small chunks", "extensions of chunks"],
)
async def test_a_provider_that_hardly_sends_a_body_is_cut_off(begin: bytes, again: bytes, fed_bytes: list[int]) -> None:
    async with endless(begin, again) as (provider, is_cut_off), asyncio.timeout(30):
        with pytest.raises(
            KeysUnavailable, match="the response is cut off: it has more responses than requests, or hardly"
        ):
            await fetcher(provider)()
        await is_cut_off.wait()

    assert 0 < sum(fed_bytes) < 2 * MAX_BYTES


async def test_a_provider_that_sends_session_tickets_without_end_is_cut_off(tmp_path: Path) -> None:
    is_cut_off = False

    async def answer(peer: Peer) -> None:
        nonlocal is_cut_off
        await peer.read()
        is_cut_off = await peer.send_until_cut_off(tickets, 1_000)

    async with serving(contexts(tmp_path)[0], answer) as port, asyncio.timeout(30):
        provider = IdentityProvider(f"https://127.0.0.1:{port}", authority())
        with pytest.raises(KeysUnavailable, match="cut off: it has hardly any data, but session tickets or changes of"):
            await fetcher(provider)()

    assert is_cut_off


async def test_a_body_without_end_is_given_up(fed_bytes: list[int]) -> None:
    async with endless(_CHUNKED, b"4000\r\n" + b" " * 0x4000 + b"\r\n") as (provider, is_cut_off), asyncio.timeout(30):
        with pytest.raises(KeysUnavailable, match=f"the response has more than {MAX_BYTES} bytes"):
            await fetcher(provider)()
        await is_cut_off.wait()

    assert 0 < sum(fed_bytes) < 4 * MAX_BYTES


async def test_headers_without_end_are_no_http() -> None:
    async with endless(b"HTTP/1.1 200 OK\r\n", b"A:\r\n" * 1_000) as (provider, is_cut_off), asyncio.timeout(30):
        with pytest.raises(KeysUnavailable, match="the response is not HTTP"):
            await fetcher(provider)()
        await is_cut_off.wait()


async def test_metadata_and_keys_share_the_time() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.6 * timeout_s)  # the time of one of them alone is never over
        provider.answer = None
        answer = await provider.handle(request)
        provider.answer = slow
        return answer

    timeout_s = 2.0
    async with running_provider() as provider:
        provider.answer = slow
        with pytest.raises(KeysUnavailable, match=r"/keys: no complete response within 2\.0 s"):
            await fetcher(provider, timeout_s=timeout_s)()


async def test_no_address_is_refused_to_a_provider() -> None:
    """Accepts 0.0.0.0, which is refused to clusters: it is this machine."""
    async with running_provider(authority().issue(("0.0.0.0",)).server_context()) as provider:  # noqa: S104
        provider.url = provider.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104

        assert len((await fetcher(provider)()).usable) == 1


def with_group(group: str) -> ssl.SSLContext:
    context = authority().issue().server_context()
    context.set_ecdh_curve(group)
    return context


async def test_a_provider_with_another_group_than_the_first_is_asked() -> None:
    async with running_provider(with_group("secp384r1")) as provider:
        assert len((await fetcher(provider)()).usable) == 1


async def test_a_key_exchange_that_takes_long_is_refused() -> None:
    async with choosing(FFDHE8192) as port:
        provider = IdentityProvider(f"https://127.0.0.1:{port}", authority())
        with pytest.raises(KeysUnavailable, match="the server chooses ffdhe8192 for the key exchange, which takes too"):
            await fetcher(provider)()


def test_no_suite_has_parameters_that_a_provider_makes_up() -> None:
    """Compares with Python's own context, which offers some; tests/k8s/network/test_tls.py has such a server."""

    def made_up(context: ssl.SSLContext) -> list[str]:
        return [name for suite in context.get_ciphers() if (name := suite["name"]).startswith("DHE-")]

    assert made_up(ssl.create_default_context()) != []
    assert made_up(tls_context(authority().pem.decode())) == []
    assert made_up(tls_context(None)) == []


def test_certificates_are_judged_as_pythons_own_context_does() -> None:
    ours, pythons = tls_context(authority().pem.decode()), ssl.create_default_context(cadata=authority().pem.decode())

    assert (ours.verify_mode, ours.verify_flags) == (pythons.verify_mode, pythons.verify_flags)
    assert ours.check_hostname

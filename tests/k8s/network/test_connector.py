"""Connections by TCP, which outlive the requests that they are made for and hold nothing of them."""

import asyncio
import gc
import socket
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.kinds.builtin import POD
from k8s.network.addresses import AddressPolicy
from k8s.network.connector import AllowedAddresses
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from tests.k8s.wireserver import until, wire_server

LIST = Call(list_path(POD), "list", "pods")
TOKEN = BearerToken(Secret("t"))
REQUEST: ContextVar[object] = ContextVar("request")


def test_fa_10_a_peer_that_is_gone_without_a_word_is_found_within_a_minute() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 443))
    with AllowedAddresses(AddressPolicy()).opened(info) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        options = socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT
        idle_s, interval_s, count = (opened.getsockopt(socket.IPPROTO_TCP, option) for option in options)
    assert idle_s + interval_s * count <= 60


class _Request:
    """The objects of one request, such as its operation."""


async def test_a_connection_keeps_nothing_of_the_request_that_it_was_made_for() -> None:
    async def send() -> "weakref.ref[_Request]":
        request = _Request()
        REQUEST.set(request)
        await connection.send(LIST, Deadline(15))
        return weakref.ref(request)

    async with wire_server() as server:
        connection = Connection("alpha", server.endpoint, credential=TOKEN)
        requests = [await asyncio.create_task(send()) for _ in range(2)]
        async with asyncio.timeout(30):
            while any(request() for request in requests):
                await asyncio.sleep(0.01)
                gc.collect()
        open_connections = server.open_connections
        await connection.close()

    assert open_connections == 1


async def test_a_request_that_is_given_up_while_it_connects_leaves_no_connection() -> None:
    connected, gone = asyncio.Event(), asyncio.Event()

    async def never_begin_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        gone.set()
        writer.close()

    async with await asyncio.start_server(never_begin_tls, "127.0.0.1", 0) as server, asyncio.timeout(30):
        endpoint = Endpoint(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        connection = Connection("alpha", endpoint, credential=TOKEN)
        sending = asyncio.create_task(connection.send(LIST, Deadline(60)))
        await connected.wait()

        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        await gone.wait()
        await connection.close()


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_a_connection_that_is_there_when_its_request_is_given_up_is_closed(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = TCPConnector._create_connection

    async def make_and_give_up(connector: TCPConnector, *given: Any) -> ResponseHandler:
        protocol = await make(connector, *given)
        _in_turns(turns, sending.cancel)
        return protocol

    monkeypatch.setattr(TCPConnector, "_create_connection", make_and_give_up)
    async with wire_server() as server:
        connection = Connection("alpha", server.endpoint, credential=TOKEN)
        sending = asyncio.create_task(connection.send(LIST, Deadline(60)))
        with pytest.raises(asyncio.CancelledError):
            await sending

        await until(lambda: not server.open_connections)
        assert server.connections == 1
        await connection.close()


def _in_turns(turns: int, act: Callable[[], object]) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_in_turns, turns - 1, act)
    else:
        act()

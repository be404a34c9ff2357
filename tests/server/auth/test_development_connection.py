"""Requests that are accepted without a token, over real connections to real processes."""

import asyncio
from pathlib import Path

import httpx

from tests.demo.serving import DemoServer
from tests.server.http_parts import TOKEN
from tests.server.serverprocess import ServerProcess


async def _raw(url: str, *lines: str) -> bytes:
    """Returns the status line of the response to a POST with these headers, over a connection of its own."""
    body = '{"query":"{ clusters { name } }"}'
    head = ("POST /graphql HTTP/1.1", "Content-Type: application/json", f"Content-Length: {len(body)}", *lines)
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    async with asyncio.timeout(20):
        writer.write("\r\n".join((*head, "Connection: close", "", body)).encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer


async def test_the_demo_answers_a_program_over_a_real_connection(demo_server: DemoServer) -> None:
    host = demo_server.url.removeprefix("http://")

    answer = await _raw(demo_server.url, f"Host: {host}")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"prod-eu-1"' in answer


async def test_the_demo_refuses_others_over_a_real_connection(demo_server: DemoServer) -> None:
    host = demo_server.url.removeprefix("http://")
    port = host.partition(":")[2]

    rebound = await _raw(demo_server.url, f"Host: evil.example:{port}", f"Origin: http://evil.example:{port}")
    foreign = await _raw(demo_server.url, f"Host: {host}", "Origin: https://evil.example")
    cross_site = await _raw(demo_server.url, f"Host: {host}", "Sec-Fetch-Site: cross-site")
    with_token = await _raw(demo_server.url, f"Host: {host}", f"Authorization: Bearer {TOKEN}")

    statuses = [int(answer.split(b" ", 2)[1]) for answer in (rebound, foreign, cross_site, with_token)]
    assert statuses == [403, 403, 403, 401]
    assert b"prod-eu-1" not in rebound + foreign + cross_site + with_token


async def test_serve_lets_nobody_in_without_a_token(tmp_path: Path) -> None:
    environment = {"FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db", "HOME": str(tmp_path)}
    with ServerProcess(environment) as server:
        host = server.url.removeprefix("http://")

        answer = await _raw(server.url, f"Host: {host}", f"Origin: {server.url}", "Sec-Fetch-Site: same-origin")
        async with httpx.AsyncClient(timeout=60) as client:
            config = await client.get(f"{server.url}/config.json")

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert (config.json()["tokenRequired"], config.json()["demo"]) == (True, False)

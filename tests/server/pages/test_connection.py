"""Pages over a real connection, with requests that an HTTP client would not send."""

import asyncio

import httpx
import pytest

from tests.demo.serving import DemoServer


async def _raw(server: DemoServer, method: str, target: bytes, *headers: str) -> tuple[int, bytes, bytes]:
    """Returns status, head and body of the response to a request with a raw target."""
    url = httpx.URL(server.url)
    lines = (f"Host: {url.host}:{url.port}", "Connection: close", *headers, "", "")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    async with asyncio.timeout(20):
        writer.write(method.encode() + b" " + target + b" HTTP/1.1\r\n" + "\r\n".join(lines).encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    return int(head.split(b" ", 2)[1]), head.lower(), body


@pytest.mark.parametrize(
    "target",
    [
        b"/landing/../../pyproject.toml",
        b"/landing/..\\..\\pyproject.toml",
        b"/landing/..%2f..%2fpyproject.toml",
        b"/graphiql/assets/../../../pyproject.toml",
        b"/docs/images/../../pyproject.toml",
        b"/docs/../pyproject.toml",
        b"/docs/%2e%2e/pyproject.toml",
        b"/landing/%00",
        b"/landing/landing.js%00.css",
        b"//etc/passwd",
        b"/landing//etc/passwd",
        b"/graphiql/assets/",
    ],
)
async def test_no_way_out_of_the_list(demo_server: DemoServer, target: bytes) -> None:
    status, _, body = await _raw(demo_server, "GET", target)

    assert status == 404
    assert b"fleetgraph" not in body


@pytest.mark.parametrize("target", [b"/", b"/schema.graphql", b"/docs/", b"/landing/landing.js", b"/healthz"])
async def test_head_has_the_headers_of_get_and_no_body(demo_server: DemoServer, target: bytes) -> None:
    status, head, body = await _raw(demo_server, "HEAD", target, "Accept: text/html")
    reply = await _raw(demo_server, "GET", target, "Accept: text/html")

    length = f"content-length: {len(reply[2])}".encode()
    assert (status, body) == (200, b"")
    assert length in head
    assert length in reply[1]


async def test_the_schema_travels_compressed_and_once(demo_server: DemoServer) -> None:
    async with httpx.AsyncClient(base_url=demo_server.url, timeout=60) as client:
        first = await client.get("/schema.graphql")
        second = await client.get("/schema.graphql", headers={"If-None-Match": first.headers["etag"]})

    assert first.text.startswith(('"""', "directive", "schema", "type"))
    assert int(first.headers["content-length"]) < len(first.content) / 4
    assert (second.status_code, second.content) == (304, b"")

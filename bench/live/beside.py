"""Subscriptions on a real API server, beside a raw GET and a raw watch of the same list."""

import asyncio
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bench.live.questions import subscription
from bench.live.replaying import watched
from bench.live.world import AT
from bench.measure import interleaved
from bench.peers import RawGet
from bench.queries import PLAIN_FIELDS
from bench.report import Line, at_most
from graph.engine import Engine
from k8s.credentials.credential import BearerToken
from k8s.kubeconfig.kubeconfig import KubeconfigContext
from k8s.network.tls import client_context
from resolvers.caller import OPERATOR
from server.serve.gcthresholds import settle_memory

_PODS: Final = 5000
_CHANGES: Final = 400
_EVERY_S: Final = 0.02
_NAMESPACE: Final = "team-007"
_PATH: Final = f"/api/v1/namespaces/{_NAMESPACE}/pods"
_MARK: Final = re.compile(rb'"%b":"(\d+)"' % AT.encode())
_ALL: Final = subscription("pods", PLAIN_FIELDS)
_AT_ONCE: Final = subscription(
    f'pods(namespaces: ["{_NAMESPACE}"], batchMs: 0)', f"{PLAIN_FIELDS} metadata {{ annotations }}"
)


async def beside_lines(context: KubeconfigContext, rounds: int) -> list[Line]:
    """Measures the first state of 5,000 pods, and the time of events."""
    settle_memory()  # as in the server: else whole collections fall into the longer case, of whatever ran before
    raw, engine = RawGet(context), Engine()

    async def first_sync() -> None:
        async with watched(context.endpoint, context.credential, engine) as cluster:
            question, pods = await cluster.question(_ALL), 0
            async with aclosing(question.payloads(OPERATOR)) as payloads:
                while pods < _PODS:
                    pods += (await anext(payloads)).count(b'"type":"ADDED"')

    seconds = await interleaved({"raw": raw.get, "sync": first_sync}, rounds=rounds)
    await raw.close()
    later_ms = sorted(await _later_ms(context, engine))
    return [
        Line("first state of a subscription to 5,000 pods", f"{seconds['sync'] * 1000:.0f} ms"),
        at_most("… ÷ the raw GET", seconds["sync"] / seconds["raw"], 1.3),
        at_most(
            "an event: later than in a raw watch, median", later_ms[len(later_ms) // 2], 50, unit=" ms", decimals=1
        ),
        at_most("… 99th percentile", later_ms[len(later_ms) * 99 // 100], 250, unit=" ms", decimals=1),
    ]


async def _later_ms(context: KubeconfigContext, engine: Engine) -> list[float]:
    """Returns for each change how much later it comes to a subscriber than to a raw watch."""
    subscribed_s: dict[bytes, float] = {}
    is_live = asyncio.Event()
    async with watched(context.endpoint, context.credential, engine) as cluster:
        question = await cluster.question(_AT_ONCE)

        async def take() -> None:
            async with aclosing(question.payloads(OPERATOR)) as payloads:
                async for body in payloads:
                    for mark in _MARK.findall(body):
                        subscribed_s.setdefault(mark, monotonic())
                    if b'"state":"LIVE"' in body:
                        is_live.set()

        taking = asyncio.create_task(take())
        with _raw_watch(context) as watched_s:
            async with asyncio.timeout(60):
                await is_live.wait()
            await _change(context)
            await asyncio.sleep(2)
            both = {mark: seen_s for mark, seen_s in watched_s.items() if mark in subscribed_s}
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    if len(both) < _CHANGES * 0.9:  # a change that follows another at once may be one with it
        raise RuntimeError(f"only {len(both)} of {_CHANGES} changes came")
    return [(subscribed_s[mark] - seen_s) * 1000 for mark, seen_s in both.items()]


async def _change(context: KubeconfigContext) -> None:
    """Changes pods of the namespace one by one."""
    headers = {**_headers(context), "Content-Type": "application/merge-patch+json"}
    connector = aiohttp.TCPConnector(ssl=client_context(context.endpoint, context.credential))
    async with aiohttp.ClientSession(context.endpoint.server, connector=connector, headers=headers) as session:
        async with session.get(
            _PATH, headers={"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
        ) as listed:
            names = [item["metadata"]["name"] for item in (await listed.json())["items"]]
        for number in range(_CHANGES):
            patch = {"metadata": {"annotations": {AT: str(number)}}}
            async with session.patch(f"{_PATH}/{names[number % len(names)]}", json=patch) as patched:
                patched.raise_for_status()
            await asyncio.sleep(_EVERY_S)


@contextmanager
def _raw_watch(context: KubeconfigContext) -> Iterator[dict[bytes, float]]:
    """Yields the times at which a plain watch shows each mark; it runs in a thread."""
    seen_s: dict[bytes, float] = {}
    url = urlsplit(context.endpoint.server)
    tls = client_context(context.endpoint, context.credential)
    with closing(http.client.HTTPSConnection(url.netloc, context=tls, timeout=60)) as connection:
        connection.request("GET", f"{_PATH}?watch=1&timeoutSeconds=50", headers=_headers(context))
        answering = connection.sock
        response = connection.getresponse()

        def read() -> None:
            with suppress(OSError, http.client.HTTPException):  # the end of it
                while line := response.readline():
                    for mark in _MARK.findall(line):
                        seen_s.setdefault(mark, monotonic())

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield seen_s
        finally:
            answering.shutdown(socket.SHUT_RDWR)
            thread.join()


def _headers(context: KubeconfigContext) -> dict[str, str]:
    credential = context.credential
    assert isinstance(credential, BearerToken)  # noqa: S101  the benchmark's clusters have tokens
    return {"Authorization": f"Bearer {credential.token.reveal()}", "Accept": "application/json"}

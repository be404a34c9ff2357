"""A process that follows a replayed cluster: `python -m bench.live.following FOLDER DIRECTORY`; it prints figures.

The API server has a process of its own, so the processor time here is fleetgraph's, and that of the subscribers.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns, perf_counter, process_time, thread_time
from typing import Final

import msgspec
import psutil
import uvloop

from bench.live.questions import ALL_PODS, RESTARTED, questions
from bench.live.replaying import Replaying, Watched, replaying, watched
from bench.live.world import AT
from graph.live.subscription import LiveQuestion
from k8s.kinds.builtin import POD
from k8s.watches.freshness import Freshness
from k8s.watches.target import WatchTarget
from resolvers.caller import OPERATOR
from server.serve.gcthresholds import settle_memory

SUBSCRIPTIONS: Final = 10_000
_AT: Final = f'{AT}":"'.encode()
_QUERY: Final = '{ pods(namespaces: ["team-003"]) { nodes { name status { phase podIP } node { name } } } }'
_QUERIES: Final = 400
_EVERY_S: Final = 0.02


class Figures(msgspec.Struct):
    """The measured figures.

    Attributes:
        held_kib: Memory of a held pod.
        busy: Processor seconds a second at 2,000 events a second.
        stop_ms: The longest stop of the event loop meanwhile.
        memory_mib: Memory of the process with all subscriptions.
        watches: Watches at the API server.
        idle_ms: Processor time of a subscription in a second without changes.
        last_ms: From a change to its last subscriber, 99th percentile.
        payloads: Payloads a second meanwhile.
        slower: 99th percentile of a query's time meanwhile, divided by that before.
    """

    held_kib: float = 0
    busy: float = 0
    stop_ms: float = 0
    memory_mib: float = 0
    watches: int = 0
    idle_ms: float = 0
    last_ms: float = 0
    payloads: float = 0
    slower: float = 0


@dataclass
class Subscribers:
    """Subscribers of some questions; they take each payload as it comes."""

    payloads: int = 0
    waiting: int = 0
    """Subscribers without any payload."""
    last_ms: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    """Milliseconds from a change, by its time, until its last subscriber had it."""
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def follow(self, asked: Iterable[LiveQuestion], each: int = 1) -> None:
        """Subscribes, and returns when all have their first state, and nothing more comes."""
        for question in asked:
            self.waiting += each
            self._tasks += [asyncio.create_task(self._take(question)) for _ in range(each)]
            await asyncio.sleep(0)
        before = -1
        while self.waiting or before != self.payloads:
            before = self.payloads
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(2)

    async def _take(self, question: LiveQuestion) -> None:
        is_new = True
        async with aclosing(question.payloads(OPERATOR)) as payloads:
            async for body in payloads:
                self.waiting -= is_new
                self.payloads, is_new = self.payloads + 1, False
                if (place := body.rfind(_AT)) >= 0:
                    at_ns = int(body[place + len(_AT) : body.index(b'"', place + len(_AT))])
                    self.last_ms[at_ns] = max(self.last_ms[at_ns], (monotonic_ns() - at_ns) / 1e6)

    async def close(self) -> None:
        """Ends the subscriptions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def _following(cluster: Watched, texts: Iterable[str], each: int = 1) -> AsyncIterator[Subscribers]:
    subscribers = Subscribers()
    try:
        await subscribers.follow([await cluster.question(text) for text in texts], each)
        yield subscribers
    finally:
        await subscribers.close()


async def held(folder: Path, directory: Path, figures: Figures) -> None:
    """Measures the memory of 50,000 held pods."""
    async with replaying(folder, directory, copies=10) as api, watched(api.endpoint, api.credential) as cluster:
        await cluster.answer(_QUERY)
        before = _memory_bytes()
        with cluster.watches.held(WatchTarget(POD)) as objects:
            while objects.freshness is not Freshness.LIVE:  # noqa: ASYNC110  it is over in a second
                await asyncio.sleep(0.1)
            figures.held_kib = (_memory_bytes() - before) / len(objects) / 1024


async def throughput(api: Replaying, figures: Figures, *, per_second: float = 2000, seconds: float = 5) -> None:
    """Measures many events: their share of a core, and the longest stop of the event loop, in its processor time."""
    async with watched(api.endpoint, api.credential) as cluster, _following(cluster, [ALL_PODS, RESTARTED]):
        began_s, spent_s = perf_counter(), process_time()
        await api.change(int(per_second * seconds), per_second=per_second)
        figures.busy = (process_time() - spent_s) / (perf_counter() - began_s)
        changing, stop_s = asyncio.ensure_future(api.change(int(per_second * 3), per_second=per_second)), 0.0
        while not changing.done():
            before_s = thread_time()
            await asyncio.sleep(0)
            stop_s = max(stop_s, thread_time() - before_s)
        await changing
        figures.stop_ms = stop_s * 1000


async def many(api: Replaying, figures: Figures, *, per_second: float = 50) -> None:
    """Measures 10,000 subscriptions: memory, watches, time at rest; and with changes, until their last subscriber."""
    async with watched(api.endpoint, api.credential) as cluster:
        texts = questions()
        async with _following(cluster, texts, SUBSCRIPTIONS // len(texts)) as subscribers:
            figures.watches, figures.memory_mib = cluster.budget.running, _memory_bytes() / 2**20
            quiet_s = await _slow_query_s(cluster)
            spent_s = process_time()
            await asyncio.sleep(10)
            figures.idle_ms = (process_time() - spent_s) / 10 / SUBSCRIPTIONS * 1000
            payloads, began_s = subscribers.payloads, perf_counter()
            subscribers.last_ms.clear()
            plurals = ("pods", "deployments", "nodes")
            changing = asyncio.ensure_future(api.change(int(per_second * 15), per_second=per_second, plurals=plurals))
            figures.slower = await _slow_query_s(cluster) / quiet_s
            await changing
            figures.payloads = (subscribers.payloads - payloads) / (perf_counter() - began_s)
            await asyncio.sleep(1)
            figures.last_ms = _percentile(subscribers.last_ms.values())
            figures.memory_mib = max(figures.memory_mib, _memory_bytes() / 2**20)


async def _slow_query_s(cluster: Watched) -> float:
    """Returns the 99th percentile of the time of an ordinary query."""
    took = []
    for _ in range(_QUERIES):
        began_s = perf_counter()
        await cluster.answer(_QUERY)
        took.append(perf_counter() - began_s)
        await asyncio.sleep(_EVERY_S)
    return _percentile(took)


def _percentile(values: Iterable[float], share: float = 0.99) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _memory_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


async def _main(folder: Path, directory: Path) -> None:
    figures = Figures()
    async with replaying(folder, directory) as api:
        async with watched(api.endpoint, api.credential) as cluster:
            await cluster.answer(_QUERY)
        settle_memory()
        await many(api, figures)
        await throughput(api, figures)
    await held(folder, directory, figures)
    print(msgspec.json.encode(figures).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1]), Path(sys.argv[2])))

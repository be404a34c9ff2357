"""A process that answers queries over replayed pods: `python -m bench.replayed FOLDER [LARGE]`."""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop

from bench.measure import longest_stop_s
from bench.queries import (
    AGGREGATED,
    BELOW_NODES,
    DEFERRED,
    GROUPED,
    GROUPED_BY_LINK,
    LINKED,
    ORDERED,
    ORDERED_BY_LINK,
    PLAIN,
    STREAMED,
)
from bench.replay import ReplayingSender, fleet_of
from graph.engine import Engine
from graph.incremental.delivery import Delivery
from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from resolvers.limits import OperationLimits
from resolvers.operation.operation import Operation
from server.serve.gcthresholds import settle_memory

SIZES = (1000, 5000, 20_000, 50_000)
GROWING = {"plain": PLAIN, "ordered": ORDERED, "grouped": GROUPED}
LARGE = {"plain": (PLAIN, 50_000), "aggregated": (AGGREGATED, 150_000)}
STOPPING = GROWING | {
    "linked": LINKED,
    "filtered and ordered by links": ORDERED_BY_LINK,
    "grouped by links": GROUPED_BY_LINK,
    "below their nodes": BELOW_NODES,
    "deferred": DEFERRED,
    "streamed": STREAMED,
}


class Asker:
    """The queries to one replayed cluster."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    async def ask(self, query: str, objects: int) -> int:
        """Returns the bytes of the answer, or of all its payloads."""
        fleet = fleet_of([ReplayingSender("one", self._folder, objects)])
        operation = Operation(fleet, caller=OPERATOR, cursor_key=b"bench", limits=OperationLimits(objects=objects))
        answer = await self._engine.deliver(GraphqlRequest(query), operation)
        if isinstance(answer, Delivery):
            return await _size_of_all(answer)
        if answer.errors:
            raise RuntimeError(f"the query failed: {answer.errors}")
        return len(answer.to_json())


async def _size_of_all(answer: Delivery) -> int:
    size, until_s = 0, asyncio.get_running_loop().time() + 60
    async for payload in answer.payloads(until_s=until_s, late={"message": "too late"}):
        if payload.errors:
            raise RuntimeError(f"the query failed: {payload.errors}")
        size += len(await payload.encoded(PayloadFormat.IDS))
    return size


async def growth(asker: Asker) -> None:
    """Prints milliseconds by objects, and the longest stops of the loop, as JSON."""
    milliseconds: dict[str, dict[int, float]] = {name: {} for name in GROWING}
    for objects in SIZES:
        for name, query in GROWING.items():
            took = []
            for _ in range(5 if objects < 20_000 else 2):
                started_s = perf_counter()
                await asker.ask(query, objects)
                took.append(perf_counter() - started_s)
            milliseconds[name][objects] = median(took) * 1000
    stops = {name: 1000 * await longest_stop_s(partial(asker.ask, query, 50_000)) for name, query in STOPPING.items()}
    print(json.dumps({"milliseconds": milliseconds, "stops": stops}), flush=True)


async def one_large(asker: Asker, name: str) -> None:
    """Waits for a line, answers a large query, and waits for another line."""
    query, objects = LARGE[name]
    await asker.ask(query, 500)
    print("idle", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(await asker.ask(query, objects), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _main(folder: Path, large: str | None = None) -> None:
    asker = Asker(Engine(), folder)
    settle_memory()
    await (growth(asker) if large is None else one_large(asker, large))


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1]), *sys.argv[2:]))

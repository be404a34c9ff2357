"""A process of its own that answers queries over replayed pods: `python -m bench.replayed memory|growth FOLDER`."""

import asyncio
import json
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import uvloop

from bench.queries import GROUPED, ORDERED, PLAIN
from bench.replay import ReplayingSender, fleet_of
from graph.engine import Engine, GraphRequest
from resolvers.caller import OPERATOR
from resolvers.operation import Operation
from server.serving import settle_memory

SIZES = (1000, 5000, 20_000, 50_000)


class Asker:
    """Asks one replayed cluster."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    async def ask(self, query: str, objects: int) -> int:
        """Bytes of the answer."""
        fleet = fleet_of([ReplayingSender("one", self._folder, objects)])
        answer = await self._engine.execute(GraphRequest(query), Operation(fleet, caller=OPERATOR, cursor_key=b"bench"))
        if answer.errors:
            raise RuntimeError(f"the query failed: {answer.errors}")
        return len(answer.to_json())


async def longest_stop_s(asker: Asker, query: str, objects: int) -> float:
    """The longest time that the event loop let others wait while a query was answered, in the loop's processor time."""
    longest_s = 0.0

    async def others() -> None:
        nonlocal longest_s
        while True:
            before_s = thread_time()
            await asyncio.sleep(0)
            longest_s = max(longest_s, thread_time() - before_s)

    other = asyncio.create_task(others())
    await asker.ask(query, objects)
    other.cancel()
    return longest_s


async def growth(asker: Asker) -> None:
    """Prints milliseconds by objects, and the longest stops of the loop, as JSON."""
    milliseconds: dict[str, dict[int, float]] = {"plain": {}, "ordered": {}, "grouped": {}}
    queries = {"plain": PLAIN, "ordered": ORDERED, "grouped": GROUPED}
    for objects in SIZES:
        for name, query in queries.items():
            took = []
            for _ in range(5 if objects < 20_000 else 2):
                started_s = perf_counter()
                await asker.ask(query, objects)
                took.append(perf_counter() - started_s)
            milliseconds[name][objects] = median(took) * 1000
    stops = {
        name: 1000 * min([await longest_stop_s(asker, query, 50_000) for _ in range(2)])
        for name, query in queries.items()
    }
    print(json.dumps({"milliseconds": milliseconds, "stops": stops}), flush=True)


async def one_large(asker: Asker) -> None:
    """Waits for a line, answers the plain query over 50,000 pods, waits for another."""
    await asker.ask(PLAIN, 500)
    print("idle", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(await asker.ask(PLAIN, 50_000), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _main(what: str, folder: Path) -> None:
    engine = Engine()
    settle_memory()
    await (one_large if what == "memory" else growth)(Asker(engine, folder))


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1], Path(sys.argv[2])))

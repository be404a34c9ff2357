"""The benchmark: measures, prints a table and writes it, with two charts, to docs/performance.md."""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

import uvloop

from bench.customkinds import list_lines, schema_lines
from bench.environments import environment_lines
from bench.fleet import NAMES, BenchFleet, bench_fleet
from bench.latency import HangingSender, RecordingSender, far_clusters
from bench.live.lines import beside_lines, live_lines
from bench.measure import Case, interleaved
from bench.peers import OfficialClient, RawGet
from bench.plot import chart
from bench.processes import Growth, growth, memory, seconds_until_served, seconds_until_shown
from bench.queries import COUNT, FAR, FOUR, LINKED, METADATA, PLAIN, PLAIN_OVER_THREE, TOTALS
from bench.registry import registry_lines
from bench.related import related_lines
from bench.replay import fleet_of, record
from bench.report import Line, at_least, at_most, keep, table
from bench.small import Rates, rates
from bench.soak import soak_lines
from bench.usage import usage_lines
from bench.uses import uses_lines
from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.transport.connection import Connection
from k8s.transport.sender import Sender
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation

_DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
_CHARTS = _DOCUMENT.parent / "images"
_FAR_CLUSTERS = (1, 5, 20)
_HANGING_DEADLINE_S = 1.0


class Bench:
    """The queries to one engine."""

    def __init__(self, bench: BenchFleet, rounds: int) -> None:
        self._engine = Engine()
        self._bench = bench
        self._rounds = rounds

    def case(self, query: str, fleet: Fleet | None = None) -> Case:
        """Returns a query as a case to measure."""
        return lambda: self.answer(query, fleet)

    async def answer(self, query: str, fleet: Fleet | None = None, *, timeout_s: float | None = None) -> bytes:
        """Returns the answer without errors, except for a cluster that does not answer within `timeout_s`."""
        limits = OperationLimits(cluster_timeout_s=timeout_s or OperationLimits().cluster_timeout_s)
        operation = Operation(fleet or self._bench.fleet, caller=OPERATOR, cursor_key=b"bench", limits=limits)
        answer = await self._engine.execute(GraphqlRequest(query), operation)
        if answer.errors and timeout_s is None:
            raise RuntimeError(f"the query failed: {answer.errors}")
        return answer.to_json()

    async def cost(self, query: str) -> Explanation:
        """Returns the upstream cost of a query."""
        explanation = Explanation()
        operation = Operation(self._bench.fleet, caller=OPERATOR, cursor_key=b"bench", explanation=explanation)
        await self._engine.execute(GraphqlRequest(query), operation)
        return explanation

    async def full_lists(self) -> list[Line]:
        """Measures whole lists of pods, compared with the raw GET and the official client."""
        raw = {name: RawGet(context) for name, context in self._bench.contexts.items()}
        official = OfficialClient(self._bench.kubeconfig)

        async def raw_three() -> None:
            await asyncio.gather(*(raw[name].get() for name in NAMES))

        quick = await interleaved(
            {
                "raw": raw["one"].get,
                "plain": self.case(PLAIN),
                "linked": self.case(LINKED),
                "totals": self.case(TOTALS),
                "metadata": self.case(METADATA),
                "count": self.case(COUNT),
                "raw three": raw_three,
                "three": self.case(PLAIN_OVER_THREE),
            },
            rounds=self._rounds,
        )
        slow = await interleaved({"official": official.ask}, rounds=2)
        full_bytes = await raw["one"].get()
        metadata_bytes = await raw["one"].get(accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
        for get in raw.values():
            await get.close()
        return [
            Line("raw GET of the list of 5,000 pods", f"{quick['raw'] * 1000:.0f} ms"),
            Line("10 plain fields of them through fleetgraph", f"{quick['plain'] * 1000:.0f} ms"),
            at_most("… ÷ the raw GET", quick["plain"] / quick["raw"], 1.1),
            Line("official client + plain Strawberry", f"{slow['official'] * 1000:.0f} ms"),
            at_least("… ÷ fleetgraph", slow["official"] / quick["plain"], 12, unit=" times"),
            at_most("plus 3 derived fields and 2 links ÷ plain", quick["linked"] / quick["plain"], 1.5),
            Line("requests of 200 nodes, summed from 5,000 pods ÷ plain", f"{quick['totals'] / quick['plain']:.2f}"),
            Line(
                "plain over three clusters ÷ the three raw GETs at once", f"{quick['three'] / quick['raw three']:.2f}"
            ),
            Line("only metadata", f"{quick['metadata'] * 1000:.0f} ms"),
            at_most("only metadata: bytes from the API server ÷ full", metadata_bytes / full_bytes, 0.6),
            Line("only totalCount", f"{quick['count'] * 1000:.1f} ms"),
        ]

    async def requests(self) -> list[Line]:
        """Measures requests to a cluster."""
        count, four, totals = await self.cost(COUNT), await self.cost(FOUR), await self.cost(TOTALS)
        return [
            at_most("only totalCount: requests", len(count.requests), 1, decimals=0),
            at_most("only totalCount: bytes", sum(request.bytes for request in count.requests), 20_000, decimals=0),
            at_most(
                "nodes { pods { deployment } }: requests for 200 nodes and 5,000 pods",
                len(_lists(four)),
                4,
                decimals=0,
            ),
            at_most("nodes { requested free requestedRatio podCount }: requests", len(_lists(totals)), 2, decimals=0),
        ]

    async def far(self, near: Sender, folder: Path) -> tuple[list[Line], Sequence[tuple[float, float]]]:
        """Measures clusters with a latency of 50 ms and the answers of `near`, and one of them that hangs."""
        await self.answer(FAR, fleet_of([RecordingSender(near, folder)]))
        async with far_clusters(folder, max(_FAR_CLUSTERS)) as senders:
            fleets = {str(number): fleet_of(senders[:number]) for number in _FAR_CLUSTERS}
            cases = {number: self.case(FAR, fleet) for number, fleet in fleets.items()}
            figures = await interleaved(cases, rounds=self._rounds)
            hanging = fleet_of([HangingSender("hanging"), *senders[1:]])
            started_s = perf_counter()
            body = await self.answer(FAR, hanging, timeout_s=_HANGING_DEADLINE_S)
            took_s = perf_counter() - started_s
        points = [(float(number), figures[str(number)] * 1000) for number in _FAR_CLUSTERS]
        rows = body.count(b'"status":"OK"')
        return [
            at_most("20 clusters with 50 ms latency ÷ 1 such cluster", figures["20"] / figures["1"], 1.5),
            at_most(
                f"one of 20 hangs, deadline {_HANGING_DEADLINE_S:g} s: added time",
                took_s - figures["20"],
                _HANGING_DEADLINE_S,
                unit=" s",
                note=f" ({rows} of 20 clusters answered)",
            ),
        ], points


async def main(rounds: int) -> None:
    """Runs all cases."""
    with tempfile.TemporaryDirectory() as directory:
        async with bench_fleet(Path(directory)) as fleet:
            bench = Bench(fleet, rounds)
            print("measuring ...", flush=True)
            lines = await bench.full_lists()
            lines += await bench.requests()
            context = fleet.contexts["one"]
            near = Connection("one", context.endpoint, credential=context.credential)
            answers, pages = Path(directory) / "answers", Path(directory) / "pages"
            answers.mkdir()
            pages.mkdir()
            far, points = await bench.far(near, answers)
            await record(near, pages)
            await near.close()
            lines += await beside_lines(context, rounds)
            for measured_lines in (usage_lines, related_lines, list_lines):
                lines += await measured_lines(fleet.one, context, rounds)
            served_s = await asyncio.to_thread(seconds_until_served, fleet.database)
            lines += [*far, at_most("`fleetgraph serve`: start to first answer", served_s, 3, unit=" s")]
        shown_s = await asyncio.to_thread(seconds_until_shown)
        lines.append(at_most("`fleetgraph demo`: start to first answer", shown_s, 3, unit=" s"))
        lines += await _apart(pages, points)
        lines += await live_lines(pages, Path(directory))
        lines += _rates(await rates(max(2, rounds // 3)))
        lines += await environment_lines(rounds)
        lines += await uses_lines(rounds)
        lines += await schema_lines()
        lines += await registry_lines(Path(directory))
        lines += await asyncio.to_thread(soak_lines, Path(directory))
    print(text := table(lines))
    keep(_DOCUMENT, text)


async def _apart(pages: Path, far: Sequence[tuple[float, float]]) -> list[Line]:
    """Measures separate processes over replayed pods, and writes the charts."""
    plain = await asyncio.to_thread(memory, pages, "plain")
    aggregated = await asyncio.to_thread(memory, pages, "aggregated")
    grown = await asyncio.to_thread(growth, pages)
    _draw(grown, far)
    lines = [
        at_most("50,000 pods, 10 fields: memory over idle", plain.added_mib, 120, unit=" MiB", note=plain.note),
        at_most(
            "150,000 pods, filtered and counted, and grouped: memory over idle",
            aggregated.added_mib,
            143,
            unit=" MiB",
            note=aggregated.note,
        ),
    ]
    lines += [
        at_most(f"50,000 pods, {name}: longest stop of the event loop", stop, 50, unit=" ms", decimals=0)
        for name, stop in grown.stops.items()
    ]
    return lines


def _draw(grown: Growth, far: Sequence[tuple[float, float]]) -> None:
    by_objects: Mapping[str, Sequence[tuple[float, float]]] = {
        name: sorted((float(objects), took) for objects, took in points.items())
        for name, points in grown.milliseconds.items()
    }
    chart(
        _CHARTS / "performance-objects.svg",
        "Time by objects of one cluster (replayed)",
        by_objects,
        x="pods",
        y="ms",
    )
    chart(
        _CHARTS / "performance-clusters.svg",
        "Time by clusters, each 50 ms away",
        {"namespaces": far},
        x="clusters",
        y="ms",
    )


def _rates(figures: Rates) -> list[Line]:
    return [
        Line("small query against the demo, over HTTP", f"{figures.small:.0f} / s"),
        at_least("… ÷ a plain Strawberry hello world", figures.small / figures.hello, 1.0),
    ]


def _lists(explanation: Explanation) -> set[str]:
    """Returns the number of lists, independent of their pages."""
    return {request.path.split("?")[0] for request in explanation.requests}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each case is measured (default 9)")
    uvloop.run(main(parser.parse_args().rounds))

"""Measures, prints a table and keeps it in docs/performance.md."""

import argparse
import asyncio
import tempfile
from pathlib import Path

import uvloop

from bench.fleet import NAMES, BenchFleet, bench_fleet
from bench.measure import Case, interleaved
from bench.peers import OfficialClient, RawGet
from bench.processes import memory, seconds_to_first_answer
from bench.queries import COUNT, LINKED, METADATA, PLAIN, PLAIN_OVER_THREE
from bench.report import Line, at_most, keep, table
from graph.engine import Engine, GraphRequest
from resolvers.caller import OPERATOR
from resolvers.operation import Operation

_DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


async def main(rounds: int) -> None:
    """Runs all cases."""
    with tempfile.TemporaryDirectory() as directory:
        async with bench_fleet(Path(directory)) as fleet:
            lines = await _ratios(fleet, rounds)
            used = await asyncio.to_thread(memory, fleet.database)
            lines.append(
                at_most(
                    "peak memory of the plain query over idle",
                    used.peak_mib - used.idle_mib,
                    120,
                    unit=" MiB",
                    shown=f" (idle {used.idle_mib:.0f})",
                )
            )
            lines.append(
                at_most(
                    "`fleetgraph serve`: start to first answer",
                    await asyncio.to_thread(seconds_to_first_answer, fleet.database),
                    3,
                    unit=" s",
                )
            )
    text = table(lines)
    print(text)
    keep(_DOCUMENT, text)


async def _ratios(fleet: BenchFleet, rounds: int) -> list[Line]:
    engine = Engine()
    raw = {name: RawGet(context) for name, context in fleet.contexts.items()}
    official = OfficialClient(fleet.kubeconfig)

    def ask(query: str) -> Case:
        async def asked() -> bytes:
            answer = await engine.execute(
                GraphRequest(query), Operation(fleet.fleet, caller=OPERATOR, cursor_key=b"bench")
            )
            if answer.errors:
                raise RuntimeError(f"the query failed: {answer.errors}")
            return answer.to_json()

        return asked

    async def raw_three() -> None:
        await asyncio.gather(*(raw[name].get() for name in NAMES))

    print("measuring ...", flush=True)
    quick = await interleaved(
        {
            "raw": raw["one"].get,
            "plain": ask(PLAIN),
            "linked": ask(LINKED),
            "metadata": ask(METADATA),
            "count": ask(COUNT),
            "raw three": raw_three,
            "three": ask(PLAIN_OVER_THREE),
        },
        rounds=rounds,
    )
    slow = await interleaved({"official": official.ask}, rounds=2)
    full_bytes = await raw["one"].get()
    metadata_bytes = await raw["one"].get(accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
    for each in raw.values():
        await each.close()
    return [
        Line("raw GET of the list of 5,000 pods", f"{quick['raw'] * 1000:.0f} ms"),
        Line("10 plain fields of them through fleetgraph", f"{quick['plain'] * 1000:.0f} ms"),
        at_most("… ÷ the raw GET", quick["plain"] / quick["raw"], 1.25),
        Line("official client + plain Strawberry", f"{slow['official'] * 1000:.0f} ms"),
        Line(
            "… ÷ fleetgraph",
            f"{slow['official'] / quick['plain']:.1f} times",
            "≥ 8 times",
            slow["official"] / quick["plain"] >= 8,
        ),
        at_most("plus 3 derived fields and 2 links ÷ plain", quick["linked"] / quick["plain"], 1.5),
        Line("plain over three clusters ÷ the three raw GETs at once", f"{quick['three'] / quick['raw three']:.2f}"),
        Line("only metadata", f"{quick['metadata'] * 1000:.0f} ms"),
        at_most("only metadata: bytes from the API server ÷ full", metadata_bytes / full_bytes, 0.6),
        Line("only totalCount", f"{quick['count'] * 1000:.1f} ms"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each case is measured (default 9)")
    uvloop.run(main(parser.parse_args().rounds))

"""Lists of a custom kind, generic and typed, compared with the raw GET; schemas of thousands of custom types."""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Collection
from statistics import quantiles
from time import perf_counter
from typing import Final, cast

from bench.applications import APPLICATION_LIST, create_applications
from bench.madetypes import MadeTypesSource
from bench.measure import interleaved
from bench.peers import RawGet
from bench.replay import fleet_of
from bench.report import Line, at_most
from graph.engine import Engine
from graph.request import GraphqlRequest
from graph.schemastate import SchemaState
from graph.schemastates import TypeSource
from k8s.kubeconfig.kubeconfig import KubeconfigContext
from k8s.schemas.learning import learn
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.operation.operation import Operation
from resolvers.types.learnedtypes import LearnedTypes
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.cluster import Cluster

_PATHS: Final = (
    "spec.project",
    "spec.destination.namespace",
    "spec.destination.server",
    "spec.source.repoURL",
    "spec.source.path",
    "spec.source.targetRevision",
    "status.sync.status",
    "status.sync.revision",
    "status.health.status",
    "status.reconciledAt",
)
_FIELDS: Final = " ".join(f'p{number}: fields(path: "{path}")' for number, path in enumerate(_PATHS))
_GENERIC: Final = (
    f'{{ objects(apiVersion: "argoproj.io/v1alpha1", kind: "Application") {{ totalCount nodes {{ {_FIELDS} }} }} }}'
)
_TYPED: Final = """{ argoprojApplications { totalCount nodes {
  spec { project destination { namespace server } source { repoURL path targetRevision } }
  status { sync { status revision } health { status } reconciledAt }
} } }"""
_SMALL: Final = '{ node(cluster: "small", name: "n") { name metadata { uid } } }'
_QUIET_ROUNDS: Final = 2000
_BUILDS: Final = 3


async def list_lines(cluster: Cluster, context: KubeconfigContext, rounds: int) -> list[Line]:
    """Measures lists of 5,000 Argo CD Applications."""
    await create_applications(cluster)
    connection = Connection("one", context.endpoint, credential=context.credential)
    raw, fleet, learned = RawGet(context), fleet_of([connection]), LearnedTypes()
    types = await learn(connection, Deadline(60), chosen=lambda group: group == "argoproj.io", before=None)
    engine = Engine(types=cast(TypeSource, learned))
    operation = _operation(fleet)
    for one in await operation.clusters():
        learned.put(one.id, types)
    await engine.schemas.of_all(await operation.clusters())

    async def answer(query: str) -> None:
        answered = await engine.execute(GraphqlRequest(query), _operation(fleet))
        if answered.errors:
            raise RuntimeError(f"the query failed: {answered.errors}")
        answered.to_json()

    seconds = await interleaved(
        {
            "raw": lambda: raw.get(APPLICATION_LIST),
            "generic": lambda: answer(_GENERIC),
            "typed": lambda: answer(_TYPED),
        },
        rounds=rounds,
    )
    await raw.close()
    await connection.close()
    await engine.close()
    return [
        Line("raw GET of the list of 5,000 Argo CD Applications", f"{seconds['raw'] * 1000:.0f} ms"),
        at_most("`objects` with 10 JSON paths of them ÷ the raw GET", seconds["generic"] / seconds["raw"], 1.3),
        at_most("10 typed fields of them ÷ the raw GET", seconds["typed"] / seconds["raw"], 1.15),
    ]


async def schema_lines() -> list[Line]:
    """Measures schemas of 5,000 custom types: time and memory for each, and small queries meanwhile."""
    source = MadeTypesSource()
    engine = Engine(types=source)
    built_in = len(engine.schema.type_map)
    took_s, state = await _timed(lambda: _built(engine, source))
    count = len(state.schema.type_map) - built_in
    gc.collect()
    tracemalloc.start()
    state = await _built(engine, source)
    gc.collect()
    held_bytes = tracemalloc.get_traced_memory()[0]
    await state.sdl_in_slices()  # fields are made when they are read
    gc.collect()
    whole_bytes = tracemalloc.get_traced_memory()[0] - len(await state.sdl_in_slices())
    tracemalloc.stop()
    gc.freeze()  # as in the server
    quiet, busy, stop_s = await _latencies(engine, source)
    await engine.close()
    return [
        at_most(f"schema of {count:,} custom types: time for each", took_s * 1000 / count, 1.5, unit=" ms"),
        Line("… memory for each before it is asked", f"{held_bytes / 1024 / count:.1f} KiB"),
        at_most("… memory for each, all fields read", whole_bytes / 1024 / count, 30, unit=" KiB", decimals=1),
        at_most("small query: p99 during its build ÷ quiet", _p99(busy) / _p99(quiet), 3),
        at_most("… longest stop of the event loop", stop_s * 1000, 50, unit=" ms", decimals=0),
    ]


async def _timed(work: Callable[[], Awaitable[SchemaState]]) -> tuple[float, SchemaState]:
    started_s = perf_counter()
    state = await work()
    return perf_counter() - started_s, state


async def _built(engine: Engine, source: MadeTypesSource) -> SchemaState:
    """Builds the schema of types that no schema has yet."""
    source.change()
    return await engine.schemas.of_all(())


async def _latencies(engine: Engine, source: MadeTypesSource) -> tuple[Collection[float], Collection[float], float]:
    """Returns seconds of small queries without and with builds, and the longest stop of the loop with them."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "u"}}
    fleet = fleet_of([SnapshotSender("small", SnapshotApi(StaticContent([node])))])

    async def small() -> float:
        started_s = perf_counter()
        answered = await engine.execute(GraphqlRequest(_SMALL), _operation(fleet))
        if answered.errors:
            raise RuntimeError(f"the query failed: {answered.errors}")
        answered.to_json()
        return perf_counter() - started_s

    quiet = [await small() for _ in range(_QUIET_ROUNDS)]
    busy: list[float] = []
    stop_s = 0.0
    for _ in range(_BUILDS):
        build = asyncio.ensure_future(_built(engine, source))
        while not build.done():
            before_s = perf_counter()
            await asyncio.sleep(0)
            stop_s = max(stop_s, perf_counter() - before_s)
            busy.append(await small())
        await build
    return quiet, busy, stop_s


def _p99(seconds: Collection[float]) -> float:
    return quantiles(seconds, n=100)[98]


def _operation(fleet: Fleet) -> Operation:
    return Operation(fleet, caller=OPERATOR, cursor_key=b"bench")

"""Costs of registered clusters that are not asked: for a small query, in memory, and for their import."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.measure import interleaved
from bench.report import Line, at_most
from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.transport.limits import ConnectionLimits
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.registration import Candidate, RefusedCandidate, register_each
from resolvers.operation.operation import Operation
from store.database.url import DatabaseUrl
from store.registry import Registry
from tests.k8s.kubeconfig_samples import authority

CLUSTERS: Final = 2000
IMPORTED: Final = 500
_TOKEN_CHARACTERS: Final = 1000  # as of a service account
_ROUNDS: Final = 50

QUERIES: Final = {
    "`viewer { name }`": "{ viewer { name } }",
    "one cluster by its name": '{ cluster(name: "c0") { name labels } }',
    "a choice of one cluster": '{ clusters(names: ["c0"]) { name } }',
}
"""Small queries that need no request to a cluster."""


async def registry_lines(directory: Path) -> list[Line]:
    """Measures a registry with 2,000 clusters, beside one with a single cluster."""
    engine = Engine()
    async with _registry(directory / "few.db") as few, _registry(directory / "many.db") as many:
        await _register(few, 0, 1)
        started_s = perf_counter()
        await _register(many, 0, IMPORTED)
        import_ms = (perf_counter() - started_s) * 1000 / IMPORTED
        await _register(many, IMPORTED, CLUSTERS)
        one, all_clusters = (
            Fleet(registry.registered, connect=Network(ConnectionLimits())) for registry in (few, many)
        )

        async def answer(fleet: Fleet, query: str) -> None:
            operation = Operation(fleet, caller=OPERATOR, cursor_key=b"bench")
            answered = await engine.execute(GraphqlRequest(query), operation)
            await operation.close()
            if answered.errors:
                raise RuntimeError(f"the query failed: {answered.errors}")

        tracemalloc.start()
        await answer(all_clusters, "{ viewer { name } }")
        gc.collect()
        held_mib = tracemalloc.get_traced_memory()[0] / 2**20
        tracemalloc.stop()
        lines = [
            at_most(f"import of {IMPORTED} contexts, beside their checks", import_ms, 10, unit=" ms each", decimals=1),
            at_most(
                f"memory for each of {CLUSTERS:,} clusters that are not asked",
                held_mib / CLUSTERS,
                0.2,
                unit=" MiB",
                decimals=3,
            ),
        ]
        for name, query in QUERIES.items():
            seconds = await interleaved(
                {"one": partial(answer, one, query), "all": partial(answer, all_clusters, query)}, rounds=_ROUNDS
            )
            ratio = seconds["all"] / seconds["one"]
            lines.append(at_most(f"{name}: {CLUSTERS:,} registered clusters ÷ 1", ratio, 1.2))
        await one.close()
        await all_clusters.close()
        return lines


@asynccontextmanager
async def _registry(path: Path) -> AsyncIterator[Registry]:
    async with await Registry.open(DatabaseUrl.for_file(path)) as registry:
        yield registry


async def _register(registry: Registry, first: int, end: int) -> None:
    ca_pem, credential = authority().pem.decode(), BearerToken(Secret("x" * _TOKEN_CHARACTERS))
    candidates = [
        Candidate(
            name=f"c{number}", endpoint=Endpoint(f"https://c{number}.invalid", ca_pem=ca_pem), credential=credential
        )
        for number in range(first, end)
    ]
    async for registered in register_each(registry.clusters, candidates, log=registry.audit, limits=None):
        if isinstance(registered, RefusedCandidate):
            raise registered.error

"""The replayed API server of `bench.live.apiserver`, as a cluster whose objects are watched."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from bench.farserver import CERTIFICATE, KEY
from bench.replay import fleet_of
from graph.engine import Engine
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import Reads
from graph.live.subscription import LiveQuestion
from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Credential, Secret
from k8s.endpoint import Endpoint
from k8s.transport.connection import Connection
from k8s.transport.limits import ConnectionLimits
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchbudget import WatchBudget
from k8s.watches.watchconnection import WatchConnection
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.operation.operation import FleetOfCaller, Operation
from tests.controlplane.certificates import CertificateAuthority

_WATCHES = 100


@dataclass
class Watched:
    """A cluster that is watched, and questions about it.

    Attributes:
        fleet: The cluster alone.
        watches: Its watches.
        budget: The budget of its watches.
        engine: Evaluates the questions.
    """

    fleet: Fleet
    watches: SharedWatches
    budget: WatchBudget
    engine: Engine

    async def question(self, subscription: str) -> LiveQuestion:
        """Returns a subscription to the cluster, for any number of subscribers."""
        request = GraphqlRequest(subscription)
        live = await self.engine.subscribe(request, self._operation(self.fleet, None))
        if not isinstance(live, LiveDocument):
            raise RuntimeError(f"the subscription was refused: {live}")
        return LiveQuestion(self.engine, self.fleet, live, request, self._operation)

    async def answer(self, query: str) -> bytes:
        """Returns the answer to an ordinary query, by requests to the API server; raises RuntimeError for errors."""
        operation = Operation(self.fleet, caller=OPERATOR, cursor_key=b"bench")
        answered = await self.engine.execute(GraphqlRequest(query), operation)
        if answered.errors:
            raise RuntimeError(f"the query failed: {answered.errors}")
        return answered.to_json()

    def _operation(self, fleet: FleetOfCaller, changed: Reads | None) -> Operation:
        return Operation(fleet, caller=OPERATOR, cursor_key=b"bench", changed=changed, pushes_down=False)


@dataclass(frozen=True)
class _Fleet:
    known: tuple[FleetCluster, ...]
    auditor: None = None

    async def clusters(self, _caller: Caller) -> tuple[FleetCluster, ...]:
        return self.known


@asynccontextmanager
async def watched(endpoint: Endpoint, credential: Credential, engine: Engine | None = None) -> AsyncIterator[Watched]:
    """Yields an API server as a watched cluster, without a request yet."""
    reading = Connection("one", endpoint, credential=credential)
    budget = WatchBudget(_WATCHES)
    watching = WatchConnection("one", endpoint, credential=credential, limits=ConnectionLimits(connections=_WATCHES))
    watches = SharedWatches(watching, linger_s=0, common=ClusterWatching((budget,)))
    (cluster,) = await fleet_of([reading]).clusters(OPERATOR)
    try:
        yield Watched(
            cast(Fleet, _Fleet((replace(cluster, watches=lambda: watches),))), watches, budget, engine or Engine()
        )
    finally:
        await watches.close()
        await reading.close()


@dataclass(frozen=True)
class Replaying:
    """The process of a replayed API server.

    Attributes:
        endpoint: Its address.
        credential: A token that it accepts, as any other.
    """

    endpoint: Endpoint
    _process: asyncio.subprocess.Process
    credential: BearerToken = field(default=BearerToken(Secret("replayed")))

    async def change(self, number: int, *, per_second: float, plurals: Sequence[str] = ("pods",)) -> None:
        """Changes objects of some resources in turn, and returns behind the last change."""
        assert self._process.stdin is not None  # noqa: S101  both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(f"{number} {per_second} {' '.join(plurals)}\n".encode())
        if await self._process.stdout.readline() != b"done\n":
            raise RuntimeError("the replayed API server has ended")


@asynccontextmanager
async def replaying(folder: Path, directory: Path, *, copies: int = 1) -> AsyncIterator[Replaying]:
    """Starts a replayed API server with the recorded objects of `folder`, repeated as copies."""
    authority = CertificateAuthority.create()
    certificate, key = authority.issue().write(directory, "server")
    assert (certificate.name, key.name) == (CERTIFICATE, KEY)  # noqa: S101  the process gets both by name
    command = (sys.executable, "-m", "bench.live.apiserver", str(folder), str(copies), str(directory))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout is not None  # noqa: S101  it is a pipe
        port = int(await process.stdout.readline())
        yield Replaying(Endpoint(f"https://127.0.0.1:{port}", ca_pem=authority.pem.decode()), process)
    finally:
        process.terminate()
        await process.wait()

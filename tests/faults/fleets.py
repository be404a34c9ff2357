"""Fleets of real clusters, queried through the engine without a registry."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, cast
from weakref import WeakKeyDictionary

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.reading.reader import ClusterReader
from k8s.transport.connection import Connection
from k8s.transport.limits import ConnectionLimits
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.listable import Listable
from resolvers.limits import OperationLimits
from resolvers.operation.operation import Operation
from tests.controlplane.cluster import Cluster
from tests.controlplane.users import ADMIN

CLUSTER_TIMEOUT_S = 4.0
"""Six times the duration of an answer without a fault on a busy machine; enough for two tries a second apart."""
CONNECT_TIMEOUT_S = 2.5
NAMESPACE = "faults"
NODE = "faults-node"
PODS = 12
"""The number of pods in each cluster, with the label `app=faulty`."""
CURSOR_KEY = b"a key of the tests of 32 bytes.."
NOW = datetime.now(UTC)

Json = Any
"""An answer as plain dictionaries and lists."""


@dataclass(frozen=True)
class Reply:
    """An answer and its duration."""

    data: Json
    errors: Sequence[Json]
    took_s: float


@dataclass
class TestFleet:
    """Clusters behind separate connections, by name; used in place of `Fleet`."""

    __test__ = False

    engine: Engine
    limits: OperationLimits
    connections: dict[str, Connection] = field(default_factory=dict)
    listable: WeakKeyDictionary[Connection, Listable] = field(default_factory=WeakKeyDictionary)

    def add(
        self,
        name: str,
        cluster: Cluster,
        *,
        server: str | None = None,
        user: str = ADMIN,
        limits: ConnectionLimits,
    ) -> Connection:
        """Registers a cluster, with another address or user if given."""
        endpoint = Endpoint(server or cluster.server, ca_pem=cluster.ca_pem.decode())
        credential = BearerToken(Secret(cluster.token(user)))
        self.connections[name] = Connection(name, endpoint, credential=credential, limits=limits)
        return self.connections[name]

    async def clusters(self, _caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters, as `Fleet.clusters`."""
        known = sorted(self.connections.items())
        return tuple(_registered(name, item, self.listable.setdefault(item, Listable())) for name, item in known)

    async def ask(self, query: str, variables: Mapping[str, object] | None = None) -> Reply:
        """Executes an operation."""
        started_s = perf_counter()
        operation = Operation(cast(Fleet, self), caller=OPERATOR, cursor_key=CURSOR_KEY, limits=self.limits)
        answer = await self.engine.execute(GraphqlRequest(query, variables), operation)
        took_s = perf_counter() - started_s
        plain = answer.to_builtins()
        return Reply(plain.get("data"), plain.get("errors", ()), took_s)

    async def close(self) -> None:
        """Closes all connections."""
        for connection in self.connections.values():
            await connection.close()


def other_tasks() -> set[asyncio.Task[Any]]:
    """Returns all tasks except the current one."""
    current = asyncio.current_task()
    return {task for task in asyncio.all_tasks() if task is not current}


def _registered(name: str, connection: Connection, listable: Listable) -> FleetCluster:
    labels, reader = {"name": name}, ClusterReader(connection)
    return FleetCluster(f"id-{name}", name, labels, "", NOW, NOW, reader, connection, listable=listable)

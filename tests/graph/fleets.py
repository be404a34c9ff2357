"""Fleets for tests, and both ways to execute a request over them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from graph.answer import Answer
from graph.engine import Engine
from graph.incremental.payloads import Initial, Payload
from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.reader import ClusterReader
from k8s.transport.connection import Connection
from k8s.transport.sender import Sender
from resolvers.audit.auditor import Auditor
from resolvers.caller import ADMINISTRATOR_ROLE, OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.servedkinds import ServedCache, ServedKinds
from resolvers.fleet.versionedreader import BestVersions, VersionedReader
from resolvers.limits import OperationLimits
from resolvers.operation.operation import Operation
from tests.controlplane.cluster import Cluster
from tests.controlplane.users import ADMIN
from tests.graph.ordinary.engine import ordinary_engine

CURSOR_KEY = b"a key of tests, of 32 bytes only"
LATE = {"message": "too late", "extensions": {"code": "LIMIT_EXCEEDED"}}
REGISTERED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAR = OperationLimits(expanded_values=10**12, requests=50_000)
"""Limits for random paths, which lead far through few objects, and for the oracle, which sends requests per object."""


@dataclass(frozen=True)
class Clusters:
    """A fleet without a registry."""

    known: tuple[FleetCluster, ...]
    auditor: Auditor | None = None
    masking: Masking = STANDARD

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        return self.known if caller.is_administrator else ()


def fleet_of(senders: Sequence[Sender], auditor: Auditor | None = None, *, masking: Masking = STANDARD) -> Fleet:
    """Returns a fleet with one cluster for each sender, by the senders' names."""
    known = sorted((cluster_of(sender, masking) for sender in senders), key=lambda cluster: cluster.name)
    return cast(Fleet, Clusters(tuple(known), auditor, masking))


def cluster_of(sender: Sender, masking: Masking = STANDARD) -> FleetCluster:
    """Returns a registered cluster that is reached through `sender`."""
    served_cache = ServedCache()
    versions = BestVersions(ServedKinds(sender, served_cache))
    return FleetCluster(
        id=f"id-{sender.name}",
        name=sender.name,
        labels={"env": "test", "name": sender.name},
        description=f"Cluster {sender.name}.",
        created_at=REGISTERED_AT,
        updated_at=REGISTERED_AT,
        reader=VersionedReader(ClusterReader(sender, masking), versions),
        served_cache=served_cache,
        sender=sender,
        masking=masking,
        roles=(ADMINISTRATOR_ROLE,),
    )


def connection_to(cluster: Cluster, user: str = ADMIN) -> Connection:
    """Returns a connection to a real API server as one of its users; the caller closes it."""
    endpoint = Endpoint(cluster.server, ca_pem=cluster.ca_pem.decode())
    return Connection(cluster.name, endpoint, credential=BearerToken(Secret(cluster.token(user))))


@dataclass(frozen=True)
class Asking:
    """A schema and a fleet."""

    engine: Engine
    fleet: Fleet
    pushes_down: bool = True
    caller: Caller = OPERATOR
    masking: Masking = STANDARD

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, object] | None = None,
        *,
        is_ordinary: bool = False,
        limits: OperationLimits | None = None,
    ) -> Answer:
        """Returns the answer of an operation of its own; if `is_ordinary`, by graphql-core's own execution."""
        engine = ordinary_engine(self.engine) if is_ordinary else self.engine
        return await engine.execute(GraphqlRequest(query, variables), self._operation(limits))

    def _operation(self, limits: OperationLimits | None) -> Operation:
        return Operation(
            self.fleet,
            caller=self.caller,
            cursor_key=CURSOR_KEY,
            limits=limits,
            pushes_down=self.pushes_down,
            masking=self.masking,
        )

    async def deliver(
        self,
        query: str,
        variables: Mapping[str, object] | None = None,
        *,
        limits: OperationLimits | None = None,
        timeout_s: float = 30,
    ) -> AsyncGenerator[Payload, None]:
        """Yields the answer in payloads; one, if nothing is deferred."""
        answer = await self.engine.deliver(GraphqlRequest(query, variables), self._operation(limits))
        if isinstance(answer, Answer):
            assert answer.executed, answer.errors
            yield Payload(Initial(answer.data, answer.errors), has_next=False)
            return
        until_s = asyncio.get_running_loop().time() + timeout_s
        async with aclosing(answer.payloads(until_s=until_s, late=LATE)) as payloads:
            async for payload in payloads:
                yield payload

    async def ordinary(
        self, query: str, variables: Mapping[str, object] | None = None, *, limits: OperationLimits | None = None
    ) -> Answer:
        """Returns the answer of graphql-core's own execution."""
        return await self(query, variables, is_ordinary=True, limits=limits)

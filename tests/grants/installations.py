"""An installation of fleetgraph in the test's process, over real clusters."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.accounts.account import AccountOwner
from k8s.credentials.credential import BearerToken, Credential, Secret
from k8s.endpoint import Endpoint
from k8s.transport.limits import ConnectionLimits
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.accountpolicy import AccountPolicy, CurrentGrants
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.stored import new_cluster
from resolvers.grants.grantarguments import GrantArguments
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.operation.operation import Operation
from store.clusters.cluster import IdentityMode
from store.clusters.grant import GrantRecord, RoleKind
from store.registry import Registry
from tests.controlplane.cluster import Cluster

PODS = "{ pods { totalCount clusters { cluster { name } status error { code message } } } }"
SECRETS = "{ secrets { totalCount nodes { name } clusters { cluster { name } status error { code message } } } }"


def caller(name: str, *groups: str) -> Caller:
    """Returns a caller who is not an administrator."""
    return Caller(name=name, groups=frozenset(groups))


@dataclass
class Installation:
    """A registry with real clusters, and the executor of queries over it."""

    engine: Engine
    registry: Registry
    network: Network
    policy: AccountPolicy
    fleet: Fleet
    grants: ManagedGrants

    async def ask(self, asked_by: Caller, query: str, **variables: str) -> Any:
        """Returns the answer to a query, as a client gets it."""
        operation = Operation(self.fleet, caller=asked_by, cursor_key=b"k" * 32, grants=self.grants)
        return json.loads((await self.engine.execute(GraphqlRequest(query, variables), operation)).to_json())

    async def statuses(self, asked_by: Caller, query: str = PODS) -> dict[str, str]:
        """Returns the statuses in the envelope of the query's only list."""
        (listed,) = (await self.ask(asked_by, query))["data"].values()
        return {cluster["cluster"]["name"]: cluster["status"] for cluster in listed["clusters"]}

    async def grant(
        self,
        role: str,
        *clusters: str,
        user: str | None = None,
        group: str | None = None,
        namespaces: Sequence[str] | None = None,
        kind: RoleKind = RoleKind.CLUSTER_ROLE,
    ) -> GrantRecord:
        """Adds a grant in clusters of these names."""
        is_for_cluster = kind is RoleKind.CLUSTER_ROLE
        arguments = GrantArguments(
            user=user,
            group=group,
            cluster_names=clusters,
            cluster_role=role if is_for_cluster else None,
            role=None if is_for_cluster else role,
            namespaces=namespaces,
        )
        return await self.grants.add(OPERATOR, arguments)

    async def tell_apart_by(self, mode: IdentityMode, *clusters: str) -> None:
        """Sets the identity mode of the clusters."""
        for name in clusters:
            await self.registry.clusters.set_identity(name, mode)


@asynccontextmanager
async def opened_installation(
    engine: Engine,
    folder: Path,
    clusters: Sequence[Cluster],
    *,
    namespace: str,
    credentials: Mapping[str, Credential] | None = None,
    servers: Mapping[str, str] | None = None,
) -> AsyncIterator[Installation]:
    """Yields a separate installation.

    Args:
        engine: The schema.
        folder: Where its database is.
        clusters: What is registered.
        namespace: Where its accounts are; one of its own for each test.
        credentials: By cluster, if not the administrator's token.
        servers: By cluster, addresses of proxies before them.
    """
    async with await Registry.open(f"sqlite:///{folder}/fleetgraph.db") as registry:
        for cluster in clusters:
            endpoint = Endpoint((servers or {}).get(cluster.name, cluster.server), ca_pem=cluster.ca_pem.decode())
            credential = (credentials or {}).get(cluster.name) or BearerToken(Secret(cluster.token()))
            await registry.clusters.add(new_cluster(cluster.name, endpoint, credential=credential, labels={}))
        current = CurrentGrants(registry.grants, registry.clusters)
        policy = AccountPolicy(AccountOwner(namespace, await registry.installation.id()), grants=current)
        network = Network(ConnectionLimits(connect_timeout_s=60), policy)
        fleet = Fleet(registry.registered, grants=registry.grants, connect=network)
        grants = ManagedGrants(
            registry.grants, registry.clusters, connect=network, policy=policy, auditor=Auditor(registry.audit)
        )
        try:
            yield Installation(engine, registry, network, policy, fleet, grants)
        finally:
            await fleet.close()

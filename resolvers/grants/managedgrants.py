"""Changes of grants: the one place where a grant is added or removed, by GraphQL and by the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.errors import NotPermitted, UnknownCluster
from resolvers.fleet.accountpolicy import AccountPolicy
from resolvers.fleet.client import Connect
from resolvers.fleet.fleet import ClusterOpener
from resolvers.grants.grantarguments import GrantArguments
from resolvers.grants.reconciling import Reconciled, reconcile_each
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord, OpenedCluster
from store.clusters.grant import GrantRecord, NewGrant


class GrantStore(Protocol):
    """A store of grants."""

    async def add(self, new: NewGrant) -> GrantRecord:
        """Stores a grant; raises NameTaken."""
        ...

    async def remove(self, grant_id: str) -> GrantRecord:
        """Removes a grant and returns it; raises NotFound."""
        ...

    async def all(self) -> Sequence[GrantRecord]:
        """Returns all grants."""
        ...


@dataclass(frozen=True, slots=True)
class RemovedGrant:
    """A grant that was removed.

    Attributes:
        record: The grant.
        reconciled: The results of reconciliation in the grant's clusters.
    """

    record: GrantRecord
    reconciled: tuple[Reconciled, ...]


class ManagedGrants:
    """Operations of administrators on grants."""

    def __init__(
        self,
        grants: GrantStore,
        clusters: ClusterOpener,
        *,
        connect: Connect,
        policy: AccountPolicy,
        auditor: Auditor,
    ) -> None:
        """Takes stores and the factory of clients.

        Args:
            grants: The store of grants.
            clusters: The registry of clusters.
            connect: The factory of clients.
            policy: The policy for our service accounts.
            auditor: Records each change in the audit.
        """
        self._auditor = auditor
        self._grants = grants
        self._clusters = clusters
        self._connect = connect
        self._policy = policy

    async def all(self, caller: Caller) -> Sequence[GrantRecord]:
        """Returns all grants, ordered by subject; raises NotPermitted, StoreError."""
        self._require_administrator(caller, "list")
        return await self._grants.all()

    async def add(self, caller: Caller, arguments: GrantArguments) -> GrantRecord:
        """Grants a role; it takes effect with the subject's next query.

        Raises:
            NotPermitted: The caller is no administrator.
            BadUserInput: The arguments break a rule, or a name is invalid.
            UnknownCluster: A cluster is named that is not registered; a later cluster of that name starts without
                grants.
            NameTaken: The same grant exists.
            StoreError: The grant cannot be stored.
        """
        self._require_administrator(caller, "create")
        subject, clusters, role = arguments.checked()
        await self._require_registered(clusters.names or ())
        new = NewGrant(subject=subject, clusters=clusters, role=role, created_by=caller.name)
        name = f"{subject}: {role}"
        async with self._auditor.changing(AuditAction.GRANT_ADD, caller.name, resource="grants", name=name):
            return await self._grants.add(new)

    async def remove(self, caller: Caller, grant_id: str) -> RemovedGrant:
        """Removes a grant, which takes effect with the subject's next query, and reconciles its clusters.

        A cluster that does not answer now is reconciled in a later run of the server.

        Raises:
            NotPermitted: The caller is no administrator.
            NotFound: No grant has that id.
            StoreError: It cannot be removed.
        """
        self._require_administrator(caller, "delete")
        async with self._auditor.changing(AuditAction.GRANT_REMOVE, caller.name, resource="grants", name=grant_id):
            record = await self._grants.remove(grant_id)
        clusters = [cluster for cluster in await self._clusters.open() if record.clusters.include(cluster.record)]
        remaining = await self._grants.all()
        return RemovedGrant(
            record, await reconcile_each(clusters, remaining, connect=self._connect, policy=self._policy)
        )

    async def abandon(self, name: str) -> tuple[Reconciled, ...]:
        """Removes all our accounts and bindings from a cluster, because its credential is going to be deleted.

        A cluster without grants has none, so no request is sent to it.
        """
        clusters = [cluster for cluster in await self._clusters.open() if cluster.record.name == name]
        grants = [grant for grant in await self._grants.all() if any(map(grant.clusters.include, _records(clusters)))]
        if not grants:
            return ()
        return await reconcile_each(clusters, (), connect=self._connect, policy=self._policy)

    async def reconcile(self, names: frozenset[str] | None = None) -> tuple[Reconciled, ...]:
        """Reconciles our accounts and bindings with the grants, in all clusters or those of some names."""
        opened = await self._clusters.open()
        clusters = [cluster for cluster in opened if names is None or cluster.record.name in names]
        return await reconcile_each(clusters, await self._grants.all(), connect=self._connect, policy=self._policy)

    async def _require_registered(self, names: Sequence[str]) -> None:
        if not names:
            return
        known = [cluster.record.name for cluster in await self._clusters.open()]
        for name in sorted(set(names).difference(known)):
            raise UnknownCluster(name, known)

    def _require_administrator(self, caller: Caller, verb: str) -> None:
        """Raises NotPermitted for other callers, and records the denial in the audit."""
        if not caller.is_administrator:
            self._auditor.denied(caller.name, code=NotPermitted.code, verb=verb, resource="grants")
            raise NotPermitted("Grants are for administrators to see and change.")


def _records(clusters: Iterable[OpenedCluster]) -> list[ClusterRecord]:
    return [cluster.record for cluster in clusters]

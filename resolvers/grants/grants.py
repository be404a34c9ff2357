"""Granting and taking away: the one place where a grant is changed, whoever asks for it, and by whatever way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.errors import NotPermitted
from resolvers.fleet.accounts import AccountPolicy
from resolvers.fleet.client import Connect
from resolvers.fleet.fleet import ClusterOpener
from resolvers.grants.reconciling import Reconciled, reconcile_each
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord, OpenedCluster
from store.clusters.grant import GrantedClusters, GrantedRole, GrantRecord, NewGrant, Subject


class GrantStore(Protocol):
    """Where grants are stored."""

    async def add(self, new: NewGrant) -> GrantRecord:
        """Stores one; NameTaken."""
        ...

    async def remove(self, grant_id: str) -> GrantRecord:
        """Ends one; NotFound."""
        ...

    async def all(self) -> Sequence[GrantRecord]:
        """Every one."""
        ...


@dataclass(frozen=True, slots=True)
class Removed:
    """A grant that is gone.

    Attributes:
        record: What it was.
        reconciled: The clusters that it was about, where our accounts were brought to what is left.
    """

    record: GrantRecord
    reconciled: tuple[Reconciled, ...]


class Granting:
    """What administrators do with grants."""

    def __init__(
        self,
        grants: GrantStore,
        clusters: ClusterOpener,
        *,
        connect: Connect,
        policy: AccountPolicy,
        auditor: Auditor,
    ) -> None:
        """Takes what is stored and how clusters are reached.

        Args:
            grants: Where grants are stored.
            clusters: Where clusters are registered.
            connect: How they are reached.
            policy: Where our accounts are.
            auditor: Keeps each change on record.
        """
        self._auditor = auditor
        self._grants = grants
        self._clusters = clusters
        self._connect = connect
        self._policy = policy

    def require_administrator(self, caller: Caller, verb: str) -> None:
        """Raises NotPermitted for everybody else, and puts on record what they wanted to do."""
        if not caller.is_administrator:
            self._auditor.denied(caller.name, code=NotPermitted.code, verb=verb, resource="grants")
            raise NotPermitted("Grants are for administrators to see and change.")

    async def grants(self, caller: Caller) -> Sequence[GrantRecord]:
        """All grants, ordered by subject; raises NotPermitted, StoreError."""
        self.require_administrator(caller, "list")
        return await self._grants.all()

    async def add(
        self, caller: Caller, subject: Subject, clusters: GrantedClusters, *, role: GrantedRole
    ) -> GrantRecord:
        """Grants a role; it holds from the subject's next query on.

        Raises:
            NotPermitted: The caller is no administrator.
            NameTaken: That is granted already.
            StoreError: It cannot be stored.
        """
        self.require_administrator(caller, "create")
        new = NewGrant(subject=subject, clusters=clusters, role=role, created_by=caller.name)
        said = f"{subject}: {role}"
        async with self._auditor.changing(AuditAction.GRANT_ADD, caller.name, resource="grants", name=said):
            return await self._grants.add(new)

    async def remove(self, caller: Caller, grant_id: str) -> Removed:
        """Ends a grant, from the subject's next query on, and takes back what was made for it in clusters.

        A cluster that does not answer now is brought to it when the server next looks after it.

        Raises:
            NotPermitted: The caller is no administrator.
            NotFound: No grant has that id.
            StoreError: It cannot be removed.
        """
        self.require_administrator(caller, "delete")
        async with self._auditor.changing(AuditAction.GRANT_REMOVE, caller.name, resource="grants", name=grant_id):
            record = await self._grants.remove(grant_id)
        concerned = [each for each in await self._clusters.open() if record.clusters.include(each.record)]
        left = await self._grants.all()
        return Removed(record, await reconcile_each(concerned, left, connect=self._connect, policy=self._policy))

    async def abandon(self, name: str) -> tuple[Reconciled, ...]:
        """Removes all that we have made in a cluster, because its credential is going to be forgotten.

        A cluster in which nothing can have been made, for want of grants, is not asked.
        """
        clusters = [each for each in await self._clusters.open() if each.record.name == name]
        granted = [grant for grant in await self._grants.all() if any(map(grant.clusters.include, _records(clusters)))]
        if not granted:
            return ()
        return await reconcile_each(clusters, (), connect=self._connect, policy=self._policy)

    async def reconcile(self, names: frozenset[str] | None = None) -> tuple[Reconciled, ...]:
        """Brings what we have made in clusters, all or those of some names, to what is granted."""
        clusters = [each for each in await self._clusters.open() if names is None or each.record.name in names]
        return await reconcile_each(clusters, await self._grants.all(), connect=self._connect, policy=self._policy)


def _records(clusters: Iterable[OpenedCluster]) -> list[ClusterRecord]:
    return [each.record for each in clusters]

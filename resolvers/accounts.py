"""Our service accounts in clusters: where they are, and which roles they are bound to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from k8s.account import Household
from k8s.bindings import BoundRole
from resolvers.identity import AccountHolder
from store.cluster import ClusterRecord
from store.errors import NotFound, StoreError
from store.grant import GrantedRole, GrantRecord, Subject


class ReadsGrants(Protocol):
    """Where grants are stored."""

    async def of(self, subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """Those of any of these users and groups."""
        ...


class ReadsRecords(Protocol):
    """Where clusters are registered."""

    async def get(self, name: str) -> ClusterRecord:
        """One of them; raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Granted:
    """What is stored of grants and clusters now."""

    grants: ReadsGrants
    clusters: ReadsRecords

    async def holds(self, record: ClusterRecord, holder: AccountHolder) -> bool:
        """Whether nothing was taken back of what an account was made for; False also if nobody can tell."""
        try:
            if (await self.clusters.get(record.name)) != record:
                return False
            left = {grant.id for grant in await self.grants.of(holder.subjects)}
        except (NotFound, StoreError):
            return False
        return left.issuperset(holder.grants)


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Where our service accounts are.

    Attributes:
        household: Ours in every cluster.
        timeout_s: Seconds in which an account's token must be there.
        granted: Tells what is granted still; without it accounts are not looked after when they are refused something.
    """

    household: Household
    timeout_s: float = 15.0
    granted: Granted | None = None


def bound_roles(roles: Iterable[GrantedRole]) -> tuple[BoundRole, ...]:
    """Granted roles as the bindings that give them: one for the whole cluster, or one for each namespace."""
    return tuple(
        dict.fromkeys(
            BoundRole(role.kind.value, role.name, namespace)
            for role in roles
            for namespace in role.namespaces or (None,)
        )
    )

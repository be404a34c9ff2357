"""Our service accounts in clusters: where they are, and which roles they are bound to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from k8s.accounts.account import Household
from k8s.accounts.bindings import BoundRole
from k8s.errors import ClusterError, ErrorCode
from resolvers.identity import AccountHolder
from store.clusters.cluster import ClusterRecord
from store.clusters.grant import GrantedRole, GrantRecord, Subject
from store.errors import NotFound, StoreError


class GrantReader(Protocol):
    """Where grants are stored."""

    async def of(self, subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """Those of any of these users and groups."""
        ...


class ClusterRecordReader(Protocol):
    """Where clusters are registered."""

    async def get(self, name: str) -> ClusterRecord:
        """One of them; raises NotFound."""
        ...


class GrantsUnavailable(ClusterError):
    """Nobody can tell now what is granted, so that no account was made or changed."""

    code = ErrorCode.INTERNAL
    retryable = True
    reason = "GrantsUnavailable"

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster, "it was not asked, because the grants cannot be read now; try again later.")


@dataclass(frozen=True, slots=True)
class Granted:
    """What is stored of grants and clusters now."""

    grants: GrantReader
    clusters: ClusterRecordReader

    async def holds(self, record: ClusterRecord, holder: AccountHolder) -> bool:
        """Whether an account's holder has just the grants that it was made for, none less and none more.

        Raises:
            GrantsUnavailable: Nobody can tell.
        """
        try:
            if (await self.clusters.get(record.name)) != record:
                return False
            grants = await self.grants.of(holder.subjects)
        except NotFound:
            return False
        except StoreError as error:
            raise GrantsUnavailable(record.name) from error
        return {grant.id for grant in grants if grant.clusters.include(record)} == set(holder.grants)


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

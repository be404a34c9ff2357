"""The policy of our service accounts in clusters: their owner, and the grants and roles for which they are made."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from k8s.accounts.account import AccountOwner
from k8s.accounts.bindings import BoundRole
from k8s.errors import ClusterError, ErrorCode
from resolvers.authorization import AccountHolder
from store.clusters.cluster import ClusterRecord
from store.clusters.grant import GrantedRole, GrantRecord, Subject
from store.errors import NotFound, StoreError


class GrantReader(Protocol):
    """A store of grants, to read."""

    async def of(self, subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """Returns the grants of any of these users and groups."""
        ...


class ClusterRecordReader(Protocol):
    """A registry of clusters, to read one record."""

    async def get(self, name: str) -> ClusterRecord:
        """Returns one of them; raises NotFound."""
        ...


class GrantsUnavailable(ClusterError):
    """The grants cannot be read, so no account was created or changed."""

    code = ErrorCode.INTERNAL
    retryable = True
    reason = "GrantsUnavailable"

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster, "it was not asked, because the grants cannot be read now; try again later.")


@dataclass(frozen=True, slots=True)
class CurrentGrants:
    """The current grants and cluster records in the store."""

    grants: GrantReader
    clusters: ClusterRecordReader

    async def match(self, record: ClusterRecord, holder: AccountHolder) -> bool:
        """Returns whether the holder of an account still has exactly the grants for which it was created.

        Raises:
            GrantsUnavailable: The grants cannot be read.
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
    """The policy for our service accounts.

    Attributes:
        owner: Namespace and labels of the accounts in every cluster.
        timeout_s: Seconds to create an account and its token.
        grants: Current grants. Without them, accounts are not repaired when a cluster refuses them something.
    """

    owner: AccountOwner
    timeout_s: float = 15.0
    grants: CurrentGrants | None = None


def bound_roles(roles: Iterable[GrantedRole]) -> tuple[BoundRole, ...]:
    """Returns granted roles as bindings: one for the whole cluster, or one for each namespace."""
    return tuple(
        dict.fromkeys(
            BoundRole(role.kind.value, role.name, namespace)
            for role in roles
            for namespace in role.namespaces or (None,)
        )
    )


class NoGrants:
    """A store without grants: clusters exist for administrators only."""

    async def of(self, _subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """Returns no grants."""
        return ()

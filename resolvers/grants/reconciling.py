"""Reconciliation of our accounts and bindings in clusters with the grants: removes extra ones and adds missing ones.

An account remains for as long as each of its subjects has a grant in the cluster. Only objects with this installation's
labels are read.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from k8s.accounts.account import Account
from k8s.accounts.accounts import find_accounts, reconcile_bindings, remove_account
from k8s.accounts.bindings import BoundRole, ManagedBinding, find_bindings, unbind
from k8s.accounts.managedlists import MEMORY_ALLOWANCE, MemoryAllowance
from k8s.errors import ClusterError, Forbidden, ResourceNotFound, TooMuchMemory, without_frames
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.turns.steps import start
from k8s.turns.turns import paced
from resolvers.authorization import ADMINISTRATOR, roles_of
from resolvers.fleet.accountpolicy import AccountPolicy, bound_roles
from resolvers.fleet.client import Connect
from resolvers.unexpected import contained
from store.clusters.cluster import ClusterConnection, ClusterRecord, IdentityMode, OpenedCluster
from store.clusters.grant import GrantRecord

_CONCURRENCY = 16
_BESIDE_OTHERS_BYTES = 4 * 1024 * 1024
"""The memory limit for each of the concurrent clusters: about 4,000 accounts and bindings of fleetgraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The result of one cluster.

    Attributes:
        cluster: The cluster's name.
        removed: Number of removed accounts.
        changed: Number of bindings of other accounts that were created or removed.
        missing: Roles that accounts lack, because the roles or their namespaces do not exist.
        error: The error that left the cluster unreconciled. If it has more bindings than are read, those that were read
            are reconciled. The error has no frames, which would hold the objects for the life of this result.
    """

    cluster: str
    removed: int = 0
    changed: int = 0
    missing: tuple[BoundRole, ...] = ()
    error: ClusterError | None = None


async def reconcile_each(
    clusters: Iterable[OpenedCluster], grants: Sequence[GrantRecord], *, connect: Connect, policy: AccountPolicy
) -> tuple[Reconciled, ...]:
    """Reconciles clusters concurrently; an error of one is part of its result. Snapshots are skipped.

    Clusters with too many accounts and bindings come after all others, one by one, so only one is in memory.

    Args:
        clusters: The clusters.
        grants: All grants.
        connect: The factory of clients.
        policy: The policy for our service accounts.
    """
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def one(cluster: OpenedCluster) -> Reconciled:
        async with gate:
            MEMORY_ALLOWANCE.set(MemoryAllowance(_BESIDE_OTHERS_BYTES))
            return await _reconcile(cluster, grants, connect=connect, policy=policy)

    async def alone(cluster: OpenedCluster) -> Reconciled:
        return await _reconcile(cluster, grants, connect=connect, policy=policy)

    live = [cluster for cluster in clusters if isinstance(cluster.record.connection, ClusterConnection)]
    first = await asyncio.gather(*(start(one(cluster), is_one_of_many=True) for cluster in live))
    return tuple(
        [
            await start(alone(cluster)) if isinstance(reconciled.error, TooMuchMemory) else reconciled
            for cluster, reconciled in zip(live, first, strict=True)
        ]
    )


async def _reconcile(
    cluster: OpenedCluster, grants: Sequence[GrantRecord], *, connect: Connect, policy: AccountPolicy
) -> Reconciled:
    name = cluster.record.name
    try:
        with contained(name):
            connection = connect(cluster, ADMINISTRATOR)
    except ClusterError as error:
        return Reconciled(cluster=name, error=without_frames(error))
    try:
        with contained(name):
            return await _settle(connection, cluster.record, _here(cluster.record, grants), policy=policy)
    except (Forbidden, ResourceNotFound) as error:
        makes_accounts = cluster.record.identity is IdentityMode.SERVICE_ACCOUNT
        return Reconciled(cluster=name, error=without_frames(error) if makes_accounts else None)
    except ClusterError as error:
        return Reconciled(cluster=name, error=without_frames(error))
    finally:
        await connection.close()


async def _settle(
    sender: Sender, record: ClusterRecord, grants: Sequence[GrantRecord], *, policy: AccountPolicy
) -> Reconciled:
    deadline, owner = Deadline(policy.timeout_s), policy.owner
    of_subjects: defaultdict[str, list[GrantRecord]] = defaultdict(list)
    for grant in grants:
        of_subjects[str(grant.subject)].append(grant)
    accounts = await find_accounts(sender, owner, deadline, among=frozenset(of_subjects))
    bindings = await find_bindings(sender, owner.labels, deadline)
    remaining = {name: account async for name, account in paced(accounts.items()) if account is not None}
    for name in accounts.keys() - remaining.keys():
        await remove_account(sender, owner, name, deadline)
    of_accounts: defaultdict[str, list[ManagedBinding]] = defaultdict(list)
    async for binding in paced(bindings.items):
        of_accounts[binding.account].append(binding)
    for orphan in [binding for name, own in of_accounts.items() if name not in accounts for binding in own]:
        await unbind(sender, orphan, deadline)
    settled = [
        await reconcile_bindings(
            sender, account, _roles(account, of_subjects), bindings=of_accounts[account.name], deadline=deadline
        )
        async for account in paced(remaining.values())
    ]
    return Reconciled(
        cluster=record.name,
        removed=len(accounts) - len(remaining),
        changed=sum(changes.changed for changes in settled),
        missing=tuple(dict.fromkeys(role for changes in settled for role in changes.missing)),
        error=bindings.excess,
    )


def _here(record: ClusterRecord, grants: Sequence[GrantRecord]) -> list[GrantRecord]:
    """Returns the grants for which a cluster has accounts."""
    if record.identity is not IdentityMode.SERVICE_ACCOUNT:
        return []
    return [grant for grant in grants if grant.clusters.include(record)]


def _roles(account: Account, of_subjects: Mapping[str, Sequence[GrantRecord]]) -> tuple[BoundRole, ...]:
    return bound_roles(roles_of(grant for subject in account.subjects for grant in of_subjects[subject]))

"""What fleetgraph has made in clusters, brought to what is granted: too many accounts and rights go, missing ones come.

An account stays for as long as each of those that it stands for has a grant in the cluster; otherwise nobody is it any
more. Only what carries this installation's labels is looked at.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from k8s.accounts.account import Account
from k8s.accounts.accounts import find_accounts, remove_account, settle_bindings
from k8s.accounts.bindings import Binding, BoundRole, find_bindings, unbind
from k8s.accounts.ourlists import ALLOWANCE, Allowance
from k8s.errors import ClusterError, Forbidden, NotFound, TooMuchMemory, without_frames
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.turns.steps import start
from k8s.turns.turns import paced
from resolvers.fleet.accounts import AccountPolicy, bound_roles
from resolvers.fleet.client import Connect
from resolvers.identity import ADMINISTRATOR, roles_of
from resolvers.unexpected import contained
from store.clusters.cluster import ClusterConnection, ClusterRecord, IdentityMode, OpenedCluster
from store.clusters.grant import GrantRecord

_CONCURRENCY = 16
_BESIDE_OTHERS_BYTES = 4 * 1024 * 1024
"""Of what is kept of each of so many clusters: about 4,000 accounts and bindings as fleetgraph makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What became of one cluster.

    Attributes:
        cluster: Its name.
        removed: How many accounts were removed.
        changed: How many bindings of other accounts were made or removed.
        missing: Roles that accounts lack, because they, or their namespaces, are not there.
        error: Why it is not as it should be yet; of more bindings than are read, those that were are dealt with. It has
            no frames, which would hold what was read for as long as somebody has this.
    """

    cluster: str
    removed: int = 0
    changed: int = 0
    missing: tuple[BoundRole, ...] = ()
    error: ClusterError | None = None


async def reconcile_each(
    clusters: Iterable[OpenedCluster], grants: Sequence[GrantRecord], *, connect: Connect, policy: AccountPolicy
) -> tuple[Reconciled, ...]:
    """Reconciles clusters concurrently; what is wrong with one is part of its result. Snapshots are passed over.

    Those with very many accounts and bindings come after all others, one by one: no more than one is held in memory.

    Args:
        clusters: Which.
        grants: All that there are.
        connect: How they are reached.
        policy: Where our accounts are.
    """
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def one(cluster: OpenedCluster) -> Reconciled:
        async with gate:
            ALLOWANCE.set(Allowance(_BESIDE_OTHERS_BYTES))
            return await _reconcile(cluster, grants, connect=connect, policy=policy)

    async def alone(cluster: OpenedCluster) -> Reconciled:
        return await _reconcile(cluster, grants, connect=connect, policy=policy)

    live = [each for each in clusters if isinstance(each.record.connection, ClusterConnection)]
    first = await asyncio.gather(*(start(one(each), is_one_of_many=True) for each in live))
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
    except (Forbidden, NotFound) as error:
        makes_accounts = cluster.record.identity is IdentityMode.SERVICE_ACCOUNT
        return Reconciled(cluster=name, error=without_frames(error) if makes_accounts else None)
    except ClusterError as error:
        return Reconciled(cluster=name, error=without_frames(error))
    finally:
        await connection.close()


async def _settle(
    sender: Sender, record: ClusterRecord, grants: Sequence[GrantRecord], *, policy: AccountPolicy
) -> Reconciled:
    deadline, household = Deadline(policy.timeout_s), policy.household
    of_subjects: defaultdict[str, list[GrantRecord]] = defaultdict(list)
    for grant in grants:
        of_subjects[str(grant.subject)].append(grant)
    accounts = await find_accounts(sender, household, deadline, among=frozenset(of_subjects))
    bindings = await find_bindings(sender, household.labels, deadline)
    kept = {name: each async for name, each in paced(accounts.items()) if each is not None}
    for name in accounts.keys() - kept.keys():
        await remove_account(sender, household, name, deadline)
    of_accounts: defaultdict[str, list[Binding]] = defaultdict(list)
    async for binding in paced(bindings.items):
        of_accounts[binding.account].append(binding)
    for orphan in [each for name, own in of_accounts.items() if name not in accounts for each in own]:
        await unbind(sender, orphan, deadline)
    settled = [
        await settle_bindings(
            sender, account, _roles(account, of_subjects), bindings=of_accounts[account.name], deadline=deadline
        )
        async for account in paced(kept.values())
    ]
    return Reconciled(
        cluster=record.name,
        removed=len(accounts) - len(kept),
        changed=sum(each.changed for each in settled),
        missing=tuple(dict.fromkeys(role for each in settled for role in each.missing)),
        error=bindings.excess,
    )


def _here(record: ClusterRecord, grants: Sequence[GrantRecord]) -> list[GrantRecord]:
    """The grants for which accounts are made in a cluster."""
    if record.identity is not IdentityMode.SERVICE_ACCOUNT:
        return []
    return [grant for grant in grants if grant.clusters.include(record)]


def _roles(account: Account, of_subjects: Mapping[str, Sequence[GrantRecord]]) -> tuple[BoundRole, ...]:
    return bound_roles(roles_of(grant for subject in account.subjects for grant in of_subjects[subject]))

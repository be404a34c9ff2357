"""Registration of clusters, and health checks of registered ones.

A cluster is stored only after it has answered and accepted its credential, and the audit event of its import is stored.
Several clusters are independent of each other.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from k8s.credentials.credential import Credential
from k8s.endpoint import Endpoint
from k8s.errors import ClusterError
from k8s.prometheus.address import is_direct
from k8s.prometheus.prometheus import Prometheus
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.audit.commandline import on_record
from resolvers.audit.policy import AuditStore
from resolvers.authorization import ADMINISTRATOR, NOBODY
from resolvers.fleet.client import ClusterClient, Connect, ShowsCertificate
from resolvers.fleet.credentials import stored_facts
from resolvers.fleet.network import Network
from resolvers.fleet.probe import ClusterHealth, Probe, ProbeLimits, probe
from resolvers.fleet.stored import new_cluster
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord, NewCluster, OpenedCluster
from store.errors import InvalidValue, NameTaken, NotFound

_STORED_AT_ONCE: Final = 16
"""Clusters that are stored concurrently without a probe, so that their audit events share transactions."""


class ClusterStore(Protocol):
    """A store of clusters."""

    async def get(self, name: str) -> ClusterRecord:
        """Returns one cluster; raises NotFound."""
        ...

    async def add(self, new: NewCluster, *, overwrite: bool = False) -> ClusterRecord:
        """Stores a cluster."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A cluster to register.

    Attributes:
        name: Its name in the registry.
        labels: Its labels; None leaves those of an already registered cluster unchanged.
    """

    name: str
    endpoint: Endpoint
    credential: Credential = field(repr=False)
    labels: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A cluster that is stored.

    Attributes:
        record: The stored record, without the credential.
        probe: The answers of the cluster; None if it was not probed.
        replaced: The record that had the name before; None for a new name.
    """

    record: ClusterRecord
    probe: Probe | None
    replaced: ClusterRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCandidate:
    """A cluster that is not stored, with the error."""

    candidate: Candidate
    error: ClusterError | InvalidValue | NameTaken


async def register(
    clusters: ClusterStore, candidate: Candidate, *, log: AuditStore, limits: ProbeLimits | None
) -> Registered:
    """Registers a cluster for the command line, or replaces the one of that name; without `limits` it is not probed.

    Raises:
        InvalidValue: The name or a label is invalid; nothing was sent.
        ClusterError: The cluster does not answer or does not accept the credential; nothing was stored.
        NameTaken: A snapshot has the name.
        StoreError: The cluster or the event of its import cannot be stored.
    """
    new = new_cluster(candidate.name, candidate.endpoint, credential=candidate.credential, labels=candidate.labels)
    answers = await _probe_candidate(candidate, limits) if limits is not None else None
    replaced = await _registered(clusters, candidate.name)
    async with on_record(log, AuditAction.CLUSTER_IMPORT, cluster=new.name, resource="clusters"):
        record = await clusters.add(new, overwrite=True)
    return Registered(record=record, probe=answers, replaced=replaced)


async def register_each(
    clusters: ClusterStore,
    candidates: Sequence[Candidate],
    *,
    log: AuditStore,
    limits: ProbeLimits | None,
    on_done: Callable[[], None] = lambda: None,
) -> AsyncIterator[Registered | RefusedCandidate]:
    """Registers clusters concurrently and yields the results in the order of `candidates`.

    Args:
        clusters: The store of clusters.
        candidates: The clusters to register; names must differ.
        log: The audit, in which the event of each import is stored first.
        limits: Limits of the probes; None stores without a probe.
        on_done: Called after each cluster, in any order.

    Raises:
        StoreError: The store fails, which would fail for all.
    """
    gate = asyncio.Semaphore(limits.concurrency if limits else _STORED_AT_ONCE)

    async def one(candidate: Candidate) -> Registered | RefusedCandidate:
        async with gate:
            try:
                return await register(clusters, candidate, log=log, limits=limits)
            except (ClusterError, InvalidValue, NameTaken) as error:
                return RefusedCandidate(candidate=candidate, error=error)
            finally:
                on_done()

    tasks = [asyncio.create_task(one(candidate)) for candidate in candidates]
    try:
        for task in tasks:
            yield await task
    finally:
        await _abandon(tasks)


async def check(cluster: OpenedCluster, *, limits: ProbeLimits, connect: Connect | None = None) -> ClusterHealth:
    """Checks the health of a registered cluster; an error is part of the result.

    `connect` is the factory of its client; by default, it is reached over the network.
    """
    client_of = connect or Network(limits.connection)
    try:
        answers = await _probe(client_of(cluster, ADMINISTRATOR), limits)
    except ClusterError as error:
        return ClusterHealth(record=cluster.record, error=error, credential=stored_facts(cluster))
    return ClusterHealth(
        record=cluster.record,
        probe=answers,
        credential=stored_facts(cluster),
        prometheus_error=await prometheus_error(cluster, limits=limits, connect=client_of),
    )


async def prometheus_error(cluster: OpenedCluster, *, limits: ProbeLimits, connect: Connect) -> ClusterError | None:
    """Asks the cluster's Prometheus for a constant; returns its error, or None, also if the cluster has none."""
    address = cluster.record.prometheus
    if address is None:
        return None
    try:
        client = connect(cluster, NOBODY if is_direct(address) else ADMINISTRATOR)
        try:
            await Prometheus(client, address).check(Deadline(limits.timeout_s))
        finally:
            await client.close()
    except ClusterError as error:
        return error
    return None


async def check_each(
    clusters: Collection[OpenedCluster],
    *,
    limits: ProbeLimits,
    connect: Connect | None = None,
    on_done: Callable[[], None] = lambda: None,
) -> tuple[ClusterHealth, ...]:
    """Checks registered clusters concurrently; the results are in their order.

    `connect` is the factory of clients (see `check`); `on_done` is called after each cluster, in any order.
    """
    gate = asyncio.Semaphore(limits.concurrency)

    async def one(cluster: OpenedCluster) -> ClusterHealth:
        async with gate:
            health = await check(cluster, limits=limits, connect=connect)
        on_done()
        return health

    return tuple(await asyncio.gather(*(one(cluster) for cluster in clusters)))


async def _probe_candidate(candidate: Candidate, limits: ProbeLimits) -> Probe:
    return await _probe(
        Connection(candidate.name, candidate.endpoint, credential=candidate.credential, limits=limits.connection),
        limits,
    )


async def _probe(client: ClusterClient, limits: ProbeLimits) -> Probe:
    try:
        answers = await probe(client, timeout_s=limits.timeout_s)
        expires_at = client.server_certificate_expires_at if isinstance(client, ShowsCertificate) else None
        return replace(answers, certificate_expires_at=expires_at)
    finally:
        await client.close()


async def _registered(clusters: ClusterStore, name: str) -> ClusterRecord | None:
    try:
        return await clusters.get(name)
    except NotFound:
        return None


async def _abandon(tasks: Sequence[asyncio.Task[Registered | RefusedCandidate]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

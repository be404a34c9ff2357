"""A probe of one cluster: its version and latency, our identity there, and our permissions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Final, TypeVar

from k8s.apiserver.access import EVERYTHING, ClusterIdentity, Permission, read_identity, read_permissions
from k8s.apiserver.proof import Proof
from k8s.apiserver.version import read_version
from k8s.credentials.expiry import CredentialFacts
from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.sender import Sender
from k8s.turns.steps import start
from store.clusters.cluster import ClusterRecord

T = TypeVar("T")

SUMMARY_KINDS: Final[tuple[Kind, ...]] = (
    kinds.NAMESPACE,
    kinds.NODE,
    kinds.POD,
    kinds.DEPLOYMENT,
    kinds.SERVICE,
    kinds.EVENT,
    kinds.SECRET,
)
"""The kinds in a summary of permissions; the cluster's RBAC decides every read independently of it."""

_PATIENCE: Final = 1 / 3
"""The part of the time after which the next question does not wait for the answer to the one before."""

_PERMISSIONS: Final = (EVERYTHING, *(Permission.to_list(kind) for kind in SUMMARY_KINDS))


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """Limits of probes; each is a setting (docs/settings.md).

    Attributes:
        connection: Limits of the connection to each cluster.
        timeout_s: Seconds for all requests to one cluster together.
        concurrency: Clusters that are probed concurrently.
    """

    connection: ConnectionLimits = field(default_factory=ConnectionLimits)
    timeout_s: float = 15.0
    concurrency: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The answers of a cluster.

    Attributes:
        version: The API server's release, such as `v1.37.2`; None if the cluster does not tell.
        latency_ms: Milliseconds of one small request on an open connection.
        identity: Our identity there; None if the cluster does not tell.
        access: Our permissions in all namespaces, in words.
        certificate_expires_at: Expiry of its API server's certificate; None if there is none.
    """

    version: str | None
    latency_ms: float
    identity: ClusterIdentity | None
    access: str
    certificate_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHealth:
    """The health of a registered cluster: exactly one of `probe` and `error` is set.

    Attributes:
        credential: Facts of its stored credential; None for a snapshot, and if the credential is unreadable.
        prometheus_error: The error of its Prometheus; None if that answers, or none is set.
    """

    record: ClusterRecord
    probe: Probe | None = None
    error: ClusterError | None = None
    credential: CredentialFacts | None = None
    prometheus_error: ClusterError | None = None


async def probe(sender: Sender, *, timeout_s: float) -> Probe:
    """Probes one cluster within `timeout_s` seconds.

    A question that is refused, or that has no answer, leaves only its own facts unknown (`k8s.apiserver.proof`). One
    that is slow holds up the next for a fraction of the time.

    Raises:
        ClusterError: It answers no question, or does not accept the credential.
    """
    proof = Proof(sender, Deadline(timeout_s))
    identity = start(proof.ask(read_identity))
    version: asyncio.Task[tuple[str | None, float]] | None = None
    try:
        await _answered(identity, timeout_s * _PATIENCE)
        version = start(_timed_version(proof))
        await _answered(version, timeout_s * _PATIENCE)
        permissions = await proof.ask(_read_summary)
        (release, latency_ms), user = await version, await identity
    finally:
        identity.cancel()
        if version is not None:
            version.cancel()
    await proof.require()
    return Probe(version=release, latency_ms=latency_ms, identity=user, access=in_words(permissions))


async def _answered(question: asyncio.Task[T], most_s: float) -> None:
    """Waits for an answer for at most `most_s` seconds; raises the error of a question that failed."""
    await asyncio.wait([question], timeout=most_s)
    if question.done():
        question.result()


async def _timed_version(proof: Proof) -> tuple[str | None, float]:
    started_s = perf_counter()
    return await proof.ask(read_version), (perf_counter() - started_s) * 1000


async def _read_summary(sender: Sender, deadline: Deadline) -> Mapping[Permission, bool] | None:
    return await read_permissions(sender, deadline, permissions=_PERMISSIONS)


def in_words(permissions: Mapping[Permission, bool] | None) -> str:
    """Returns permissions as one line: the kinds that may be listed, then the others."""
    if permissions is None:
        return "unknown, the cluster does not tell"
    if permissions[EVERYTHING]:
        return "cluster administrator"
    listed = [kind.plural for kind in SUMMARY_KINDS if permissions[Permission.to_list(kind)]]
    missing = [kind.plural for kind in SUMMARY_KINDS if not permissions[Permission.to_list(kind)]]
    if not listed:
        return "may not list anything in all namespaces"
    return f"may list {', '.join(listed)}" + (f"; may not list {', '.join(missing)}" if missing else "")

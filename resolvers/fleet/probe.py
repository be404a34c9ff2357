"""Asking one cluster what it is, how far away it is, who we are there and what we may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final

from k8s.apiserver.access import EVERYTHING, Identity, Permission, read_identity, read_permissions
from k8s.apiserver.version import read_version
from k8s.credentials.expiry import CredentialFacts
from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from store.clusters.cluster import ClusterRecord

SHOWN_KINDS: Final[tuple[Kind, ...]] = (
    kinds.NAMESPACE,
    kinds.NODE,
    kinds.POD,
    kinds.DEPLOYMENT,
    kinds.SERVICE,
    kinds.EVENT,
    kinds.SECRET,
)
"""What a summary of permissions is about; the cluster's RBAC decides every read anew, whatever this said."""

_ASKED: Final = (EVERYTHING, *(Permission.to_list(kind) for kind in SHOWN_KINDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a cluster that answers tells.

    Attributes:
        version: The API server's release, such as `v1.37.2`.
        latency_ms: One small request on an open connection.
        identity: Who we are there; None where the cluster does not tell.
        access: What we may do in all namespaces, in words.
        certificate_expires_at: When the certificate of its API server ends; None where there is none.
    """

    version: str
    latency_ms: float
    identity: Identity | None
    access: str
    certificate_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHealth:
    """How a registered cluster is: exactly one of `probe` and `error` is set.

    Attributes:
        credential: What its stored credential is; None for a snapshot, and for one that cannot be read.
    """

    record: ClusterRecord
    probe: Probe | None = None
    error: ClusterError | None = None
    credential: CredentialFacts | None = None


async def probe(sender: Sender, *, timeout_s: float) -> Probe:
    """Asks one cluster; `timeout_s` seconds are for everything together.

    Raises:
        ClusterError: It does not answer, or does not accept the credential.
    """
    deadline = Deadline(timeout_s)
    identity = await read_identity(sender, deadline)
    started_s = perf_counter()
    version = await read_version(sender, deadline)
    latency_ms = (perf_counter() - started_s) * 1000
    permissions = await read_permissions(sender, deadline, asked=_ASKED)
    return Probe(version=version, latency_ms=latency_ms, identity=identity, access=in_words(permissions))


def in_words(permissions: Mapping[Permission, bool] | None) -> str:
    """Permissions as one line: what they amount to, then what is missing."""
    if permissions is None:
        return "unknown, the cluster does not tell"
    if permissions[EVERYTHING]:
        return "cluster administrator"
    held = [kind.plural for kind in SHOWN_KINDS if permissions[Permission.to_list(kind)]]
    missing = [kind.plural for kind in SHOWN_KINDS if not permissions[Permission.to_list(kind)]]
    if not held:
        return "may not list anything in all namespaces"
    return f"may list {', '.join(held)}" + (f"; may not list {', '.join(missing)}" if missing else "")

"""The envelope of a list: a report on each of its clusters."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from k8s.errors import ErrorCode
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Time
from resolvers.links.members import CLUSTER, Family, Owner
from resolvers.lists.clusteranswer import ClusterAnswer
from resolvers.lists.clusternotes import ClusterNote
from resolvers.messages.translation import localize

REPORTS = Family(Owner("ClusterReport"))


class ClusterStatus(StrEnum):
    """The status of a cluster's answer to one list."""

    OK = "OK"
    PARTIAL = "PARTIAL"
    UNREACHABLE = "UNREACHABLE"
    TIMEOUT = "TIMEOUT"
    FORBIDDEN = "FORBIDDEN"
    NOT_SERVED = "NOT_SERVED"
    FAILED = "FAILED"


_STATUSES = {
    ErrorCode.CLUSTER_UNREACHABLE: ClusterStatus.UNREACHABLE,
    ErrorCode.CLUSTER_TIMEOUT: ClusterStatus.TIMEOUT,
    ErrorCode.FORBIDDEN: ClusterStatus.FORBIDDEN,
    ErrorCode.UNAUTHENTICATED: ClusterStatus.FORBIDDEN,
}


class ClusterReportError(Struct, frozen=True):
    """The reason for a cluster's missing rows."""

    code: Annotated[
        ErrorCode,
        Meta(description="The same as in `extensions.code` of the error at the list's path, if there is one."),
    ]
    message: Annotated[str, Meta(description="Cause and cluster, in words.")]
    retryable: Annotated[bool, Meta(description="Whether asking again may help.")]
    reason: Annotated[str, Meta(description="The cause as one word, finer than the code (`TlsFailed`, `CircuitOpen`).")]


class ScopeKind(StrEnum):
    """The extent of a cluster that was read for a list."""

    CLUSTER = "CLUSTER"
    NAMESPACES = "NAMESPACES"


class ClusterScope(Struct, frozen=True):
    """The part of a cluster that was read for a list."""

    kind: Annotated[ScopeKind, Meta(description="Whether it is the whole cluster, or some namespaces.")]
    namespaces: Annotated[
        list[str] | None, Meta(description="The namespaces whose objects were read; null for the whole cluster.")
    ]


@REPORTS.derived(description="Which cluster.", returns=CLUSTER)
def cluster(answer: ClusterAnswer) -> FleetCluster:
    """Returns the cluster."""
    return answer.cluster


@REPORTS.derived(description="How it answered.")
def status(answer: ClusterAnswer) -> ClusterStatus:
    """Returns OK, or the kind of failure."""
    if answer.error is None:
        is_partial = answer.scope.is_partial or answer.kind_errors
        return ClusterStatus.PARTIAL if is_partial else ClusterStatus.OK
    if answer.lacks_kind:
        return ClusterStatus.NOT_SERVED
    return _STATUSES.get(answer.error.code, ClusterStatus.FAILED)


@REPORTS.derived(description="Milliseconds until its whole answer, or its failure, was there.")
def latency_ms(answer: ClusterAnswer) -> float:
    """Returns the time of all requests of the list to the cluster."""
    return answer.latency_ms


@REPORTS.derived(description="Its rows are not older than this, of a snapshot exactly as old; null if it failed.")
def observed_at(answer: ClusterAnswer) -> Time | None:
    """Returns the time as RFC 3339, in UTC."""
    if answer.observed_at is None:
        return None
    return Time((answer.cluster.taken_at or answer.observed_at).isoformat())


@REPORTS.derived(
    description="Its own version of the list, as a watch would begin at; of several namespaces the oldest. Null if it "
    "failed, or if objects were only counted."
)
def resource_version(answer: ClusterAnswer) -> str | None:
    """Returns the version, opaque to clients as Kubernetes has it."""
    return answer.resource_version or None


@REPORTS.derived(
    description="Which part of the cluster the rows and `totalCount` are of; null if it failed. With status PARTIAL it "
    "is less than was asked for: the caller may list the kind in these namespaces only."
)
def scope(answer: ClusterAnswer) -> ClusterScope | None:
    """Returns the part that was read."""
    if answer.error is not None:
        return None
    seen = answer.scope.namespaces
    return ClusterScope(ScopeKind.CLUSTER, None) if seen is None else ClusterScope(ScopeKind.NAMESPACES, [*seen])


@REPORTS.derived(
    description="True if its part of `totalCount` is an estimate: not all objects were read, and its API server "
    "estimated the number of the others (`remainingItemCount`)."
)
def count_is_estimate(answer: ClusterAnswer) -> bool:
    """Returns whether objects were counted that were not read."""
    return answer.error is None and answer.is_estimate


@REPORTS.derived(
    description="Why its rows are missing; null if they are not. Of a list of several kinds, why those of a kind are."
)
def error(answer: ClusterAnswer) -> ClusterReportError | None:
    """Returns the error, which is also reported at the list's path."""
    failed = answer.error or next(iter(answer.kind_errors), None)
    return ClusterReportError(failed.code, localize(str(failed)), failed.retryable, failed.reason) if failed else None


@REPORTS.derived(
    description="Why fields of its objects are null although nothing failed, such as usage without a metrics API: each "
    "reason once, for all fields of the list and its paths. Those of deferred fields are in `extensions.warnings`. "
    "Lists within objects, such as the pods of each node, have their notes in common: one may concern the list of "
    "another object of the same cluster."
)
def notes(answer: ClusterAnswer) -> list[ClusterNote]:
    """Returns the notes, in the language of the request."""
    return [ClusterNote(note.code, localize(note.message)) for note in answer.notes]

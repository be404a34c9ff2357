"""The rules by which resource quotas count pods.

Source: `podMatchesScopeFunc`, `QuotaV1Pod` and `podResources` in kubernetes/pkg/quota/v1/evaluator/core/pods.go, v1.37,
and `CalculateUsageStats` in k8s.io/apiserver/pkg/quota/v1/generic/evaluator.go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.ages import now_of, time_of
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.labels import MatchExpression, match_expression

_SELECTOR: Final = "spec.scopeSelector.matchExpressions"
QUOTA_READS: Final = (
    *("metadata.namespace", "spec.hard", "spec.scopes"),
    *(f"{_SELECTOR}.{key}" for key in ("scopeName", "operator", "values")),
)
_TERMS: Final = tuple(
    f"spec.affinity.{affinity}.{terms}.{key}"
    for affinity in ("podAffinity", "podAntiAffinity")
    for terms in (
        "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm",
    )
    for key in ("namespaces", "namespaceSelector.matchLabels")
)
POD_READS: Final = (
    *("metadata.namespace", "metadata.deletionTimestamp", "metadata.deletionGracePeriodSeconds"),
    *("spec.activeDeadlineSeconds", "spec.priorityClassName", *_TERMS),
    *("status.phase", "status.qosClass"),
)

_COUNT: Final = "count/pods"
_COMPUTED: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
_PREFIXES: Final = ("requests.", "limits.")
_NATIVE: Final = "kubernetes.io/"
_DEVICE_CLASS: Final = "requests.deviceclass.resource.kubernetes.io/"
_HUGE_PAGES: Final = "hugepages-"
_PRIORITY_CLASS: Final = "PriorityClass"


class CountedPod(NamedTuple):
    """The facts of a pod by which quotas count it."""

    has_ended: bool
    has_deadline: bool
    is_best_effort: bool
    is_across_namespaces: bool
    priority_class: str


@dataclass(frozen=True, slots=True)
class PodQuota:
    """The pods that a quota counts.

    Attributes:
        counts: whether it limits a resource of pods.
        counts_ended: whether it limits the number of pods in any phase.
        scopes: its scopes, of which all must hold; None for an invalid selector, which counts nothing.
    """

    counts: bool
    counts_ended: bool
    scopes: tuple[MatchExpression, ...] | None

    def holds(self, pod: CountedPod) -> bool:
        """Returns whether it counts a pod."""
        if not self.counts or self.scopes is None or (pod.has_ended and not self.counts_ended):
            return False
        return all(_holds(scope, pod) for scope in self.scopes)


def pod_quota(quota: Row) -> PodQuota:
    """Returns the pods that a quota counts."""
    spec = quota.spec
    hard = [*islice(spec.hard or (), MAX_ITEMS)] if spec is not None else []
    return PodQuota(any(map(_is_of_pods, hard)), _COUNT in hard, _scopes(spec))


def counted_pod(cluster: FleetCluster, pod: Row) -> CountedPod:
    """Returns the facts of a pod."""
    spec, status = pod.spec, pod.status
    return CountedPod(
        _has_ended(pod, now_of(cluster)),
        spec is not None and spec.activeDeadlineSeconds is not None and spec.activeDeadlineSeconds >= 0,
        status is not None and status.qosClass == "BestEffort",
        spec is not None and any(one.namespaces or one.namespaceSelector is not None for one in _terms(spec.affinity)),
        (spec.priorityClassName or "") if spec is not None else "",
    )


def _scopes(spec: Row | None) -> tuple[MatchExpression, ...] | None:
    if spec is None:
        return ()
    plain = [match_expression(scope, "Exists", ()) for scope in items_of(spec.scopes)]
    selector = spec.scopeSelector.matchExpressions if spec.scopeSelector is not None else None
    chosen = [match_expression(one.scopeName, one.operator, items_of(one.values)) for one in items_of(selector)]
    known = [scope for scope in (*plain, *chosen) if scope is not None]
    return tuple(known) if len(known) == len(plain) + len(chosen) else None


def _holds(scope: MatchExpression, pod: CountedPod) -> bool:
    match scope.key:
        case "Terminating":
            return pod.has_deadline
        case "NotTerminating":
            return not pod.has_deadline
        case "BestEffort":
            return pod.is_best_effort
        case "NotBestEffort":
            return not pod.is_best_effort
        case "CrossNamespacePodAffinity":
            return pod.is_across_namespaces
        case "PriorityClass":
            return scope.holds({_PRIORITY_CLASS: pod.priority_class} if pod.priority_class else {})
        case _:  # such as VolumeAttributesClass, a scope of claims
            return False


def _is_of_pods(resource: str) -> bool:
    if resource in {_COUNT, "pods"} or resource.startswith((_HUGE_PAGES, f"requests.{_HUGE_PAGES}", _DEVICE_CLASS)):
        return True
    for prefix in _PREFIXES:
        if resource.startswith(prefix):
            limited = resource.removeprefix(prefix)
            return limited in _COMPUTED or (prefix == "requests." and "/" in limited and _NATIVE not in limited)
    return resource in _COMPUTED


def _has_ended(pod: Row, now: datetime) -> bool:
    if pod.status is not None and pod.status.phase in {"Failed", "Succeeded"}:
        return True
    deleted, grace_s = time_of(pod.metadata.deletionTimestamp), pod.metadata.deletionGracePeriodSeconds
    if deleted is None or grace_s is None:
        return False
    try:
        return bool(now > deleted + timedelta(seconds=grace_s))
    except OverflowError:
        return bool(grace_s < 0)


def _terms(affinity: Row | None) -> Iterator[Row]:
    for one in (affinity.podAffinity, affinity.podAntiAffinity) if affinity is not None else ():
        if one is not None:
            yield from items_of(one.requiredDuringSchedulingIgnoredDuringExecution)
            for preferred in items_of(one.preferredDuringSchedulingIgnoredDuringExecution):
                if preferred.podAffinityTerm is not None:
                    yield preferred.podAffinityTerm

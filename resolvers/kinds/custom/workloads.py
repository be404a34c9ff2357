"""Links of custom workloads to the workloads that they control or scale.

Source: the API references of Knative Serving, prometheus-operator, Argo Rollouts, JobSet, LeaderWorkerSet and KEDA.
"""

from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_KNATIVE: Final = "serving.knative.dev"
_MONITORING: Final = "monitoring.coreos.com"
_STATEFUL_SET: Final = GroupKind("apps", "StatefulSet")
_DEPLOYMENT: Final = GroupKind("apps", "Deployment")


def _controlled(of: GroupKind, to: GroupKind, name: str, back: str) -> CustomLink:
    return CustomLink(of, to, name, back, by=By.CONTROLLER)


def _knative(name: str) -> GroupKind:
    return GroupKind(_KNATIVE, name)


WORKLOADS: Final = (
    _controlled(_knative("Configuration"), _knative("Service"), "knativeService", "configurations"),
    _controlled(_knative("Route"), _knative("Service"), "knativeService", "routes"),
    _controlled(_knative("Revision"), _knative("Configuration"), "configuration", "revisions"),
    _controlled(_DEPLOYMENT, _knative("Revision"), "revisionOwner", "deployments"),
    _controlled(_STATEFUL_SET, GroupKind(_MONITORING, "Prometheus"), "prometheus", "statefulSets"),
    _controlled(_STATEFUL_SET, GroupKind(_MONITORING, "Alertmanager"), "alertmanager", "statefulSets"),
    _controlled(GroupKind("apps", "ReplicaSet"), GroupKind("argoproj.io", "Rollout"), "rolloutOwner", "replicaSets"),
    _controlled(GroupKind("batch", "Job"), GroupKind("jobset.x-k8s.io", "JobSet"), "jobSet", "jobs"),
    _controlled(
        _STATEFUL_SET, GroupKind("leaderworkerset.x-k8s.io", "LeaderWorkerSet"), "leaderWorkerSet", "statefulSets"
    ),
    CustomLink(
        GroupKind("keda.sh", "ScaledObject"),
        _DEPLOYMENT,
        "deployment",
        "scaledObjects",
        "spec.scaleTargetRef",
        by=By.REFERENCE,
        is_default=True,
    ),
)
"""Custom workloads with the Deployments, StatefulSets, ReplicaSets and Jobs that they control or scale."""

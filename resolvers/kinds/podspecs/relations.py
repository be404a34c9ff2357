"""Pods' relations to objects of other kinds: those that select pods, that pods name, and that control them.

Each relation is one value, so that both directions of a link follow one rule.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.references import (
    claim_names,
    claim_reads,
    config_map_names,
    config_map_reads,
    secret_names,
    secret_reads,
)
from resolvers.links.labels import EVERYTHING, ObjectSelector, label_selector, map_selector, selector_reads
from resolvers.links.naming import NamedPlace, Naming, by_paths, namespace_of
from resolvers.links.owning import Owning
from resolvers.links.selecting import Selecting

HOME: Final = ("metadata.name", "metadata.namespace")


def _service_selectors(service: Row) -> Iterator[ObjectSelector]:
    """Yields the selector of a service; none without a selector, or for another host's name.

    Source: `syncService` in kubernetes/pkg/controller/endpointslice/endpointslice_controller.go.
    """
    spec = service.spec
    selector = map_selector(spec.selector) if spec and spec.type != "ExternalName" else None
    if selector is not None:
        yield selector


def _policy_selectors(policy: Row) -> Iterator[ObjectSelector]:
    """Yields the selector of a network policy; an empty one selects all pods, and so does a missing one.

    Source: `NetworkPolicySpec` of networking.k8s.io/v1.
    """
    chosen = policy.spec.podSelector if policy.spec else None
    selector = label_selector(chosen) if chosen is not None else EVERYTHING
    if selector is not None:
        yield selector


def _budget_selectors(budget: Row) -> Iterator[ObjectSelector]:
    """Yields the selector of a disruption budget: an empty one selects all pods, a missing one none.

    Source: `PodDisruptionBudgetSpec` of policy/v1.
    """
    selector = label_selector(budget.spec.selector) if budget.spec else None
    if selector is not None:
        yield selector


SERVICE_PODS: Final = Selecting(kinds.SERVICE, kinds.POD, ("spec.selector", "spec.type"), _service_selectors)
NETWORK_POLICY_PODS: Final = Selecting(
    kinds.NETWORK_POLICY, kinds.POD, selector_reads("spec.podSelector"), _policy_selectors
)
BUDGET_PODS: Final = Selecting(
    kinds.POD_DISRUPTION_BUDGET, kinds.POD, selector_reads("spec.selector"), _budget_selectors
)


def _config_maps(pod: Row) -> Iterator[NamedPlace]:
    return _at_home(pod, config_map_names(pod.spec))


def _secrets(pod: Row) -> Iterator[NamedPlace]:
    return _at_home(pod, secret_names(pod.spec))


def _claims(pod: Row) -> Iterator[NamedPlace]:
    return _at_home(pod, claim_names(pod.spec, pod.metadata.name))


def _service_account(pod: Row) -> Iterator[NamedPlace]:
    """Yields the account of a pod; API servers fill in `default`, so one without is a mirror pod, which has none."""
    spec = pod.spec
    return _at_home(pod, [spec.serviceAccountName or spec.serviceAccount or ""] if spec else ())


def _resource_claims(pod: Row) -> Iterator[NamedPlace]:
    """Yields the resource claims that a pod names, and those made for it from templates.

    Source: `Name` in k8s.io/dynamic-resource-allocation/resourceclaim: a claim of a template is in the pod's status.
    """
    made = items_of(pod.status.resourceClaimStatuses if pod.status else None)
    names = {one.name: one.resourceClaimName for one in made}
    own = items_of(pod.spec.resourceClaims if pod.spec else None)
    return _at_home(pod, (one.resourceClaimName or names.get(one.name) or "" for one in own))


def _csi_drivers(pod: Row) -> Iterator[NamedPlace]:
    for volume in items_of(pod.spec.volumes if pod.spec else None):
        if volume.csi is not None and volume.csi.driver:
            yield None, volume.csi.driver


def _at_home(pod: Row, names: Iterable[str]) -> Iterator[NamedPlace]:
    home = namespace_of(pod)
    return ((home, name) for name in names)


def _endpoints(slice_: Row) -> Iterator[NamedPlace]:
    home = namespace_of(slice_)
    for endpoint in items_of(slice_.endpoints):
        target = endpoint.targetRef
        if target is not None and target.kind == kinds.POD.name and target.namespace in (None, "", home):
            yield home, target.name


POD_CONFIG_MAPS: Final = Naming(kinds.POD, kinds.CONFIG_MAP, (*HOME, *config_map_reads()), _config_maps)
POD_SECRETS: Final = Naming(kinds.POD, kinds.SECRET, (*HOME, *secret_reads()), _secrets)
POD_CLAIMS: Final = Naming(kinds.POD, kinds.PERSISTENT_VOLUME_CLAIM, (*HOME, *claim_reads()), _claims)
POD_SERVICE_ACCOUNT: Final = Naming(
    kinds.POD, kinds.SERVICE_ACCOUNT, (*HOME, "spec.serviceAccountName", "spec.serviceAccount"), _service_account
)
POD_RESOURCE_CLAIMS: Final = Naming(
    kinds.POD,
    kinds.RESOURCE_CLAIM,
    (
        *HOME,
        "spec.resourceClaims.name",
        "spec.resourceClaims.resourceClaimName",
        "status.resourceClaimStatuses.name",
        "status.resourceClaimStatuses.resourceClaimName",
    ),
    _resource_claims,
)
POD_PRIORITY_CLASS: Final = by_paths(kinds.POD, kinds.PRIORITY_CLASS, "spec.priorityClassName")
POD_RUNTIME_CLASS: Final = by_paths(kinds.POD, kinds.RUNTIME_CLASS, "spec.runtimeClassName")
POD_CSI_DRIVERS: Final = Naming(kinds.POD, kinds.CSI_DRIVER, ("spec.volumes.csi.driver",), _csi_drivers)
"""The drivers of a pod's own volumes; those of its claims are their storage classes' and volumes'."""

ENDPOINT_SLICE_PODS: Final = Naming(
    kinds.ENDPOINT_SLICE,
    kinds.POD,
    ("metadata.namespace", *(f"endpoints.targetRef.{key}" for key in ("kind", "namespace", "name"))),
    _endpoints,
)

JOB_PODS: Final = Owning(kinds.JOB, kinds.POD)
DAEMON_SET_PODS: Final = Owning(kinds.DAEMON_SET, kinds.POD)
STATEFUL_SET_PODS: Final = Owning(kinds.STATEFUL_SET, kinds.POD)
REPLICA_SET_PODS: Final = Owning(kinds.REPLICA_SET, kinds.POD)
REPLICATION_CONTROLLER_PODS: Final = Owning(kinds.REPLICATION_CONTROLLER, kinds.POD)

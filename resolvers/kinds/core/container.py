"""Containers of a pod: each one of its spec with its status.

A row is a `PodContainer`. Its fields read paths of the pod, which are decoded only if the field is selected: a field
that reads `of_specs("image")` finds `container.spec.image`, and one that reads `of_statuses("ready")` finds
`container.status.ready`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import GenericAlias
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF, Selection
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.core.containerprobes import PROBE_READS, ContainerProbes, probes_of
from resolvers.kinds.core.containerstate import (
    STATE_READS,
    TERMINATION_READS,
    PodContainerState,
    PodContainerTermination,
    state_of,
    termination_of,
)
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.longlists import items_of
from resolvers.kinds.resources import Resources, amounts_of, resources
from resolvers.links.members import Family, Owner

CONTAINERS = Family(Owner("PodContainer", part_of=kinds.POD))

_SPECS: Final = ("spec.initContainers", "spec.containers", "spec.ephemeralContainers")
_STATUSES: Final = ("status.initContainerStatuses", "status.containerStatuses", "status.ephemeralContainerStatuses")


class ContainerKind(StrEnum):
    """The role of a container in its pod."""

    INIT = "INIT"
    SIDECAR = "SIDECAR"
    APP = "APP"
    EPHEMERAL = "EPHEMERAL"


@dataclass(slots=True)
class PodContainer:
    """One container of a pod.

    Attributes:
        cluster: the pod's cluster.
        pod: the pod, with the paths that the container's fields read.
        name: the container's name.
        kind: its role in the pod.
        spec: its entry in the pod's spec.
        status: its entry in the pod's status; None before the kubelet has written one.
    """

    cluster: FleetCluster
    pod: Row
    name: str
    kind: ContainerKind
    spec: Row
    status: Row | None
    selection: ClassVar[Selection] = LEAF  # it is a row, not a value with all its fields


class PodContainerPort(Struct, frozen=True):
    """A port that a container exposes."""

    name: Annotated[str | None, Meta(description="Its name, by which services refer to it.")]
    port: Annotated[int | None, Meta(description="Its number in the pod.")]
    protocol: Annotated[str, Meta(description="TCP, UDP or SCTP.")]
    hostPort: Annotated[int | None, Meta(description="Its number on the node.")]  # noqa: N815  the GraphQL name


def of_specs(*paths: str) -> tuple[str, ...]:
    """Returns the pod's paths of containers' specs, such as spec.containers.image for `image`."""
    return tuple(f"{containers}.{path}" for containers in _SPECS for path in paths)


def of_statuses(*paths: str) -> tuple[str, ...]:
    """Returns the pod's paths of containers' statuses, such as status.containerStatuses.ready for `ready`."""
    return tuple(f"{statuses}.{path}" for statuses in _STATUSES for path in paths)


@PODS.derived(
    *of_specs("name"),
    "spec.initContainers.restartPolicy",
    *of_statuses("name"),
    description="Its containers, each with its status: init containers and sidecars, then the others, then ephemeral "
    "ones, as in `kubectl describe pod`.",
    returns=GenericAlias(list, (CONTAINERS.owner,)),
)
def containers(pod: Row, cluster: FleetCluster) -> Sequence[PodContainer]:
    """Joins specs and statuses by name."""
    return [*_containers(pod, cluster)]


def _containers(pod: Row, cluster: FleetCluster) -> Iterator[PodContainer]:
    spec, status = pod.spec, pod.status
    if spec is None:
        return
    for specs, statuses, kind in (
        (spec.initContainers, status and status.initContainerStatuses, ContainerKind.INIT),
        (spec.containers, status and status.containerStatuses, ContainerKind.APP),
        (spec.ephemeralContainers, status and status.ephemeralContainerStatuses, ContainerKind.EPHEMERAL),
    ):
        by_name = {one.name: one for one in items_of(statuses)} if specs else {}
        for one in items_of(specs):
            is_sidecar = kind is ContainerKind.INIT and one.restartPolicy == "Always"
            role = ContainerKind.SIDECAR if is_sidecar else kind
            yield PodContainer(cluster, pod, one.name or "", role, one, by_name.get(one.name))


@CONTAINERS.derived(description="Its name.")
def name(container: PodContainer) -> str:
    """Returns the name."""
    return container.name


@CONTAINERS.derived(description="Its role in the pod.")
def kind(container: PodContainer) -> ContainerKind:
    """Returns the role."""
    return container.kind


@CONTAINERS.derived(*of_specs("image"), description="Its image as the spec names it.")
def image(container: PodContainer) -> str | None:
    """Returns the image of the spec."""
    value: str | None = container.spec.image
    return value


@CONTAINERS.derived(
    *of_statuses("imageID"),
    description="The digest of the image that it runs; null before the image is there.",
    name="imageID",
)
def image_id(container: PodContainer) -> str | None:
    """Returns the image ID of the status."""
    return (container.status.imageID or None) if container.status else None


@CONTAINERS.derived(*of_statuses("ready"), description="True if it is ready.")
def ready(container: PodContainer) -> bool:
    """Returns whether its status says so."""
    return bool(container.status and container.status.ready)


@CONTAINERS.derived(
    *of_statuses("started"), description="True if it has started: it runs, and its startup probe passed."
)
def started(container: PodContainer) -> bool:
    """Returns whether its status says so."""
    return bool(container.status and container.status.started)


@CONTAINERS.derived(*of_statuses("restartCount"), description="How often it was started again.")
def restarts(container: PodContainer) -> int:
    """Returns the count of its status."""
    return (container.status.restartCount or 0) if container.status else 0


@CONTAINERS.derived(*of_statuses(*STATE_READS), description="Its state now; null before the kubelet has written one.")
def state(container: PodContainer) -> PodContainerState | None:
    """Returns the state of its status."""
    return state_of(container.status.state) if container.status else None


@CONTAINERS.derived(
    *of_statuses(*TERMINATION_READS),
    description="The end of its last run before this one, such as a crash (`OOMKilled`); null if it is in its first.",
)
def last_termination(container: PodContainer) -> PodContainerTermination | None:
    """Returns the last state of its status, if that is an end."""
    last = container.status.lastState if container.status else None
    return termination_of(last.terminated) if last and last.terminated else None


@CONTAINERS.derived(*of_specs("resources.requests"), description="The resources that its spec requests.")
def requests(container: PodContainer) -> Resources:
    """Returns the requests of its spec."""
    return resources(amounts_of(container.spec.resources.requests if container.spec.resources else None))


@CONTAINERS.derived(*of_specs("resources.limits"), description="The limits of its resources by its spec.")
def limits(container: PodContainer) -> Resources:
    """Returns the limits of its spec."""
    return resources(amounts_of(container.spec.resources.limits if container.spec.resources else None))


@CONTAINERS.derived(*of_specs(*PROBE_READS), description="Its probes in words, as in `kubectl describe pod`.")
def probes(container: PodContainer) -> ContainerProbes:
    """Returns the probes of its spec."""
    return probes_of(container.spec)


@CONTAINERS.derived(
    *of_specs("ports.name", "ports.containerPort", "ports.protocol", "ports.hostPort"),
    description="The ports that it exposes, as its spec lists them.",
)
def ports(container: PodContainer) -> list[PodContainerPort]:
    """Returns the ports of its spec."""
    return [
        PodContainerPort(one.name or None, one.containerPort, one.protocol or "TCP", one.hostPort or None)
        for one in items_of(container.spec.ports)
    ]

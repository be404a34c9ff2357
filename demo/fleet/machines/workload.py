"""An application in one cluster: its revisions and its pods, before they are written as objects.

Everything that is said about it (counts, endpoints, conditions, events) is computed from these pods, so that no two
objects can contradict each other.
"""

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from demo.fleet.company.application import Application, Controller
from demo.fleet.machines.site import Machine, Site
from demo.fleet.moment import DAY_S


class State(Enum):
    """What has become of a pod."""

    RUNNING = "running"
    STARTING = "running, not ready yet"
    CREATING = "its containers are being created"
    BACKING_OFF = "its container ended, and is started again after a pause"
    IMAGE_MISSING = "its image cannot be pulled"
    UNSCHEDULABLE = "no node takes it"
    LEAVING = "deleted, its containers are ending"
    LOST = "deleted, but its node does not say whether it has ended"
    UNHEARD_OF = "its node does not say how it is"


_READY = {State.RUNNING}
_GONE = {State.LEAVING, State.LOST}
UNPLACED = {State.UNSCHEDULABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A pod's state with its figures.

    Attributes:
        restarts: of the main container.
        at_s: when the state began.
        exit_code, exit_reason: how the main container ended last; no reason if it never did.
        message: what the state is about, where that differs from pod to pod.
    """

    state: State = State.RUNNING
    restarts: int = 0
    at_s: float = 0.0
    exit_code: int = 0
    exit_reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a workload's template, the hash of which names its replica set."""

    number: int
    tag: str
    hash: str
    created_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod before it is written.

    Attributes:
        ordinal: which of its workload's pods; decides on its address.
    """

    name: str
    ordinal: int
    machine: Machine | None
    ip: str
    revision: Revision
    created_s: float
    condition: Condition

    @property
    def state(self) -> State:
        """What has become of it."""
        return self.condition.state

    @property
    def is_ready(self) -> bool:
        """Whether it serves requests."""
        return self.state in _READY

    @property
    def is_active(self) -> bool:
        """Whether its controller counts it."""
        return self.state not in _GONE

    def with_condition(self, condition: Condition, *, machine: Machine | None) -> "Pod":
        """The same pod in another state."""
        return replace(self, condition=condition, machine=machine)


@dataclass(frozen=True)
class Workload:
    """An application in one cluster.

    Attributes:
        index: its number in the cluster, for addresses.
        revisions: the newest first.
        is_stalled: whether its rollout has not come on for longer than it may.
    """

    site: Site
    application: Application
    index: int
    desired: int
    revisions: tuple[Revision, ...]
    pods: tuple[Pod, ...]
    is_stalled: bool = False

    @property
    def name(self) -> str:
        """The application's name."""
        return self.application.name

    @property
    def namespace(self) -> str:
        """The application's namespace."""
        return self.application.namespace

    @property
    def kind(self) -> Controller:
        """The kind of its controller."""
        return self.application.controller

    @property
    def uid(self) -> str:
        """Of its controller."""
        return self.site.uid(self.kind, self.namespace, self.name)

    @property
    def created_s(self) -> float:
        """When the application came to the cluster."""
        return self.site.created_s + DAY_S * (1 + self.index % 9)

    @property
    def service_account(self) -> str:
        """The account that its pods run as."""
        return self.name

    @cached_property
    def active(self) -> tuple[Pod, ...]:
        """Pods that the controller counts."""
        return tuple(pod for pod in self.pods if pod.is_active)

    @cached_property
    def ready(self) -> int:
        """Pods that serve requests."""
        return sum(pod.is_ready for pod in self.pods)

    @cached_property
    def updated(self) -> int:
        """Counted pods of the newest revision."""
        return sum(pod.revision == self.revisions[0] for pod in self.active)

    def selector(self) -> dict[str, str]:
        """The labels by which it knows its pods."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/instance": self.name}

    def labels(self) -> dict[str, str]:
        """The labels of everything that belongs to it."""
        return {
            **self.selector(),
            "app.kubernetes.io/version": self.revisions[0].tag,
            "app.kubernetes.io/component": self.application.component,
            "app.kubernetes.io/managed-by": "argocd",
            "team": self.namespace,
        }

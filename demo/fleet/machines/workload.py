"""An application in one cluster: the plan of its revisions and pods.

All objects (counts, endpoints, conditions, events) are computed from these pods, so that they never contradict each
other.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from demo.fleet.company.application import Application, Controller
from demo.fleet.machines.site import Machine, Site
from demo.fleet.moment import DAY_S


class State(Enum):
    """The state of a pod."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A pod's state with its figures.

    Attributes:
        restarts: The restarts of the main container.
        at_s: The begin of the state.
        exit_code, exit_reason: The last exit of the main container; no reason if there was none.
        message: The details of the state, if they differ from pod to pod.
    """

    state: State = State.RUNNING
    restarts: int = 0
    at_s: float = 0.0
    exit_code: int = 0
    exit_reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a workload's template; its hash is part of the name of the replica set."""

    number: int
    tag: str
    hash: str
    created_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPod:
    """One pod of the plan.

    Attributes:
        ordinal: Its number in the workload, which decides on its address.
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
        """Returns the state."""
        return self.condition.state

    @property
    def is_ready(self) -> bool:
        """Returns whether it serves requests."""
        return self.state in _READY

    @property
    def is_active(self) -> bool:
        """Returns whether its controller counts it."""
        return self.state not in _GONE


@dataclass(frozen=True)
class Workload:
    """An application in one cluster.

    Attributes:
        index: Its number in the cluster, for addresses.
        revisions: Its revisions, the newest first.
        is_stalled: Whether its rollout has exceeded its deadline.
    """

    site: Site
    application: Application
    index: int
    desired: int
    revisions: tuple[Revision, ...]
    pods: tuple[PlannedPod, ...]
    is_stalled: bool = False

    @property
    def name(self) -> str:
        """Returns the application's name."""
        return self.application.name

    @property
    def namespace(self) -> str:
        """Returns the application's namespace."""
        return self.application.namespace

    @property
    def kind(self) -> Controller:
        """Returns the kind of its controller."""
        return self.application.controller

    @property
    def uid(self) -> str:
        """Returns the uid of its controller."""
        return self.site.uid(self.kind, self.namespace, self.name)

    @property
    def created_s(self) -> float:
        """Returns the time at which the application was added to the cluster."""
        return self.site.created_s + DAY_S * (1 + self.index % 9)

    @property
    def service_account(self) -> str:
        """Returns the service account of its pods."""
        return self.name

    @property
    def host(self) -> str:
        """Returns the host name of its ingress."""
        return f"{self.application.host}.{self.site.profile.name}.example.com"

    @cached_property
    def active(self) -> tuple[PlannedPod, ...]:
        """Returns the pods that the controller counts."""
        return tuple(pod for pod in self.pods if pod.is_active)

    @cached_property
    def ready(self) -> int:
        """Returns the number of pods that serve requests."""
        return sum(pod.is_ready for pod in self.pods)

    @cached_property
    def updated(self) -> int:
        """Returns the number of counted pods of the newest revision."""
        return sum(pod.revision == self.revisions[0] for pod in self.active)

    def tracked(self, resource: str, name: str) -> dict[str, str]:
        """Returns the annotation of Argo CD on an object of its application, which is named after the namespace.

        Args:
            resource: The group and the kind, such as `apps/Deployment` or `/Service`.
            name: The name of the object.
        """
        return {"argocd.argoproj.io/tracking-id": f"{self.namespace}:{resource}:{self.namespace}/{name}"}

    def selector(self) -> dict[str, str]:
        """Returns the labels that select its pods."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/instance": self.name}

    def labels(self) -> dict[str, str]:
        """Returns the labels of all of its objects."""
        return {
            **self.selector(),
            "app.kubernetes.io/version": self.revisions[0].tag,
            "app.kubernetes.io/component": self.application.component,
            "team": self.namespace,
        }

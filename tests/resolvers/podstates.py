"""Pods in every state that kubectl's printer tells apart, with the columns STATUS and RESTARTS that it shows.

After `TestPrintPod` and its siblings of kubernetes/pkg/printers/internalversion/printers_test.go.
"""

from dataclasses import dataclass

from tests.controlplane.json_object import JsonObject, JsonValue

RUNNING: JsonObject = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
DONE: JsonObject = {"terminated": {"exitCode": 0, "reason": "Completed"}}


@dataclass(frozen=True)
class PodState:
    """One state: the fields of a pod, and its columns in kubectl."""

    status: str
    restarts: int = 0
    phase: str = "Running"
    containers: tuple[JsonObject, ...] = ()
    init: tuple[JsonObject, ...] = ()
    ephemeral: tuple[JsonObject, ...] = ()
    conditions: tuple[JsonObject, ...] = ()
    sidecars: tuple[str, ...] = ()
    reason: str | None = None
    gates: bool = False
    is_deleted: bool = False
    declared_init: int | None = None

    @property
    def spec(self) -> JsonObject:
        """Returns containers as they are declared; `init-N` restarts always if it is one of the sidecars."""
        count = len(self.init) if self.declared_init is None else self.declared_init
        init: list[JsonValue] = [
            _container(f"init-{index}") | ({"restartPolicy": "Always"} if f"init-{index}" in self.sidecars else {})
            for index in range(count)
        ]
        named: list[JsonValue] = [_container(f"app-{index}") for index in range(max(1, len(self.containers)))]
        spec: JsonObject = {"containers": named, "automountServiceAccountToken": False}
        spec |= {"initContainers": init} if init else {}
        return spec | ({"schedulingGates": [{"name": "example.com/gate"}]} if self.gates else {})

    @property
    def pod_status(self) -> JsonObject:
        """Returns the pod's `status`."""
        made: JsonObject = {"phase": self.phase, "conditions": list(self.conditions)}
        made |= {"reason": self.reason} if self.reason else {}
        made |= {"initContainerStatuses": _statuses("init", self.init)} if self.init else {}
        made |= {"ephemeralContainerStatuses": _statuses("debug", self.ephemeral)} if self.ephemeral else {}
        return made | ({"containerStatuses": _statuses("app", self.containers)} if self.containers else {})


def container(state: JsonObject, *, restarts: int = 0, ready: bool = False, started: bool | None = None) -> JsonObject:
    """Returns the status of a container."""
    made: JsonObject = {"state": state, "restartCount": restarts, "ready": ready}
    return made if started is None else {**made, "started": started}


def waiting(reason: str) -> JsonObject:
    """Returns the state of a waiting container."""
    return {"waiting": {"reason": reason}}


def terminated(code: int, reason: str = "", signal: int = 0) -> JsonObject:
    """Returns the state of a terminated container."""
    ended: JsonObject = {"exitCode": code}
    return {"terminated": ended | ({"reason": reason} if reason else {}) | ({"signal": signal} if signal else {})}


def condition(kind: str, status: str = "True", reason: str = "") -> JsonObject:
    """Returns a condition."""
    made: JsonObject = {"type": kind, "status": status}
    return made | ({"reason": reason} if reason else {})


_READY = container(RUNNING, ready=True)

STATES: dict[str, PodState] = {
    "running": PodState("Running", 3, containers=(container(RUNNING, ready=True, restarts=3),)),
    "two-containers": PodState(
        "Running", 9, containers=(container(RUNNING, restarts=4), container(RUNNING, restarts=5))
    ),
    "pending": PodState("Pending", phase="Pending"),
    "succeeded": PodState("Completed", phase="Succeeded", containers=(container(DONE),)),
    "succeeded-without-containers": PodState("Succeeded", phase="Succeeded"),
    "failed": PodState("Error", phase="Failed", containers=(container(terminated(1, "Error")),)),
    "out-of-memory": PodState("OOMKilled", phase="Failed", containers=(container(terminated(137, "OOMKilled")),)),
    "evicted": PodState("Evicted", phase="Failed", reason="Evicted"),
    "node-lost": PodState("NodeLost", reason="NodeLost", containers=(_READY,)),
    "crash-looping": PodState(
        "CrashLoopBackOff", 41, containers=(container(waiting("CrashLoopBackOff"), restarts=41),)
    ),
    "image-missing": PodState(
        "ImagePullBackOff", phase="Pending", containers=(container(waiting("ImagePullBackOff")),)
    ),
    "creating": PodState("ContainerCreating", phase="Pending", containers=(container(waiting("ContainerCreating")),)),
    "first-container-decides": PodState(
        "ErrImagePull",
        1,
        containers=(container(waiting("ErrImagePull")), container(waiting("CrashLoopBackOff"), restarts=1)),
    ),
    "waiting-without-reason": PodState("Running", containers=(container({"waiting": {}}),)),
    "exit-code": PodState("ExitCode:3", phase="Failed", containers=(container(terminated(3)),)),
    "signal": PodState("Signal:9", phase="Failed", containers=(container(terminated(137, signal=9)),)),
    "one-completed-and-ready": PodState(
        "Running", containers=(container(DONE), _READY), conditions=(condition("Ready"),)
    ),
    "one-completed-and-not-ready": PodState("NotReady", containers=(container(DONE), _READY)),
    "one-completed-ready-false": PodState(
        "NotReady", containers=(container(DONE), _READY), conditions=(condition("Ready", "False"),)
    ),
    "one-completed-the-other-not-ready": PodState("Completed", containers=(container(DONE), container(RUNNING))),
    "error-beside-completed": PodState(
        "Error",
        containers=(container(DONE), container(terminated(1, "Error"))),
        conditions=(condition("Ready", "False"),),
    ),
    "out-of-memory-beside-completed-and-running": PodState(
        "OOMKilled", containers=(container(DONE), container(terminated(137, "OOMKilled")), _READY)
    ),
    "exit-code-beside-completed": PodState("ExitCode:2", containers=(container(DONE), container(terminated(2)))),
    "first-error-decides": PodState(
        "ExitCode:2", containers=(container(DONE), container(terminated(2)), container(terminated(1, "Error")))
    ),
    "error-beside-completed-though-ready": PodState(
        "Running",
        containers=(container(DONE), container(terminated(1, "Error")), _READY),
        conditions=(condition("Ready"),),
    ),
    "gated": PodState(
        "SchedulingGated",
        phase="Pending",
        gates=True,
        conditions=(condition("PodScheduled", "False", "SchedulingGated"),),
    ),
    "init-first-of-two": PodState(
        "Init:0/2", phase="Pending", init=(container(RUNNING), container(waiting("PodInitializing")))
    ),
    "init-second-of-two": PodState(
        "Init:1/2", 2, phase="Pending", init=(container(DONE, restarts=2), container(RUNNING))
    ),
    "init-waiting": PodState(
        "Init:0/1",
        phase="Pending",
        init=(container(waiting("PodInitializing")),),
        containers=(container(waiting("PodInitializing")),),
    ),
    "init-crash-looping": PodState(
        "Init:CrashLoopBackOff",
        7,
        phase="Pending",
        init=(
            container(DONE, restarts=2),
            container(waiting("CrashLoopBackOff"), restarts=5),
            container(waiting("PodInitializing"), restarts=9),
        ),
    ),
    "init-image-missing": PodState("Init:ErrImagePull", phase="Pending", init=(container(waiting("ErrImagePull")),)),
    "init-failed": PodState("Init:Error", 1, phase="Pending", init=(container(terminated(1, "Error"), restarts=1),)),
    "init-exit-code": PodState("Init:ExitCode:1", phase="Pending", init=(container(terminated(1)),)),
    "init-signal": PodState("Init:Signal:9", phase="Pending", init=(container(terminated(137, signal=9)),)),
    "init-without-state": PodState("Init:0/1", phase="Pending", init=(container({}),)),
    "init-not-all-reported": PodState("Init:0/3", phase="Pending", init=(container(RUNNING),), declared_init=3),
    "init-done": PodState(
        "PodInitializing",
        phase="Pending",
        init=(container(DONE, restarts=4),),
        containers=(container(waiting("PodInitializing")),),
    ),
    "init-done-running": PodState(
        "Running", 2, init=(container(DONE, restarts=4),), containers=(container(RUNNING, ready=True, restarts=2),)
    ),
    "initialized-though-init-restarts": PodState(
        "Init:0/1",
        2,
        init=(container(RUNNING, restarts=4),),
        containers=(container(RUNNING, ready=True, restarts=2),),
        conditions=(condition("Initialized"), condition("Ready")),
    ),
    "sidecar-started": PodState(
        "Running",
        7,
        init=(container(RUNNING, restarts=5, ready=True, started=True),),
        sidecars=("init-0",),
        containers=(container(RUNNING, ready=True, restarts=2),),
    ),
    "sidecar-not-started": PodState(
        "Init:0/1", 5, phase="Pending", init=(container(RUNNING, restarts=5, started=False),), sidecars=("init-0",)
    ),
    "sidecar-then-init": PodState(
        "Init:1/2",
        5,
        phase="Pending",
        init=(container(RUNNING, restarts=2, ready=True, started=True), container(RUNNING, restarts=3)),
        sidecars=("init-0",),
    ),
    "sidecar-crash-looping": PodState(
        "Init:CrashLoopBackOff",
        8,
        phase="Pending",
        init=(container(waiting("CrashLoopBackOff"), restarts=8, started=False),),
        sidecars=("init-0",),
    ),
    "later-sidecar-is-not-counted": PodState(
        "Init:0/2",
        3,
        init=(container(RUNNING, restarts=1), container(RUNNING, restarts=6, started=True)),
        sidecars=("init-1",),
        containers=(container(RUNNING, ready=True, restarts=3),),
        conditions=(condition("Initialized"),),
    ),
    "job-done-with-sidecar": PodState(
        "Completed",
        phase="Succeeded",
        init=(container(terminated(0, "Completed"), restarts=0),),
        sidecars=("init-0",),
        containers=(container(DONE),),
    ),
    "deleted": PodState("Terminating", 1, is_deleted=True, containers=(container(RUNNING, ready=True, restarts=1),)),
    "deleted-pending": PodState("Terminating", phase="Pending", is_deleted=True),
    "deleted-succeeded": PodState("Completed", phase="Succeeded", is_deleted=True, containers=(container(DONE),)),
    "deleted-failed": PodState(
        "Error", phase="Failed", is_deleted=True, containers=(container(terminated(1, "Error")),)
    ),
    "deleted-node-lost": PodState("Unknown", is_deleted=True, reason="NodeLost", containers=(_READY,)),
    "deleted-initializing": PodState("Terminating", phase="Pending", is_deleted=True, init=(container(RUNNING),)),
}


def _container(name: str) -> JsonObject:
    return {"name": name, "image": "registry.example.com/app:1"}


def _statuses(prefix: str, statuses: tuple[JsonObject, ...]) -> list[JsonValue]:
    names: JsonObject = {"image": "registry.example.com/app:1", "imageID": ""}
    return [{"name": f"{prefix}-{index}", **names, **item} for index, item in enumerate(statuses)]

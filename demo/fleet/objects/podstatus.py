"""The status of a pod by its kubelet, for each state of the fleet's pods."""

from typing import Final

from demo.fleet.chance import draw, hexadecimal
from demo.fleet.company.application import Application
from demo.fleet.machines.workload import Condition, PlannedPod, State, Workload
from demo.fleet.manifest import Manifest
from demo.fleet.moment import HOUR_S, stamp
from demo.fleet.objects.containers import container_images, qos_class, resources

_START_S: Final = 4
_READY_S: Final = 12
_NOT_READY: Final = "ContainersNotReady"
_STARTED: Final = frozenset({State.RUNNING, State.STARTING, State.LEAVING, State.LOST, State.UNHEARD_OF})


def pod_status(workload: Workload, pod: PlannedPod) -> Manifest:
    """Returns the `status` of a pod."""
    status: Manifest = {
        "phase": "Running" if pod.state in _STARTED or pod.state is State.BACKING_OFF else "Pending",
        "conditions": _conditions(workload, pod),
        "qosClass": qos_class(workload.application),
    }
    if pod.machine is None:
        return status
    host = pod.machine.ip
    status |= {"hostIP": host, "hostIPs": [{"ip": host}], "startTime": stamp(pod.created_s)}
    if pod.state is not State.CREATING:
        ip = host if workload.application.is_host_network else pod.ip
        status |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    main, *sidecars = _containers(workload, pod)
    migrations = [_migration(workload, pod)] if workload.application.has_migration else []
    if sidecars or migrations:
        status["initContainerStatuses"] = [*sidecars, *migrations]
    status["containerStatuses"] = [main]
    return status


def _conditions(workload: Workload, pod: PlannedPod) -> list[Manifest]:
    if pod.machine is None:
        return [_condition("PodScheduled", False, pod.created_s, reason="Unschedulable", message=pod.condition.message)]
    is_begun = pod.state is not State.CREATING
    ready = _readiness(workload, pod)
    started_s = pod.created_s + _START_S
    return [
        _condition("PodReadyToStartContainers", is_begun, started_s if is_begun else pod.created_s),
        _condition("Initialized", is_begun or not _has_init_containers(workload.application), pod.created_s + 1),
        *ready,
        _condition("PodScheduled", True, pod.created_s),
    ]


def _has_init_containers(application: Application) -> bool:
    return application.has_migration or bool(application.sidecar)


def _readiness(workload: Workload, pod: PlannedPod) -> list[Manifest]:
    """Returns the conditions of readiness; on a lost node, the node controller sets only `Ready` to False."""
    if pod.is_ready:
        since_s = (pod.condition.at_s or pod.created_s) + _READY_S
        return [_condition("Ready", True, since_s), _condition("ContainersReady", True, since_s)]
    since_s = pod.condition.at_s or pod.created_s
    if pod.state in {State.LOST, State.UNHEARD_OF}:
        return [_condition("Ready", False, since_s), _condition("ContainersReady", True, pod.created_s + _READY_S)]
    message = f"containers with unready status: [{workload.name}]"
    return [
        _condition(kind, False, since_s, reason=_NOT_READY, message=message) for kind in ("Ready", "ContainersReady")
    ]


def _condition(kind: str, holds: bool, at_s: float, *, reason: str = "", message: str = "") -> Manifest:
    state: Manifest = {"type": kind, "status": str(holds), "lastProbeTime": None, "lastTransitionTime": stamp(at_s)}
    if reason:
        state |= {"reason": reason, "message": message}
    return state


def _containers(workload: Workload, pod: PlannedPod) -> list[Manifest]:
    """Returns the statuses of the main container and of its sidecars."""
    images = container_images(workload.application, pod.revision.tag)
    main, *sidecars = (_container(workload, pod, image, is_main=index == 0) for index, image in enumerate(images))
    main["resources"] = resources(workload.site, workload.application)
    return [main, *sidecars]


def _container(workload: Workload, pod: PlannedPod, image: tuple[str, str, str], *, is_main: bool) -> Manifest:
    name, repository, tag = image
    condition = pod.condition if is_main else Condition(state=_sidecar_state(pod.state))
    reference, digest = workload.site.image(repository, tag)
    status: Manifest = {
        "name": name,
        "image": reference,
        "imageID": digest if condition.state in _STARTED or condition.exit_reason else "",
        "ready": condition.state in {State.RUNNING, State.LOST, State.UNHEARD_OF},
        "started": condition.state in _STARTED,
        "restartCount": condition.restarts,
        "state": _state(pod, name, condition),
    }
    if status["imageID"]:
        status["containerID"] = _container_id(pod, name, condition.restarts)
    if condition.exit_reason:
        status["lastState"] = {"terminated": _ended(pod, name, condition)}
    return status


def _sidecar_state(state: State) -> State:
    """Returns the state of a sidecar, which runs while the main container waits for a restart."""
    return State.RUNNING if state is State.BACKING_OFF else state


def _state(pod: PlannedPod, container: str, condition: Condition) -> Manifest:
    if condition.state in _STARTED:
        started_s = condition.at_s if condition.restarts and condition.at_s else pod.created_s + _START_S
        return {"running": {"startedAt": stamp(started_s)}}
    if condition.state is State.BACKING_OFF:
        message = f"{condition.message} restarting failed container={container} pod={pod.name}"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    if condition.state is State.IMAGE_MISSING:
        return {"waiting": {"reason": "ImagePullBackOff", "message": condition.message}}
    return {"waiting": {"reason": "ContainerCreating"}}


def _ended(pod: PlannedPod, container: str, condition: Condition) -> Manifest:
    """Returns the exit of the container before this one: just now, if it is not restarted yet."""
    running_s = 2 * HOUR_S * draw("ran", pod.name)
    ended_s = condition.at_s or pod.created_s + running_s
    started_s = max(pod.created_s + _START_S, ended_s - (9 if condition.message else running_s))
    return {
        "exitCode": condition.exit_code,
        "reason": condition.exit_reason,
        "startedAt": stamp(min(started_s, ended_s)),
        "finishedAt": stamp(ended_s),
        "containerID": _container_id(pod, container, condition.restarts - 1),
    }


def _migration(workload: Workload, pod: PlannedPod) -> Manifest:
    reference, digest = workload.site.image(workload.application.image, pod.revision.tag)
    common: Manifest = {"name": "migrate", "image": reference, "restartCount": 0}
    if pod.state is State.CREATING:
        waiting = {"waiting": {"reason": "PodInitializing"}}
        return {**common, "imageID": "", "ready": False, "started": False, "state": waiting}
    begun_s = pod.created_s + 1
    terminated: Manifest = {
        "exitCode": 0,
        "reason": "Completed",
        "startedAt": stamp(begun_s),
        "finishedAt": stamp(begun_s + 2),
        "containerID": _container_id(pod, "migrate", 0),
    }
    identity = {"imageID": digest, "containerID": terminated["containerID"]}
    return {**common, **identity, "ready": True, "started": False, "state": {"terminated": terminated}}


def _container_id(pod: PlannedPod, container: str, restarts: int) -> str:
    return f"containerd://{hexadecimal(64, pod.name, container, restarts)}"

"""READY, STATUS and RESTARTS of a pod as in kubectl's columns, from its first 10,000 containers and conditions.

API servers print these columns. They begin with the init containers in their order: completed ones and started sidecars
are passed, and any other blocks the start of the pod.

Source: `printPod` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
"""

from collections.abc import Sequence

from k8s.reading.rowdecoders import Row
from resolvers.filters.comparing import ValueType, key
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of

_TERMINAL_PHASES = {"Succeeded", "Failed"}

READS = (
    "metadata.deletionTimestamp",
    "spec.initContainers.name",
    "spec.initContainers.restartPolicy",
    "status.phase",
    "status.reason",
    "status.conditions.type",
    "status.conditions.status",
    "status.conditions.reason",
    "status.initContainerStatuses.name",
    "status.initContainerStatuses.started",
    "status.initContainerStatuses.restartCount",
    "status.initContainerStatuses.state.waiting.reason",
    "status.initContainerStatuses.state.running.startedAt",
    "status.initContainerStatuses.state.terminated.reason",
    "status.initContainerStatuses.state.terminated.signal",
    "status.initContainerStatuses.state.terminated.exitCode",
    "status.containerStatuses.ready",
    "status.containerStatuses.restartCount",
    "status.containerStatuses.state.waiting.reason",
    "status.containerStatuses.state.running.startedAt",
    "status.containerStatuses.state.terminated.reason",
    "status.containerStatuses.state.terminated.signal",
    "status.containerStatuses.state.terminated.exitCode",
)

LAST_RESTART_READS = (
    *READS,
    "status.initContainerStatuses.lastState.terminated.finishedAt",
    "status.containerStatuses.lastState.terminated.finishedAt",
)

READY_READS = (*READS, "status.initContainerStatuses.ready")


def ready_column(pod: Row) -> int:
    """Returns the first number of READY of `kubectl get pods`: running containers and started sidecars that are ready.

    While init containers run, only the sidecars before them count.
    """
    status = pod.status
    if status is None:
        return 0
    begun, blocking = items_of(status.initContainerStatuses), _blocking(pod)
    names = sidecars(pod) if begun else set()
    ready = sum(1 for one in begun[:blocking] if one.ready and one.name in names and _is_started(one))
    if blocking is not None and not _is_initialized(status):
        return ready
    return ready + sum(1 for one in items_of(status.containerStatuses) if one.ready and _is_running(one.state))


def _is_started(status: Row) -> bool:
    """Returns whether a sidecar has started, and has not completed since."""
    state = status.state
    return bool(status.started) and not (state and state.terminated and not state.terminated.exitCode)


def _is_running(state: Row | None) -> bool:
    """Returns whether a container runs; a reason for waiting or an end beside it counts more."""
    return bool(state and state.running and not state.terminated and not (state.waiting and state.waiting.reason))


def status_column(pod: Row) -> str:
    """Returns the STATUS of `kubectl get pods`."""
    status = pod.status
    if status is None:
        return "Terminating" if pod.metadata.deletionTimestamp else "Unknown"
    reason = status.reason or status.phase or "Unknown"
    for condition in items_of(status.conditions):
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            reason = condition.reason
    blocking = _blocking(pod)
    if blocking is not None:
        reason = _init_reason(pod, blocking)
    if blocking is None or _is_initialized(status):
        reason = _containers_reason(status, reason)
    return _deletion_reason(pod, reason)


def restarts_column(pod: Row) -> int:
    """Returns the RESTARTS of `kubectl get pods`, without the time of the last one."""
    return sum(container.restartCount or 0 for container in _counted(pod))


def last_restart(pod: Row) -> Time | None:
    """Returns the time that RESTARTS shows as "(5m ago)": the latest end of a container that was started again.

    None if RESTARTS is 0, or if no such end is known.
    """
    if not restarts_column(pod):
        return None
    ends = (container.lastState.terminated for container in _counted(pod) if container.lastState)
    times = {ended.finishedAt: key(ValueType.TIME, ended.finishedAt) for ended in ends if ended}
    known = [text for text, time in times.items() if time is not None]
    return Time(max(known, key=times.__getitem__)) if known else None


def has_condition(status: Row, condition_type: str) -> bool:
    """Returns whether a condition is True."""
    for condition in items_of(status.conditions):
        if condition.type == condition_type and condition.status == "True":
            return True
    return False


def _is_initialized(status: Row) -> bool:
    conditions = items_of(status.conditions)
    return next((one.status == "True" for one in conditions if one.type == "Initialized"), False)


def sidecars(pod: Row) -> set[str]:
    """Returns the names of the init containers that run beside the others; reads their names and restartPolicy."""
    containers = items_of(pod.spec.initContainers if pod.spec else None)
    return {container.name for container in containers if container.restartPolicy == "Always"}


def _blocking(pod: Row) -> int | None:
    """Returns the index of the init container that blocks the start of the pod; None if none does."""
    statuses = items_of(pod.status.initContainerStatuses)
    names = sidecars(pod) if statuses else set()
    for index, container in enumerate(statuses):
        if not _is_passed(container, is_sidecar=container.name in names):
            return index
    return None


def _is_passed(status: Row, *, is_sidecar: bool) -> bool:
    state = status.state
    if state and state.terminated and not state.terminated.exitCode:
        return True
    return bool(is_sidecar and status.started)


def _counted(pod: Row) -> Sequence[Row]:
    """Returns the containers whose restarts count: the init containers until the pod is initialized, then all others.

    Sidecars up to the init container that blocks count in both cases.
    """
    status = pod.status
    if status is None:
        return ()
    blocking = _blocking(pod)
    begun = items_of(status.initContainerStatuses)
    if blocking is not None:
        begun = begun[: blocking + 1]
        if not _is_initialized(status):
            return begun
    if not begun:
        return items_of(status.containerStatuses)
    names = sidecars(pod)
    return [*(container for container in begun if container.name in names), *items_of(status.containerStatuses)]


def _init_reason(pod: Row, blocking: int) -> str:
    state = pod.status.initContainerStatuses[blocking].state
    if state and state.terminated:
        return f"Init:{_terminated_reason(state.terminated)}"
    if state and state.waiting and state.waiting.reason not in (None, "", "PodInitializing"):
        return f"Init:{state.waiting.reason}"
    total = len((pod.spec.initContainers if pod.spec else None) or ())
    return f"Init:{blocking}/{total}"


def _terminated_reason(terminated: Row) -> str:
    if terminated.reason:
        return str(terminated.reason)
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exitCode or 0}"


def _containers_reason(status: Row, reason: str) -> str:
    is_running, failure = False, ""
    for container in reversed(items_of(status.containerStatuses)):
        state = container.state
        if state and state.waiting and state.waiting.reason:
            reason = state.waiting.reason
        elif state and state.terminated:
            reason = _terminated_reason(state.terminated)
            failure = reason if state.terminated.exitCode else failure
        elif container.ready and state and state.running:
            is_running = True
    if reason != "Completed":
        return reason
    if is_running and has_condition(status, "Ready"):
        return "Running"
    return failure or ("NotReady" if is_running else reason)


def _deletion_reason(pod: Row, reason: str) -> str:
    if pod.metadata.deletionTimestamp is None:
        return reason
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return reason if pod.status.phase in _TERMINAL_PHASES else "Terminating"

"""STATUS and RESTARTS of a pod as in kubectl's columns, from its first 10,000 containers and conditions.

Source: `printPod` in kubernetes/pkg/printers/internalversion/printers.go.
"""

from k8s.reading.rowdecoders import Row
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


def status_column(pod: Row) -> str:
    """Returns the STATUS of `kubectl get pods`."""
    status = pod.status
    if status is None:
        return "Terminating" if pod.metadata.deletionTimestamp else "Unknown"
    reason = status.reason or status.phase or "Unknown"
    if _condition(status, "PodScheduled", field="reason") == "SchedulingGated":
        reason = "SchedulingGated"
    init_reason = _init_reason(pod)
    if init_reason is not None:
        reason = init_reason
    if init_reason is None or _condition(status, "Initialized") == "True":
        reason = _containers_reason(status, reason)
    return _deletion_reason(pod, reason)


def restarts_column(pod: Row) -> int:
    """Returns the RESTARTS of `kubectl get pods`."""
    status = pod.status
    if status is None:
        return 0
    own = sum(container.restartCount or 0 for container in items_of(status.containerStatuses))
    init = items_of(status.initContainerStatuses)
    if not init:
        return own
    if _init_reason(pod) is not None and _condition(status, "Initialized") != "True":
        return sum(container.restartCount or 0 for container in init[: _first_blocking(pod) + 1])
    sidecars = _restartable(pod)
    begun = init[: _first_blocking(pod) + 1]
    return own + sum(container.restartCount or 0 for container in begun if container.name in sidecars)


def has_condition(status: Row, condition_type: str) -> bool:
    """Returns whether a condition is True."""
    return _condition(status, condition_type) == "True"


def _condition(status: Row, condition_type: str, *, field: str = "status") -> str | None:
    for condition in items_of(status.conditions):
        if condition.type == condition_type:
            return getattr(condition, field)  # type: ignore[no-any-return]  # decoded as str or None
    return None


def _restartable(pod: Row) -> set[str]:
    containers = items_of(pod.spec.initContainers if pod.spec else None)
    return {container.name for container in containers if container.restartPolicy == "Always"}


def _first_blocking(pod: Row) -> int:
    """Returns the index of the init container that blocks the start of the pod; the number of them if none does."""
    statuses = items_of(pod.status.initContainerStatuses)
    sidecars = _restartable(pod)
    for index, container in enumerate(statuses):
        if not _is_done(container, is_sidecar=container.name in sidecars):
            return index
    return len(statuses)


def _is_done(status: Row, *, is_sidecar: bool) -> bool:
    state = status.state
    if state and state.terminated and not state.terminated.exitCode:
        return True
    return bool(is_sidecar and status.started)


def _init_reason(pod: Row) -> str | None:
    statuses = items_of(pod.status.initContainerStatuses)
    index = _first_blocking(pod) if statuses else 0
    if index >= len(statuses):
        return None
    state = statuses[index].state
    if state and state.terminated:
        return f"Init:{_terminated_reason(state.terminated)}"
    if state and state.waiting and state.waiting.reason not in (None, "", "PodInitializing"):
        return f"Init:{state.waiting.reason}"
    total = len((pod.spec.initContainers if pod.spec else None) or ())
    return f"Init:{index}/{total}"


def _terminated_reason(terminated: Row) -> str:
    if terminated.reason:
        return str(terminated.reason)
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exitCode or 0}"


def _containers_reason(status: Row, reason: str) -> str:
    is_running = False
    for container in reversed(items_of(status.containerStatuses)):
        state = container.state
        if state and state.waiting and state.waiting.reason:
            reason = state.waiting.reason
        elif state and state.terminated:
            reason = _terminated_reason(state.terminated)
        elif container.ready and state and state.running:
            is_running = True
    if reason == "Completed" and is_running:
        return "Running" if has_condition(status, "Ready") else "NotReady"
    return reason


def _deletion_reason(pod: Row, reason: str) -> str:
    if pod.metadata.deletionTimestamp is None:
        return reason
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return reason if pod.status.phase in _TERMINAL_PHASES else "Terminating"

"""Errors of requests that are rejected before they are sent. They name exactly the requests that are paused."""

from k8s.errors import CircuitOpen, TooManyRequests
from k8s.resilience.flow import Flow
from k8s.resilience.resilience import Rejection
from k8s.resilience.throttle import Pause, PauseScope


def throttled(cluster: str, flow: Flow, pause: Pause) -> TooManyRequests:
    """Returns the error of a request whose pause is longer than the time that it has left."""
    wait_s = max(1.0, pause.seconds)
    if pause.scope is PauseScope.CLUSTER:
        cause = f"it sheds load, and asks for a pause of {wait_s:.0f} s."
    elif pause.scope is PauseScope.IDENTITY and flow.identity:
        cause = f"requests as {flow.identity} are paused: it asks for a pause of {wait_s:.0f} s."
    elif pause.scope is PauseScope.IDENTITY:
        cause = f"requests with its stored credential are paused: it asks for a pause of {wait_s:.0f} s."
    elif flow.identity:
        cause = f"requests to {flow.request} as {flow.identity} are paused: it asks for a pause of {wait_s:.0f} s."
    else:
        cause = f"requests to {flow.request} are paused: it asks for a pause of {wait_s:.0f} s."
    error = TooManyRequests(cluster, cause, status=429)
    error.retry_after_s = pause.seconds
    return error


def circuit_open(cluster: str, flow: Flow, rejection: Rejection) -> CircuitOpen:
    """Returns the error of a request whose cluster or flow failed a moment ago."""
    wait_s = max(1.0, rejection.retry_in_s)
    if rejection.scope is PauseScope.CLUSTER:
        cause = f"it failed a moment ago and is asked again in {wait_s:.0f} s: {rejection.cause}"
    elif flow.identity:
        cause = (
            f"requests to {flow.request} as {flow.identity} failed a moment ago "
            f"and are sent again in {wait_s:.0f} s: {rejection.cause}"
        )
    else:
        cause = (
            f"requests to {flow.request} failed a moment ago and are sent again in {wait_s:.0f} s: {rejection.cause}"
        )
    return CircuitOpen(cluster, cause)

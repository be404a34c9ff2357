"""The errors of requests that do not go out, because of what became of others: they name just what is not asked."""

from k8s.errors import CircuitOpen, TooManyRequests
from k8s.verdicts.flow import Flow
from k8s.verdicts.throttle import Pause, Scope
from k8s.verdicts.verdicts import Refused


def put_off(cluster: str, flow: Flow, pause: Pause) -> TooManyRequests:
    """The error of a request that is paused for longer than it has time."""
    wait_s = max(1.0, pause.seconds)
    if pause.scope is Scope.CLUSTER:
        cause = f"it sheds load, and asks to be left alone for {wait_s:.0f} s more."
    elif pause.scope is Scope.IDENTITY and flow.identity:
        cause = f"requests as {flow.identity} are paused: it asks to be left alone for {wait_s:.0f} s more."
    elif pause.scope is Scope.IDENTITY:
        cause = f"requests with its stored credential are paused: it asks to be left alone for {wait_s:.0f} s more."
    elif flow.identity:
        cause = (
            f"requests to {flow.request} as {flow.identity} are paused: "
            f"it asks to be left alone for {wait_s:.0f} s more."
        )
    else:
        cause = f"requests to {flow.request} are paused: it asks to be left alone for {wait_s:.0f} s more."
    error = TooManyRequests(cluster, cause, status=429)
    error.retry_after_s = pause.seconds
    return error


def not_asked(cluster: str, flow: Flow, refused: Refused) -> CircuitOpen:
    """The error of a request that is not sent, because the cluster or its flow failed a moment ago."""
    wait_s = max(1.0, refused.retry_in_s)
    if refused.scope is Scope.CLUSTER:
        cause = f"it failed a moment ago and is asked again in {wait_s:.0f} s: {refused.cause}"
    elif flow.identity:
        cause = (
            f"requests to {flow.request} as {flow.identity} failed a moment ago "
            f"and are sent again in {wait_s:.0f} s: {refused.cause}"
        )
    else:
        cause = f"requests to {flow.request} failed a moment ago and are sent again in {wait_s:.0f} s: {refused.cause}"
    return CircuitOpen(cluster, cause)

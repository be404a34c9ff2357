"""Members of jobs beyond their Kubernetes fields."""

from enum import StrEnum
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.ages import now_of, seconds_between, time_of
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.relations import JOB_PODS
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names, add_template_selecting
from resolvers.links.members import Family
from resolvers.links.owning import Owning, add_owned, add_owner

JOBS = Family(kinds.JOB)
CRON_JOB_JOBS: Final = Owning(kinds.CRON_JOB, kinds.JOB)


class JobState(StrEnum):
    """The state of a job, in the words of kubectl's STATUS column."""

    Complete = "Complete"
    Failed = "Failed"
    Terminating = "Terminating"
    Suspended = "Suspended"
    FailureTarget = "FailureTarget"
    SuccessCriteriaMet = "SuccessCriteriaMet"
    Running = "Running"


_ENDS: Final = {"Complete": JobState.Complete, "Failed": JobState.Failed}
_OTHERS: Final = {
    "Suspended": JobState.Suspended,
    "FailureTarget": JobState.FailureTarget,
    "SuccessCriteriaMet": JobState.SuccessCriteriaMet,
}
"""The states of conditions, in the order in which they count."""


@JOBS.derived(
    "metadata.deletionTimestamp",
    "status.conditions.type",
    "status.conditions.status",
    description="Its state in a word, as in kubectl's STATUS column.",
)
def state(job: Row) -> JobState:
    """Returns kubectl's STATUS.

    Source: `printJob` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    first: dict[str | None, bool] = {}
    for condition in items_of(job.status.conditions if job.status else None):
        first.setdefault(condition.type, condition.status == "True")
    for condition_type, ended in _ENDS.items():
        if first.get(condition_type):
            return ended
    if job.metadata.deletionTimestamp:
        return JobState.Terminating
    return next((other for condition_type, other in _OTHERS.items() if first.get(condition_type)), JobState.Running)


@JOBS.derived(
    "spec.completions",
    "spec.parallelism",
    "status.succeeded",
    description="Its succeeded pods and the wanted ones, as in kubectl's COMPLETIONS column: `1/3`, or `0/1 of 5` for "
    "one success of five pods that work in parallel.",
)
def completions(job: Row) -> str:
    """Returns kubectl's COMPLETIONS.

    Source: `printJob` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    succeeded = (job.status.succeeded if job.status else None) or 0
    spec = job.spec
    if spec is not None and spec.completions is not None:
        return f"{succeeded}/{spec.completions}"
    parallelism = (spec.parallelism if spec is not None else None) or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


@JOBS.derived(
    "status.startTime",
    "status.completionTime",
    description="Seconds from its start to its completion, or until now, as in kubectl's DURATION column; null before "
    "its start.",
)
def duration_seconds(job: Row, cluster: FleetCluster) -> int | None:
    """Returns the seconds that kubectl prints as DURATION; of a snapshot, until it was taken.

    Source: `printJob` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    status = job.status
    started = time_of(status.startTime) if status is not None else None
    if status is None or started is None:
        return None
    return seconds_between(started, time_of(status.completionTime) if status.completionTime else now_of(cluster))


add_template_fields(JOBS)
add_template_names(JOBS, kinds.JOB)
add_template_selecting(JOBS)
add_owned(JOBS, JOB_PODS, description="The pods that it controls.")
add_owner(JOBS, CRON_JOB_JOBS, description="The cron job that controls it; null if there is none.")

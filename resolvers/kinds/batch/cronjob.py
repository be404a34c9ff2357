"""Members of cron jobs beyond their Kubernetes fields."""

from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.ages import now_of, seconds_between, time_of, time_text
from resolvers.kinds.batch.cronfields import CronInvalid
from resolvers.kinds.batch.job import CRON_JOB_JOBS
from resolvers.kinds.batch.schedule import RunSchedule, schedule_of
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names
from resolvers.links.fetching import Fetch
from resolvers.links.grandowning import GrandOwning, add_grand_owned
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming, add_named, namespace_of
from resolvers.links.owners import UID
from resolvers.links.owning import add_owned
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

CRON_JOBS = Family(kinds.CRON_JOB)

MOST_MISSED: Final = 100
"""Missed runs that are counted; more of them are too many for its controller."""
_TEMPLATE: Final = "spec.jobTemplate.spec.template"
_SCHEDULE_READS: Final = (
    "metadata.creationTimestamp",
    "spec.schedule",
    "spec.timeZone",
    "spec.suspend",
    "status.lastScheduleTime",
)


@CRON_JOBS.derived(
    "status.lastScheduleTime",
    description="Seconds since its last run began, the age in kubectl's LAST SCHEDULE column; null if there was none. "
    "`status.lastScheduleTime` is the time itself.",
)
def last_schedule_age_seconds(cron_job: Row, cluster: FleetCluster) -> int | None:
    """Returns the age of the last run; of a snapshot, at the time when it was taken."""
    last = time_of(cron_job.status.lastScheduleTime) if cron_job.status else None
    return seconds_between(last, now_of(cluster))


@CRON_JOBS.derived(
    *_SCHEDULE_READS,
    description="The time of its next run, by its schedule in its time zone (without one, UTC), as its controller "
    "computes it; also over clock changes. Null while it is suspended, or if its schedule or its time zone is invalid "
    "or has no further run.",
)
def next_schedule(cron_job: Row, cluster: FleetCluster) -> Time | None:
    """Returns the first run after now.

    Source: `nextScheduleTimeDuration` in kubernetes/pkg/controller/cronjob/utils.go, v1.37.
    """
    schedule = _schedule(cron_job)
    if schedule is None or cron_job.spec.suspend:
        return None
    now = int(now_of(cluster).timestamp())
    if schedule.delay_s is None:
        return _text(schedule.following(now))
    earliest = _earliest(cron_job)
    if earliest is None or earliest > now:
        return _text(schedule.following(now if earliest is None else earliest))
    return _text(earliest + ((now - earliest) // schedule.delay_s + 1) * schedule.delay_s)


@CRON_JOBS.derived(
    *_SCHEDULE_READS,
    description="The number of runs that were due since its last one, or since its creation, and did not begin: also "
    f"those while it was suspended. {MOST_MISSED} is that many or more; null if its schedule or its time zone is "
    "invalid.",
    returns=int | None,
)
def missed_runs(cron_job: Row, cluster: FleetCluster) -> Generator[None, None, int | None]:
    """Counts the runs since the last one; yields after each.

    Source: `mostRecentScheduleTime` in kubernetes/pkg/controller/cronjob/utils.go, v1.37.
    """
    schedule, at, now = _schedule(cron_job), _earliest(cron_job), int(now_of(cluster).timestamp())
    if schedule is None or at is None:
        return None
    if schedule.delay_s is not None:
        return max(0, min(MOST_MISSED, (now - at) // schedule.delay_s))
    for count in range(MOST_MISSED):
        following = schedule.following(at)
        if following is None or following > now:
            return count
        at = following
        yield
    return MOST_MISSED


add_template_fields(CRON_JOBS, _TEMPLATE)
add_template_names(CRON_JOBS, kinds.CRON_JOB, _TEMPLATE)
add_owned(CRON_JOBS, CRON_JOB_JOBS, description="The jobs that it controls.")
add_grand_owned(
    CRON_JOBS, GrandOwning(kinds.CRON_JOB, kinds.JOB), kinds.POD, description="The pods that its jobs control."
)


def _active(cron_job: Row) -> Iterator[NamedPlace]:
    home = namespace_of(cron_job)
    return ((home, one.name) for one in items_of(cron_job.status.active if cron_job.status else None))


add_named(
    CRON_JOBS,
    Naming(kinds.CRON_JOB, kinds.JOB, ("metadata.namespace", "status.active.name"), _active),
    name="activeJobs",
    description="Its jobs that run, by its status.",
)


@CRON_JOBS.link(
    UID,
    to=kinds.JOB,
    description="The newest of the jobs that it controls; null if there is none any more.",
)
async def last_job(cron_jobs: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads jobs and takes the newest one of each cron job."""
    jobs = await CRON_JOB_JOBS.owned_by_each(cron_jobs, fetch, "metadata.creationTimestamp")
    return await collected(max(own, key=_age_of, default=None) for own in jobs)


def _age_of(job: Row) -> tuple[str, str]:
    return job.metadata.creationTimestamp or "", job.metadata.name


def _schedule(cron_job: Row) -> RunSchedule | None:
    spec = cron_job.spec
    if spec is None or not spec.schedule:
        return None
    try:
        return schedule_of(spec.schedule, spec.timeZone)
    except CronInvalid:
        return None


def _earliest(cron_job: Row) -> int | None:
    """Returns the time of the last run, or of the creation."""
    last = cron_job.status.lastScheduleTime if cron_job.status else None
    time = time_of(last or cron_job.metadata.creationTimestamp)
    return int(time.timestamp()) if time is not None else None


def _text(seconds: int | None) -> Time | None:
    try:
        return time_text(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else None
    except (OverflowError, ValueError, OSError):  # a year beyond 9999
        return None

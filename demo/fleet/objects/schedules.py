"""Cron jobs as a table, and their retained runs."""

from dataclasses import dataclass
from typing import Final

from demo.fleet.chance import suffix
from demo.fleet.machines.site import Site
from demo.fleet.moment import DAY_S, HOUR_S, MINUTE_S, floored

RETAINED_RUNS: Final = 3
BACKOFF_LIMIT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A cron job.

    Attributes:
        period_s, offset_s: The times of its runs, in seconds of the day.
        takes_s: The duration of each run.
        fails_in: The cluster in which its last run failed.
    """

    name: str
    namespace: str
    tag: str
    cron: str
    period_s: float
    offset_s: float = 0.0
    takes_s: float = 45.0
    fails_in: str = ""


SCHEDULES: Final = (
    Schedule(
        name="settlement-report",
        namespace="payments",
        tag="4.12.3",
        cron="30 2 * * *",
        period_s=DAY_S,
        offset_s=2.5 * HOUR_S,
        takes_s=412,
        fails_in="staging-eu-1",
    ),
    Schedule(name="reconcile-ledger", namespace="payments", tag="4.12.3", cron="*/15 * * * *", period_s=15 * MINUTE_S),
    Schedule(name="abandoned-carts", namespace="checkout", tag="5.1.4", cron="0 * * * *", period_s=HOUR_S, takes_s=80),
    Schedule(
        name="reindex-catalogue",
        namespace="search",
        tag="5.12.0",
        cron="0 3 * * *",
        period_s=DAY_S,
        offset_s=3 * HOUR_S,
        takes_s=1890,
        fails_in="prod-us-1",
    ),
    Schedule(name="expire-sessions", namespace="identity", tag="4.0.8", cron="*/10 * * * *", period_s=10 * MINUTE_S),
    Schedule(
        name="postgres-backup",
        namespace="data",
        tag="17.6.0",
        cron="15 1 * * *",
        period_s=DAY_S,
        offset_s=1.25 * HOUR_S,
        takes_s=733,
    ),
    Schedule(
        name="image-cleanup", namespace="platform", tag="1.2.0", cron="0 4 * * *", period_s=DAY_S, offset_s=4 * HOUR_S
    ),
)


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job of a cron job."""

    site: Site
    schedule: Schedule
    begun_s: float
    is_failed: bool

    @property
    def name(self) -> str:
        """Returns the name by the controller: with the scheduled time in minutes."""
        return f"{self.schedule.name}-{int(self.begun_s // MINUTE_S)}"

    @property
    def uid(self) -> str:
        """Returns the uid of the job."""
        return self.site.uid("Job", self.schedule.namespace, self.name)

    @property
    def ended_s(self) -> float:
        """Returns the time of its completion or failure."""
        return self.begun_s + self.schedule.takes_s

    def pods(self) -> list[str]:
        """Returns the names of its pods: one, or one for each try."""
        tries = BACKOFF_LIMIT + 1 if self.is_failed else 1
        return [f"{self.name}-{suffix(5, self.uid, index)}" for index in range(tries)]


def runs(site: Site, schedule: Schedule) -> list[JobRun]:
    """Returns the retained jobs, the newest first."""
    newest_s = floored(site.start_s - schedule.takes_s - schedule.offset_s, schedule.period_s) + schedule.offset_s
    failed = schedule.fails_in == site.profile.name
    return [
        JobRun(site, schedule, newest_s - back * schedule.period_s, is_failed=failed and back == 0)
        for back in range(RETAINED_RUNS)
    ]

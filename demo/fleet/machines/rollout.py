"""An endless rollout, pod by pod to the next release, then a rest; a function of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from demo.fleet.chance import hexadecimal, suffix
from demo.fleet.company.application import Application
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Condition, PlannedPod, Revision, State
from demo.fleet.moment import DAY_S, HOUR_S

STEP_S: Final = 15.0
"""Seconds of one step: a pod is created, started and ready, and an old one is removed."""

REST_S: Final = 75.0
_BEGUN_S: Final = 2 * STEP_S + 6
"""The progress of the first rollout at the start of the fleet, in seconds."""

_CREATED_S: Final = 3.0
_READY_S: Final = 11.0
_FIRST_NUMBER: Final = 41
_RETAINED: Final = 3


@dataclass(frozen=True, slots=True)
class Rollout:
    """The rollouts of one application, numbered from the first one of the running fleet, which is 0."""

    site: Site
    application: Application
    index: int
    replicas: int

    @property
    def period_s(self) -> float:
        """Returns the seconds from one rollout to the next."""
        return self.replicas * STEP_S + REST_S

    def ends(self, elapsed_s: float) -> tuple[float, ...]:
        """Returns the ends of the last rollouts before the current one, in seconds since the start of the fleet."""
        newest = int((elapsed_s + _BEGUN_S) // self.period_s)
        return tuple((newest - back) * self.period_s - _BEGUN_S - 1 for back in range(min(newest, _RETAINED)))

    def revisions(self, elapsed_s: float) -> tuple[Revision, ...]:
        """Returns the newest revision and the retained older ones."""
        newest = int((elapsed_s + _BEGUN_S) // self.period_s)
        return tuple(self._revision(newest - back) for back in range(_RETAINED + 1))

    def pods(self, elapsed_s: float) -> tuple[PlannedPod, ...]:
        """Returns the pods of the newest revision so far, and of the one before."""
        return tuple(self._pods(elapsed_s))

    def _pods(self, elapsed_s: float) -> Iterator[PlannedPod]:
        new, old, *_ = self.revisions(elapsed_s)
        now_s = self.site.start_s + elapsed_s
        for ordinal in range(self.replicas):
            born_s = new.created_s + ordinal * STEP_S
            if now_s >= born_s:
                yield self._pod(new, ordinal, born_s=born_s, condition=_grown(now_s - born_s))
            leaves_s = born_s + _READY_S
            if now_s < leaves_s:
                yield self._pod(old, ordinal, born_s=old.created_s + ordinal * STEP_S, condition=Condition())
            elif now_s < born_s + STEP_S:
                leaving = Condition(state=State.LEAVING, at_s=leaves_s)
                yield self._pod(old, ordinal, born_s=old.created_s + ordinal * STEP_S, condition=leaving)

    def _pod(self, revision: Revision, ordinal: int, *, born_s: float, condition: Condition) -> PlannedPod:
        name = f"{self.application.name}-{revision.hash}-{suffix(5, self.site.profile.name, revision.hash, ordinal)}"
        own = ordinal + (revision.number % 2) * self.replicas
        return PlannedPod(
            name=name,
            ordinal=own,
            machine=self.site.place(self.application, own),
            ip=self.site.pod_ip(self.index, own),
            revision=revision,
            created_s=born_s,
            condition=condition,
        )

    def _revision(self, rollout: int) -> Revision:
        """Returns the revision of a rollout; those before the start of the fleet are a day apart."""
        major, minor, _patch = self.application.releases[0].split(".")
        build = _FIRST_NUMBER + rollout
        tag = f"{major}.{minor}.{build}"
        start_s = self.site.start_s - _BEGUN_S + rollout * self.period_s
        if rollout < 0:
            start_s = self.site.start_s + rollout * DAY_S + 5 * HOUR_S
        hashed = hexadecimal(10, "template", self.site.profile.name, self.application.name, tag)
        return Revision(build, tag, hashed, start_s)


def _grown(age_s: float) -> Condition:
    if age_s < _CREATED_S:
        return Condition(state=State.CREATING)
    return Condition(state=State.STARTING if age_s < _READY_S else State.RUNNING)

"""A rollout that goes on for ever: pod by pod to the next release, a rest, and again; a function of the time alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from demo.fleet.chance import hexadecimal, suffix
from demo.fleet.company.application import Application
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Condition, Pod, Revision, State
from demo.fleet.moment import DAY_S, HOUR_S

STEP_S: Final = 15.0
"""What one pod takes: created, started and ready, and an old one gone."""

REST_S: Final = 75.0
_BEGUN_S: Final = 2 * STEP_S + 6
"""How far the first rollout is when the fleet is started."""

_CREATED_S: Final = 3.0
_READY_S: Final = 11.0
_FIRST_NUMBER: Final = 41
_KEPT: Final = 3


@dataclass(frozen=True, slots=True)
class Rollout:
    """The rollout of one application; counted from the first one of the running fleet, which is number 0."""

    site: Site
    application: Application
    index: int
    replicas: int

    @property
    def period_s(self) -> float:
        """From one rollout to the next."""
        return self.replicas * STEP_S + REST_S

    def ends(self, elapsed_s: float) -> tuple[float, ...]:
        """When the last rollouts before the present one were through, in seconds since the fleet was started."""
        newest = int((elapsed_s + _BEGUN_S) // self.period_s)
        return tuple((newest - back) * self.period_s - _BEGUN_S - 1 for back in range(min(newest, _KEPT)))

    def revisions(self, elapsed_s: float) -> tuple[Revision, ...]:
        """The newest one and those that are kept of the past."""
        newest = int((elapsed_s + _BEGUN_S) // self.period_s)
        return tuple(self._revision(newest - back) for back in range(_KEPT + 1))

    def pods(self, elapsed_s: float) -> tuple[Pod, ...]:
        """Pods of the newest revision as far as it has come, and of the one before."""
        return tuple(self._pods(elapsed_s))

    def _pods(self, elapsed_s: float) -> Iterator[Pod]:
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

    def _pod(self, revision: Revision, ordinal: int, *, born_s: float, condition: Condition) -> Pod:
        name = f"{self.application.name}-{revision.hash}-{suffix(5, self.site.profile.name, revision.hash, ordinal)}"
        own = ordinal + (revision.number % 2) * self.replicas
        return Pod(
            name=name,
            ordinal=own,
            machine=self.site.place(self.application, own),
            ip=self.site.pod_ip(self.index, own),
            revision=revision,
            created_s=born_s,
            condition=condition,
        )

    def _revision(self, rollout: int) -> Revision:
        """Those from before the fleet was started are a day apart."""
        major, minor, _patch = self.application.releases[0].split(".")
        build = _FIRST_NUMBER + rollout
        tag = f"{major}.{minor}.{build}"
        begun_s = self.site.start_s - _BEGUN_S + rollout * self.period_s
        if rollout < 0:
            begun_s = self.site.start_s + rollout * DAY_S + 5 * HOUR_S
        hashed = hexadecimal(10, "template", self.site.profile.name, self.application.name, tag)
        return Revision(build, tag, hashed, begun_s)


def _grown(age_s: float) -> Condition:
    if age_s < _CREATED_S:
        return Condition(state=State.CREATING)
    return Condition(state=State.STARTING if age_s < _READY_S else State.RUNNING)

"""The states of a workload's pods: running, or in trouble."""

from collections.abc import Iterator
from dataclasses import replace

from demo.fleet.backoff import LONGEST_PAUSE_S, backoff_words
from demo.fleet.chance import draw, number, suffix
from demo.fleet.company.application import Application, Controller
from demo.fleet.company.troubles import EXITS, RELAPSES, Trouble
from demo.fleet.machines.site import Machine, Site
from demo.fleet.machines.workload import Condition, PlannedPod, Revision, State
from demo.fleet.moment import HOUR_S, LOST_FOR_S, MINUTE_S

_LOST_EVICTED_S = 340.0
_SURGE = 2


class PodPlan:
    """The plan of the pods of one workload."""

    def __init__(
        self, site: Site, application: Application, index: int, *, desired: int, revisions: tuple[Revision, ...]
    ) -> None:
        self._site = site
        self._application = application
        self._index = index
        self._desired = desired
        self._revisions = revisions

    def pods(self, trouble: Trouble | None, elapsed_s: float) -> Iterator[PlannedPod]:
        """Returns all pods some time after the start of the fleet, except those of endless rollouts."""
        match trouble:
            case Trouble.CRASHING | Trouble.OUT_OF_MEMORY:
                return self._relapsing(trouble, elapsed_s)
            case Trouble.STUCK:
                return self._stuck()
            case Trouble.NO_NODE:
                return self._unplaced()
            case Trouble.UNHEALTHY:
                return self._unhealthy()
            case _:
                return self._running()

    def _running(self) -> Iterator[PlannedPod]:
        """Yields running pods, a few with restarts, and those on lost nodes."""
        leaves_some_behind = bool(self._site.lost and self._application.most_replicas)
        for ordinal in range(self._desired - leaves_some_behind):
            yield self._pod(ordinal)
        if leaves_some_behind:
            evicted_s = self._site.start_s - LOST_FOR_S + _LOST_EVICTED_S
            yield self._pod(self._desired - 1, created_s=evicted_s + 1)
            for ordinal, machine in enumerate(self._site.lost, self._desired):
                yield self._pod(ordinal, Condition(state=State.LOST, at_s=evicted_s), machine=machine)

    def _relapsing(self, trouble: Trouble, elapsed_s: float) -> Iterator[PlannedPod]:
        """Yields pods of which the first keep failing: all of a crashing workload, one that runs out of memory."""
        failing = self._desired if trouble is Trouble.CRASHING else 1
        for ordinal in range(self._desired):
            yield self._relapsed(ordinal, trouble, elapsed_s) if ordinal < failing else self._pod(ordinal)

    def _relapsed(self, ordinal: int, trouble: Trouble, elapsed_s: float) -> PlannedPod:
        turn, which = divmod(ordinal, len(RELAPSES))
        relapse = RELAPSES[which]
        relapse = replace(relapse, restarts=relapse.restarts + turn * 2, runs_s=relapse.runs_s + turn)
        attempt = relapse.at(elapsed_s)
        exit_code, exit_reason = EXITS[trouble]
        condition = Condition(
            state=State.STARTING if attempt.is_running else State.BACKING_OFF,
            restarts=attempt.restarts,
            at_s=self._site.start_s + attempt.at_s,
            exit_code=exit_code,
            exit_reason=exit_reason,
            message=backoff_words(attempt.pause_s),
        )
        return self._pod(
            ordinal, condition, created_s=self._site.start_s - 10 * MINUTE_S - relapse.restarts * LONGEST_PAUSE_S
        )

    def _stuck(self) -> Iterator[PlannedPod]:
        """Yields running pods of the old revision, and pods of the new one that never start."""
        new, old, *_ = self._revisions
        for ordinal in range(self._desired - 1):
            yield self._pod(ordinal, revision=old)
        image, _digest = self._site.image(self._application.image, new.tag)
        message = f'Back-off pulling image "{image}": ErrImagePull: {image}: not found'
        for ordinal in range(self._desired, self._desired + _SURGE):
            condition = Condition(state=State.IMAGE_MISSING, at_s=new.created_s, message=message)
            yield self._pod(ordinal, condition, created_s=new.created_s)

    def _unplaced(self) -> Iterator[PlannedPod]:
        """Yields running pods, and a last one that fits on no node."""
        nodes, fitting = len(self._site.machines), sum(machine.pool.name == "gpu" for machine in self._site.machines)
        others = f"{nodes - fitting} node(s) didn't match Pod's node affinity/selector"
        why = f"{fitting} Insufficient nvidia.com/gpu, {others}"
        if self._application.storage_gib:
            why = "pod has unbound immediate PersistentVolumeClaims"
        message = f"0/{nodes} nodes are available: {why}."
        for ordinal in range(self._desired - 1):
            yield self._pod(ordinal)
        created_s = self._site.start_s - 38 * MINUTE_S
        condition = Condition(state=State.UNSCHEDULABLE, message=message)
        yield self._pod(self._desired - 1, condition, created_s=created_s)

    def _unhealthy(self) -> Iterator[PlannedPod]:
        """Yields running pods, the first with a failing readiness probe."""
        at_s = self._site.start_s - 17 * MINUTE_S
        yield self._pod(0, Condition(state=State.STARTING, at_s=at_s))
        for ordinal in range(1, self._desired):
            yield self._pod(ordinal)

    def _pod(
        self,
        ordinal: int,
        condition: Condition | None = None,
        *,
        revision: Revision | None = None,
        created_s: float | None = None,
        machine: Machine | None = None,
    ) -> PlannedPod:
        revision = revision or self._revisions[0]
        name = self._name(ordinal, revision)
        place = machine or self._machine(ordinal)
        grown = condition or self._usual(name, place)
        return PlannedPod(
            name=name,
            ordinal=ordinal,
            machine=None if grown.state is State.UNSCHEDULABLE else place,
            ip=self._site.pod_ip(self._index, ordinal),
            revision=revision,
            created_s=self._created_s(name, revision, place) if created_s is None else created_s,
            condition=grown,
        )

    def _machine(self, ordinal: int) -> Machine:
        if self._application.controller is Controller.DAEMON_SET:
            return self._site.machines[ordinal]
        if self._application.name == "kafka" and ordinal == 3 and self._site.lost:
            return self._site.lost[0]
        return self._site.place(self._application, ordinal)

    def _usual(self, name: str, machine: Machine) -> Condition:
        """Returns the condition of a running pod, perhaps with restarts, or of one on a lost node."""
        lost_s = self._site.start_s - LOST_FOR_S
        if machine.is_lost and self._application.controller is Controller.DAEMON_SET:
            return Condition(state=State.UNHEARD_OF, at_s=lost_s + 40)
        if machine.is_lost:
            return Condition(state=State.LOST, at_s=lost_s + _LOST_EVICTED_S)
        if draw("restarted", self._site.profile.name, name) < 0.06:
            restarts = 1 + number(3, "restarts", name)
            at_s = self._site.start_s - HOUR_S * (1 + 15 * draw("restarted at", name))
            return Condition(restarts=restarts, at_s=at_s, exit_code=2, exit_reason="Error")
        return Condition()

    def _created_s(self, name: str, revision: Revision, machine: Machine) -> float:
        return max(revision.created_s, machine.created_s) + 90 * draw("born", self._site.profile.name, name)

    def _name(self, ordinal: int, revision: Revision) -> str:
        application, cluster = self._application, self._site.profile.name
        if application.controller is Controller.STATEFUL_SET:
            return f"{application.name}-{ordinal}"
        end = suffix(5, cluster, application.name, revision.hash, ordinal)
        is_daemon = application.controller is Controller.DAEMON_SET
        return f"{application.name}-{end}" if is_daemon else f"{application.name}-{revision.hash}-{end}"

"""The usage of pods and of nodes: smooth functions of the time, around what the pods request.

Each pod has its own level and rhythm, and all of them follow the day. So graphs of usage move, some pods are busy, and
what is seen at one time is the same on every machine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin
from typing import Final

from demo.fleet.chance import draw
from demo.fleet.machines.workload import PlannedPod, State, Workload
from demo.fleet.moment import DAY_S
from demo.fleet.objects.containers import ENVOY_CPU_M, ENVOY_MEMORY_MIB

_MEASURED: Final = frozenset({State.RUNNING, State.STARTING})
_UNASKED: Final = (12, 48)
_FULL: Final = 0.985
_SYSTEM_CPU_M: Final = 180
_SYSTEM_MEMORY_MIB: Final = 900


@dataclass(frozen=True, slots=True)
class Used:
    """An amount in use: millionths of a core, and KiB."""

    cpu_u: int
    memory_kib: int

    def __add__(self, other: "Used") -> "Used":
        return Used(self.cpu_u + other.cpu_u, self.memory_kib + other.memory_kib)


SYSTEM: Final = Used(_SYSTEM_CPU_M * 1000, _SYSTEM_MEMORY_MIB * 1024)
"""The usage of a node without its pods."""


def measured_pods(workloads: Iterable[Workload]) -> Iterator[tuple[Workload, PlannedPod]]:
    """Yields the pods that use something, with their workloads."""
    for workload in workloads:
        for pod in workload.pods:
            if pod.state in _MEASURED and pod.machine is not None and not pod.machine.is_lost:
                yield workload, pod


def pod_usage(workload: Workload, pod: PlannedPod, at_s: float) -> dict[str, Used]:
    """Returns the usage of each container of a pod."""
    application = workload.application
    seed = f"{workload.site.profile.name}/{workload.namespace}/{pod.name}"
    requests = (application.cpu_m, application.memory_mib) if application.cpu_m else _UNASKED
    used = {application.name: _curve(seed, application.name).at(at_s, *requests)}
    if application.is_guaranteed:
        used[application.name] = _throttled(used[application.name], *requests)
    if application.sidecar:
        used[application.sidecar] = _curve(seed, application.sidecar).at(at_s, ENVOY_CPU_M, ENVOY_MEMORY_MIB)
    return used


def _throttled(used: Used, cpu_m: int, memory_mib: int) -> Used:
    """Returns the usage of a container whose limits are its requests."""
    return Used(min(used.cpu_u, cpu_m * 1000), min(used.memory_kib, round(memory_mib * 1024 * _FULL)))


@dataclass(frozen=True, slots=True)
class _Curve:
    """The usage of a container over time, as parts of what it requests; waves are periods and phases."""

    level: float
    fill: float
    own: tuple[float, float]
    quick: tuple[float, float]
    slow: tuple[float, float]

    def at(self, at_s: float, cpu_m: int, memory_mib: int) -> Used:
        """Returns the usage at a time."""
        day = 0.35 * sin(2 * pi * at_s / DAY_S - pi / 2)
        moving = 1 + day + 0.25 * _wave(at_s, *self.own) + 0.1 * _wave(at_s, *self.quick)
        cpu_u = round(cpu_m * 1000 * self.level * max(0.05, moving))
        return Used(cpu_u, round(memory_mib * 1024 * self.fill * (1 + 0.08 * _wave(at_s, *self.slow))))


@lru_cache(maxsize=16_384)
def _curve(pod: str, container: str) -> _Curve:
    """Returns the curve of a container; its draws take longer than its usage at a time."""
    return _Curve(
        level=0.15 + 0.75 * draw("level", pod, container),
        fill=0.45 + 0.5 * draw("memory", pod, container),
        own=(240 + 600 * draw("period", pod), draw("phase", pod, container)),
        quick=(60 + 60 * draw("quick", pod), draw("quick phase", pod, container)),
        slow=(1800 + 1800 * draw("slow", pod), draw("slow phase", pod, container)),
    )


def _wave(at_s: float, period_s: float, phase: float) -> float:
    return sin(2 * pi * (at_s / period_s + phase))

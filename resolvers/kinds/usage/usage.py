"""`Usage`: the processors and the memory that a container, a pod, a node or a set of them uses now.

Sums are exact. An amount that is missing, or that is no quantity, is left out of a sum; a sum of nothing is unknown.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.filters.comparing import ValueType, key
from resolvers.kinds.leaves import Quantity, Time
from resolvers.kinds.longlists import items_of
from resolvers.kinds.usage.measures import (
    cpu_measure,
    cpu_quantity,
    cpu_text,
    memory_measure,
    memory_quantity,
    memory_text,
)


class Usage(Struct, frozen=True, gc=False):
    """The processors and the memory in use, as the cluster's metrics API measured them."""

    cpu: Annotated[
        Quantity | None,
        Meta(description="Processors in use, in cores (`3.511876m`, `250m`, `2`), exact, on average over the window."),
    ]
    memory: Annotated[Quantity | None, Meta(description="The working set of memory in bytes (`15432Ki`).")]
    window: Annotated[
        str | None,
        Meta(description="The time over which processors were measured, such as `18.5s`; of a sum the longest."),
    ]
    timestamp: Annotated[Time | None, Meta(description="The time of the measurement; of a sum the earliest.")]


class UsageSum:
    """A sum of usages, from metrics as they were decoded.

    Attributes:
        cpu: billionths of a core; None if none is known.
        memory: bytes; None if none are known.
        is_empty: whether nothing was added.
    """

    __slots__ = ("_timestamp", "_window", "_window_s", "cpu", "is_empty", "memory")

    def __init__(self) -> None:
        """Begins with nothing, whose usage is unknown."""
        self.cpu: int | None = None
        self.memory: int | None = None
        self._window: str | None = None
        self._window_s = -1.0
        self._timestamp: str | None = None
        self.is_empty = True

    def add_pod(self, metrics: Row) -> None:
        """Adds all containers of a pod. Takes a row of PodMetrics."""
        for container in items_of(metrics.containers):
            self._add(container.usage)
        self._add_times(metrics)

    def add_container(self, measured: Row) -> None:
        """Adds one container of a pod's metrics, without its times."""
        self._add(measured.usage)

    def add_node(self, metrics: Row) -> None:
        """Adds a node. Takes a row of NodeMetrics."""
        self._add(metrics.usage)
        self._add_times(metrics)

    @property
    def usage(self) -> Usage | None:
        """The sum; None if nothing was added."""
        if self.is_empty:
            return None
        return Usage(
            cpu_quantity(self.cpu),
            memory_quantity(self.memory),
            self._window,
            None if self._timestamp is None else Time(self._timestamp),
        )

    def _add(self, resources: Any) -> None:
        if resources is None:
            return
        if (cpu := cpu_measure(resources.cpu)) is not None:
            self.cpu = (self.cpu or 0) + cpu
        if (memory := memory_measure(resources.memory)) is not None:
            self.memory = (self.memory or 0) + memory

    def _add_times(self, metrics: Row) -> None:
        self.is_empty = False
        window, timestamp = metrics.window, metrics.timestamp
        if window is not None and window != self._window and (window_s := _seconds(window)) > self._window_s:
            self._window, self._window_s = window, window_s
        if timestamp is not None and timestamp != self._timestamp and _is_earlier(timestamp, self._timestamp):
            self._timestamp = timestamp


def usage_of_pod(metrics: Row) -> Usage:
    """Returns the usage of a pod: the sum of its containers. Takes a row of PodMetrics."""
    containers = metrics.containers
    if containers is not None and len(containers) == 1:
        return _usage(containers[0].usage, metrics)
    measured = [one.usage for one in items_of(containers) if one.usage is not None]
    cpu = [amount for used in measured if (amount := cpu_measure(used.cpu)) is not None]
    memory = [amount for used in measured if (amount := memory_measure(used.memory)) is not None]
    of_cpu, of_memory = cpu_quantity(sum(cpu)) if cpu else None, memory_quantity(sum(memory)) if memory else None
    return Usage(of_cpu, of_memory, metrics.window, metrics.timestamp)


def usage_of_container(measured: Row, metrics: Row) -> Usage:
    """Returns the usage of a container, from its own metrics and those of its pod."""
    return _usage(measured.usage, metrics)


def usage_of_node(metrics: Row) -> Usage:
    """Returns the usage of a node. Takes a row of NodeMetrics."""
    return _usage(metrics.usage, metrics)


def _usage(resources: Any, metrics: Row) -> Usage:
    cpu, memory = (None, None) if resources is None else (resources.cpu, resources.memory)
    return Usage(cpu_text(cpu), memory_text(memory), metrics.window, metrics.timestamp)


def _seconds(window: str) -> float:
    seconds = key(ValueType.DURATION, window)
    return float(seconds) if seconds is not None else -1.0


def _is_earlier(timestamp: str, than: str | None) -> bool:
    time = key(ValueType.TIME, timestamp)
    earliest = key(ValueType.TIME, than) if than is not None else None
    return time is not None and (earliest is None or time < earliest)

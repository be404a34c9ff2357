"""`UsageOver`: the processors and the memory of an object over time, as points of a chart."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from resolvers.kinds.history.period import Points
from resolvers.kinds.leaves import Time

Values: TypeAlias = Mapping[int, float]
"""Values by time, in seconds since 1970."""
Recorded: TypeAlias = Mapping[str, Values]
"""Values of an object by resource."""

POINT_BYTES: Final = 200
"""The memory of one point: a recorded value, and its place in the answer."""


class UsagePoint(Struct, frozen=True, gc=False):
    """The usage at one time."""

    time: Annotated[Time, Meta(description="The time, a multiple of the step.")]
    value: Annotated[float, Meta(description="Cores of processors, or bytes of memory.")]


class UsageOver(Struct, frozen=True, gc=False):
    """The processors and the memory in use over a range of time, as the cluster's Prometheus recorded them.

    Times without a measurement have no point.
    """

    cpu: Annotated[
        list[UsagePoint],
        Meta(
            description="Processors in use, in cores: at each time the average over the step before it, or 5 minutes."
        ),
    ]
    memory: Annotated[list[UsagePoint], Meta(description="The working set of memory, in bytes.")]


def usage_over(recorded: Recorded, points: Points) -> UsageOver:
    """Returns the values of an object as points, ordered by time."""
    return UsageOver(_points(recorded.get("cpu", {}), points), _points(recorded.get("memory", {}), points))


def _points(values: Values, points: Points) -> list[UsagePoint]:
    texts = points.texts
    return [UsagePoint(texts[time], value) for time, value in values.items()]


class SummedUsage:
    """A sum of recorded usages: at each time of those that have a value then."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        """Begins with nothing."""
        self._sums: dict[str, dict[int, float]] = {}

    @property
    def is_empty(self) -> bool:
        """True if nothing was added."""
        return not self._sums

    @property
    def recorded(self) -> Recorded:
        """The sum, in the order of time."""
        return {resource: dict(sorted(values.items())) for resource, values in self._sums.items()}

    def add(self, recorded: Recorded) -> None:
        """Adds the usage of an object."""
        for resource, values in recorded.items():
            sums = self._sums.setdefault(resource, {})
            for time, value in values.items():
                sums[time] = sums.get(time, 0.0) + value


def greatest(parts: Sequence[Recorded]) -> Recorded:
    """Returns the greatest values of several recordings of one object."""
    if len(parts) == 1:
        return parts[0]
    found: dict[str, dict[int, float]] = {}
    for part in parts:
        for resource, values in part.items():
            known = found.setdefault(resource, {})
            for time, value in values.items():
                known[time] = max(value, known.get(time, value))
    return {resource: dict(sorted(values.items())) for resource, values in found.items()}

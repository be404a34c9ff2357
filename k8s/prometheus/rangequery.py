"""One query over a range of time, and the series of its answer.

A Prometheus may answer anything. Its series are checked: each has at most one point for each step of the query, and
values that are no finite numbers, such as NaN, are left out.
Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import msgspec

from k8s.errors import ProtocolBroken, TooManyObjects
from k8s.reading.decoder import Decoder
from k8s.turns.turns import Pace

MOST_STEPS: Final = 11_000
"""The limit of points of one series, which is that of Prometheus."""

_LONGEST_VALUE: Final = 40


class _Series(msgspec.Struct):
    metric: dict[str, str] = {}
    values: list[tuple[float, str]] | None = None


class _Data(msgspec.Struct):
    result_type: str = msgspec.field(default="", name="resultType")
    result: list[_Series] | None = None


class _Answer(msgspec.Struct):
    status: str = ""
    data: _Data | None = None


_DECODER: Final = Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """A query over a range.

    Attributes:
        expression: The expression in PromQL.
        start_s: The time of the first point, in seconds since 1970.
        end_s: The time up to which there are points; not before the first one.
        step_s: Seconds between points, more than 0. There are at most `MOST_STEPS` points.
    """

    expression: str
    start_s: int
    end_s: int
    step_s: int

    def __post_init__(self) -> None:
        if self.step_s < 1 or self.end_s < self.start_s or self.points > MOST_STEPS:
            raise ValueError("a range needs from 1 to 11,000 steps of at least a second")

    @property
    def points(self) -> int:
        """Returns the number of points of a series without gaps."""
        return (self.end_s - self.start_s) // self.step_s + 1

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Returns the parameters of the request."""
        return (
            ("query", self.expression),
            ("start", str(self.start_s)),
            ("end", str(self.end_s)),
            ("step", str(self.step_s)),
        )

    def is_step(self, time_s: float) -> bool:
        """Returns whether there may be a point at a time."""
        return self.start_s <= time_s <= self.end_s and not (time_s - self.start_s) % self.step_s


@dataclass(frozen=True, slots=True)
class RecordedSeries:
    """One series.

    Attributes:
        labels: Its labels; no other series of the answer has the same.
        points: Its finite values by time in seconds since 1970, in the order of time, all on steps of the query.
    """

    labels: Mapping[str, str]
    points: Mapping[int, float]


async def read_series(body: bytes, query: RangeQuery, *, cluster: str, most_series: int) -> Sequence[RecordedSeries]:
    """Returns the series of an answer; other tasks have turns in between.

    Raises:
        AnswerTooLarge: It has more values than are decoded at once.
        TooManyObjects: It has more than `most_series` series.
        ProtocolBroken: It is no answer to the query.
    """
    cause = "its Prometheus sends no result of a query over a range; is its address right?"
    answer = await _DECODER.answer(body, cluster=cluster, cause=cause)
    if answer.status != "success" or answer.data is None or answer.data.result_type != "matrix":
        raise ProtocolBroken(cluster, cause)
    result = answer.data.result or []
    if len(result) > most_series:
        raise TooManyObjects(
            cluster, f"the answer of its Prometheus has {len(result)} series; the limit is {most_series}."
        )
    series: dict[frozenset[tuple[str, str]], RecordedSeries] = {}
    pace = Pace()
    for one in result:
        values = one.values or ()
        if len(values) > query.points:
            raise ProtocolBroken(cluster, "a series of its Prometheus has more points than the query has steps.")
        series[frozenset(one.metric.items())] = RecordedSeries(one.metric, _points(values, query))
        await pace.breathe()
    if len(series) < len(result):
        raise ProtocolBroken(cluster, "its Prometheus sends two series with the same labels.")
    return [*series.values()]


def _points(values: Sequence[tuple[float, str]], query: RangeQuery) -> Mapping[int, float]:
    """Returns the points on steps, in order; of two at the same time, and of those out of order, the first counts."""
    points: dict[int, float] = {}
    last_s = query.start_s - 1.0
    for time_s, text in values:
        if time_s > last_s and query.is_step(time_s):
            last_s = time_s
            value = _number(text)
            if value is not None:
                points[int(time_s)] = value
    return points


def _number(text: str) -> float | None:
    try:
        value = float(text) if len(text) <= _LONGEST_VALUE else None
    except ValueError:
        return None
    return value if value is not None and isfinite(value) else None

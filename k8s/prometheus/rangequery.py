"""One query over a range of time, and the series of its answer.

A Prometheus may answer anything. Its series are checked: each has at most one point for each step of the query, and
values that are no finite numbers, such as NaN, are left out. A long answer is decoded in pieces, between series; what
nobody needs of a piece is dropped before the next one is decoded.
Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

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


class _RangeAnswer(msgspec.Struct):
    status: str = ""
    data: _Data | None = None
    warnings: Any = None


_DECODER: Final = Decoder(_RangeAnswer)
_PIECE_DECODER: Final = Decoder(list[_Series])

_BOUNDARY: Final = b',{"metric":'
"""The bytes between two series. They are never inside a text, in which the quotation mark would be escaped."""
_PIECE_BYTES: Final = 256 * 1024
"""The least size of a piece, which is decoded within a few milliseconds."""


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """A query over a range.

    Attributes:
        expression: The expression in PromQL.
        start_s: The time of the first point, in seconds since 1970; not negative.
        end_s: The time up to which there are points; not before the first one.
        step_s: Seconds between points, more than 0. There are at most `MOST_STEPS` points.
    """

    expression: str
    start_s: int
    end_s: int
    step_s: int

    def __post_init__(self) -> None:
        if self.step_s < 1 or not 0 <= self.start_s <= self.end_s or self.points > MOST_STEPS:
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


@dataclass(frozen=True, slots=True)
class RecordedSeries:
    """One series.

    Attributes:
        labels: Its labels; no other series of the answer has the same.
        points: Its finite values by time in seconds since 1970, in the order of time, all on steps of the query.
    """

    labels: Mapping[str, str]
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Taking:
    """The part of an answer that is needed, and its price.

    Attributes:
        most_points: The limit of the points of all needed series; one without points counts as one point.
        wanted: Returns whether a series is needed, by its labels; the others are dropped.
        charge: Called with the number of points of each needed series, before the next one is decoded; may raise.
    """

    most_points: int
    wanted: Callable[[Mapping[str, str]], bool] = lambda _labels: True
    charge: Callable[[int], None] = lambda _points: None


@dataclass(slots=True)
class RecordedAnswer:
    """The needed series of an answer.

    Attributes:
        series: They, in the order of the answer.
        is_partial: Whether Prometheus warns of its answer: parts of it may be missing.
    """

    series: list[RecordedSeries] = field(default_factory=list)
    is_partial: bool = False


async def read_series(body: bytes, query: RangeQuery, *, cluster: str, taking: Taking) -> RecordedAnswer:
    """Returns the needed series of an answer; other tasks have turns in between.

    Raises:
        AnswerTooLarge: It has more values than are decoded at once.
        TooManyObjects: The needed series have more than `most_points` points.
        ProtocolBroken: It is no answer to the query.
    """
    answer = RecordedAnswer()
    known: set[frozenset[tuple[str, str]]] = set()
    count = 0
    times_s = range(query.start_s, query.end_s + 1, query.step_s)
    shared_s: dict[float, int] = dict(zip(times_s, times_s, strict=True))
    pace = Pace()
    async for one in _decoded(body, cluster, pace, answer):
        values = one.values or ()
        if len(values) > len(times_s):
            raise ProtocolBroken(cluster, "a series of its Prometheus has more points than the query has steps.")
        if taking.wanted(one.metric):
            points = _points(values, shared_s)
            count += max(1, len(points))
            if count > taking.most_points:
                cause = f"the answer of its Prometheus has more than {taking.most_points} points."
                raise TooManyObjects(cluster, cause)
            taking.charge(len(points))
            labels = frozenset(one.metric.items())
            if labels in known:
                raise ProtocolBroken(cluster, "its Prometheus sends two series with the same labels.")
            known.add(labels)
            answer.series.append(RecordedSeries(one.metric, points))
        await pace.breathe()
    return answer


async def _decoded(body: bytes, cluster: str, pace: Pace, answer: RecordedAnswer) -> AsyncIterator[_Series]:
    """Yields the series; raises as `read_series` for an answer that is no result."""
    cause = "its Prometheus sends no result of a query over a range; is its address right?"
    start = head = body.find(_BOUNDARY[1:])
    while start >= 0 and (end := body.find(_BOUNDARY, start + _PIECE_BYTES)) >= 0:
        for one in await _PIECE_DECODER.answer(b"[%b]" % body[start:end], cluster=cluster, cause=cause):
            yield one
        start = end + 1
        await pace.breathe()
    rest = body if start <= head else body[:head] + body[start:]
    last = await _DECODER.answer(rest, cluster=cluster, cause=cause)
    if last.status != "success" or last.data is None or last.data.result_type != "matrix":
        raise ProtocolBroken(cluster, cause)
    answer.is_partial = bool(last.warnings)
    for one in last.data.result or ():
        yield one


def _points(values: Sequence[tuple[float, str]], shared_s: Mapping[float, int]) -> Mapping[int, float]:
    """Returns the points on steps, in order; of two at the same time, and of those out of order, the first counts.

    Args:
        values: Times and values.
        shared_s: The times of all steps, so that the series share their memory.
    """
    points: dict[int, float] = {}
    last_s = -1
    for time_s, text in values:
        step_s = shared_s.get(time_s, -1)
        if step_s > last_s:
            last_s = step_s
            value = _number(text)
            if value is not None:
                points[step_s] = value
    return points


def _number(text: str) -> float | None:
    try:
        value = float(text) if len(text) <= _LONGEST_VALUE else None
    except ValueError:
        return None
    return value if value is not None and isfinite(value) else None

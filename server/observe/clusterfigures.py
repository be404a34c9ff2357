"""Figures by cluster, kept as plain numbers until somebody asks: there may be many clusters.

A `Counter` or `Histogram` of the client library is made of dozens of objects with a lock each, which every collection
of garbage would walk. These are written and read by the event loop's thread alone.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

_AT_ONCE: Final = 16
"""Figures of one part: a few hundred lines, so about a millisecond."""


class ByCluster(ABC):
    """A metric with one or several figures for each cluster; in no registry, which would read it at a stretch."""

    def __init__(self, described: Metric, *labels: str, numbers: int = 1) -> None:
        """Takes a metric.

        Args:
            described: Its name, type and description.
            labels: Its labels' names.
            numbers: How many there are for each combination of their values.
        """
        self._described = described
        self._labels = labels
        self._none = array("d", bytes(8 * numbers))
        self._numbers = array("d")
        self._places: dict[tuple[str, ...], int] = {}

    def add(self, values: tuple[str, ...]) -> int:
        """Returns where the numbers of these labels' values begin; they show from now on."""
        place = self._places.get(values)
        if place is None:
            place = self._places[values] = len(self._numbers)
            self._numbers.extend(self._none)
        return place

    def parts(self) -> Iterator[Metric]:
        """Yields the metric in parts, each with some of its figures; first one without any."""
        described = self._described
        yield described
        places = iter([*self._places.items()])
        while some := [*islice(places, _AT_ONCE)]:
            part = Metric(described.name, described.documentation, described.type)
            for values, place in some:
                part.samples += self._samples(dict(zip(self._labels, values, strict=True)), place)
            yield part

    @abstractmethod
    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        """Yields the lines of one combination of labels' values."""


class CounterByCluster(ByCluster):
    """Sums that only grow."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(Metric(name, text, "counter"), *labels)

    def inc(self, values: tuple[str, ...], amount: float) -> None:
        """Adds to the sum of these labels' values."""
        self._numbers[self.add(values)] += amount

    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        yield Sample(f"{self._described.name}_total", labels, self._numbers[place])


class GaugeByCluster(ByCluster):
    """Values of now."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(Metric(name, text, "gauge"), *labels)

    def set(self, values: tuple[str, ...], value: float) -> None:
        """Sets the value of these labels' values."""
        self._numbers[self.add(values)] = value

    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        yield Sample(self._described.name, labels, self._numbers[place])


class HistogramByCluster(ByCluster):
    """How many observations were up to each of some bounds, and their sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: Sequence[float]) -> None:
        super().__init__(Metric(name, text, "histogram"), *labels, numbers=len(bounds) + 2)
        self._bounds = tuple(bounds)
        self._words = tuple(map(floatToGoString, (*bounds, float("inf"))))

    def observe(self, values: tuple[str, ...], amount: float) -> None:
        """Counts an observation for these labels' values."""
        place = self.add(values)
        self._numbers[place + bisect_left(self._bounds, amount)] += 1
        self._numbers[place + len(self._words)] += amount

    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        name, total = self._described.name, 0.0
        *counts, observed = self._numbers[place : place + len(self._none)]
        for word, total in zip(self._words, accumulate(counts), strict=True):
            yield Sample(f"{name}_bucket", {**labels, "le": word}, total)
        yield Sample(f"{name}_count", labels, total)
        yield Sample(f"{name}_sum", labels, observed)

"""Metrics by cluster, stored as plain numbers until a scrape: there may be many clusters.

A `Counter` or `Histogram` of the client library consists of dozens of objects with a lock each, which every garbage
collection would traverse. These are written and read by the event loop's thread only.
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

_BATCH_SIZE: Final = 16
"""Combinations of labels in one batch: a few hundred lines, or about a millisecond."""


class ByCluster(ABC):
    """A metric with one or several numbers for each cluster; in no registry, which would read all of it at once."""

    def __init__(self, described: Metric, *labels: str, numbers: int = 1) -> None:
        """Creates a metric without numbers.

        Args:
            described: Its name, type and description.
            labels: The names of its labels.
            numbers: The number of numbers for each combination of label values.
        """
        self._described = described
        self._labels = labels
        self._none = array("d", bytes(8 * numbers))
        self._numbers = array("d")
        self._places: dict[tuple[str, ...], int] = {}

    def add(self, values: tuple[str, ...]) -> int:
        """Returns the index of the first number of these label values; they are exposed from now on."""
        place = self._places.get(values)
        if place is None:
            place = self._places[values] = len(self._numbers)
            self._numbers.extend(self._none)
        return place

    def batches(self) -> Iterator[Metric]:
        """Yields the metric in batches of samples; the first batch has none."""
        described = self._described
        yield described
        places = iter([*self._places.items()])
        while batch_places := [*islice(places, _BATCH_SIZE)]:
            batch = Metric(described.name, described.documentation, described.type)
            for values, place in batch_places:
                batch.samples += self._samples(dict(zip(self._labels, values, strict=True)), place)
            yield batch

    @abstractmethod
    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        """Yields the lines of one combination of label values."""


class CounterByCluster(ByCluster):
    """Sums that only grow."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(Metric(name, text, "counter"), *labels)

    def inc(self, values: tuple[str, ...], amount: float) -> None:
        """Adds to the sum of these label values."""
        self._numbers[self.add(values)] += amount

    def set(self, values: tuple[str, ...], amount: float) -> None:
        """Sets the sum of these label values, which is counted elsewhere."""
        self._numbers[self.add(values)] = amount

    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        yield Sample(f"{self._described.name}_total", labels, self._numbers[place])


class GaugeByCluster(ByCluster):
    """Current values."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(Metric(name, text, "gauge"), *labels)

    def set(self, values: tuple[str, ...], value: float) -> None:
        """Sets the value of these label values."""
        self._numbers[self.add(values)] = value

    def _samples(self, labels: dict[str, str], place: int) -> Iterator[Sample]:
        yield Sample(self._described.name, labels, self._numbers[place])


class HistogramByCluster(ByCluster):
    """Counts of observations up to each of several bounds, and their sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: Sequence[float]) -> None:
        super().__init__(Metric(name, text, "histogram"), *labels, numbers=len(bounds) + 2)
        self._bounds = tuple(bounds)
        self._words = tuple(map(floatToGoString, (*bounds, float("inf"))))

    def observe(self, values: tuple[str, ...], amount: float) -> None:
        """Counts an observation for these label values."""
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

"""Metrics by cluster as plain numbers: the lines are those of the client library, with hardly any objects."""

import gc
import random
from collections.abc import Iterable, Sequence

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from server.observe.clusterfigures import ByCluster, CounterByCluster, GaugeByCluster, HistogramByCluster
from server.observe.exposition import exposition

BOUNDS = (0.001, 0.25, 1.0, 30.0)
LABELS = ("cluster", "verb")
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
NAMES = [(f'c"\\{number}', verb) for number in range(40) for verb in ("get", "list")]


def _observed(count: int = 2000) -> Iterable[tuple[tuple[str, str], float]]:
    chance = random.Random(7)  # noqa: S311  no secret
    for _ in range(count):
        yield chance.choice(NAMES), chance.choice([*BOUNDS, 0.0, 31.0, 1e17, chance.random()])


def _histograms() -> tuple[ByCluster, Collector]:
    ours = HistogramByCluster("seconds", "Text.", *LABELS, bounds=BOUNDS)
    theirs = Histogram("seconds", "Text.", LABELS, buckets=BOUNDS, registry=None)
    for values, amount in _observed():
        ours.observe(values, amount)
        theirs.labels(*values).observe(amount)
    return ours, theirs


def _counters() -> tuple[ByCluster, Collector]:
    ours, theirs = CounterByCluster("bytes", "Text.", *LABELS), Counter("bytes", "Text.", LABELS, registry=None)
    for values, amount in _observed():
        ours.inc(values, amount)
        theirs.labels(*values).inc(amount)
    return ours, theirs


def _gauges() -> tuple[ByCluster, Collector]:
    ours, theirs = GaugeByCluster("open", "Text.", *LABELS), Gauge("open", "Text.", LABELS, registry=None)
    for values, amount in _observed():
        ours.set(values, amount)
        theirs.labels(*values).set(amount)
    return ours, theirs


class _WithoutCreated(Collector):
    """A metric of the client library without its lines about the time of creation."""

    def __init__(self, metric: Collector) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        for metric in self._metric.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
@pytest.mark.parametrize("kept", [_histograms(), _counters(), _gauges()], ids=["histogram", "counter", "gauge"])
async def test_the_text_is_that_of_the_client_library(kept: tuple[ByCluster, Collector], accept: str) -> None:
    ours, theirs = kept
    registry = CollectorRegistry()
    registry.register(_WithoutCreated(theirs))

    text, _content_type = await exposition(CollectorRegistry(), [ours], accept)

    assert text.decode() == choose_encoder(accept)[0](registry).decode()


@pytest.mark.parametrize(("values", "shown"), [([], 0), ([("a", "get")], 1), ([("a", "get")] * 2, 1)])
def test_what_was_added_shows_before_anything_is_counted(values: Sequence[tuple[str, str]], shown: int) -> None:
    gauge = GaugeByCluster("open", "Text.", *LABELS)
    for value in values:
        gauge.add(value)

    samples = [sample for part in gauge.batches() for sample in part.samples]

    assert [(sample.labels, sample.value) for sample in samples] == [({"cluster": "a", "verb": "get"}, 0.0)] * shown


def test_a_thousand_clusters_are_hardly_more_objects_to_walk_than_one() -> None:
    histogram = HistogramByCluster("seconds", "Text.", *LABELS, bounds=BOUNDS)
    gc.collect()
    before = len(gc.get_objects())

    for number in range(1000):
        histogram.observe((f"cluster-{number}", "list"), 0.5)
    gc.collect()  # which finds that tuples of texts need not be walked

    assert len(gc.get_objects()) - before < 100

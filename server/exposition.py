"""The text of all figures, made in slices: each cluster has dozens of lines, and there may be many clusters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Generic, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from k8s.turns import Pace

_CHILDREN_AT_ONCE: Final = 16
"""Of a metric by cluster: a few hundred lines, so about a millisecond."""
Kept = TypeVar("Kept", bound=Counter | Gauge | Histogram)
_END: Final = b"# EOF\n"


class ByCluster(Generic[Kept]):
    """A metric with a figure for each cluster, or several; it is in no registry, which would read it at a stretch."""

    def __init__(self, metric: Kept, *labels: str) -> None:
        """Takes a metric.

        Args:
            metric: It is in no registry.
            labels: Its labels' names.
        """
        self._metric = metric
        self._labels = labels
        self._children: dict[tuple[str, ...], Kept] = {}

    def add(self, *values: str) -> Kept:
        """Returns the figure of these labels' values; it shows from now on."""
        if values not in self._children:
            self._children[values] = cast(Kept, self._metric.labels(*values))
        return self._children[values]

    def parts(self) -> Iterator[Metric]:
        """Yields the metric in parts, each with some of its figures; one without any, if there are none."""
        children = iter([*self._children.items()])
        (described,) = self._metric.describe()
        yield described
        while some := [*islice(children, _CHILDREN_AT_ONCE)]:
            part = Metric(described.name, described.documentation, described.type)
            for values, child in some:
                part.samples += self._samples(dict(zip(self._labels, values, strict=True)), child)
            yield part

    def _samples(self, labels: Mapping[str, str], child: Collector) -> Iterator[Sample]:
        for found in child.collect():
            for sample in found.samples:
                if not sample.name.endswith("_created"):  # in plain text that would be a metric of its own
                    yield sample._replace(labels={**labels, **sample.labels})


class _One(Collector):
    """What an encoder reads."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        """The one metric."""
        return (self._metric,)


async def exposition(
    registry: CollectorRegistry, by_cluster: Sequence[ByCluster[Any]], accept: str
) -> tuple[bytes, str]:
    """All figures and their content type, in the format that the scraper prefers.

    Those of one cluster and kind of request are of one moment; a histogram is never read in the middle of a count.
    """
    encode, content_type = choose_encoder(accept)
    text, pace, is_ended = bytearray(), Pace(), False
    for metric, is_continued in _parts(registry, by_cluster):
        written, is_ended = _written(encode, metric, is_continued=is_continued)
        text += written
        await pace.breathe()
    return bytes(text) + (_END if is_ended else b""), content_type


def _parts(registry: CollectorRegistry, by_cluster: Sequence[ByCluster[Any]]) -> Iterator[tuple[Metric, bool]]:
    for metric in registry.collect():
        yield metric, False
    for each in by_cluster:
        for number, part in enumerate(each.parts()):
            yield part, number > 0


def _written(encode: Callable[[Collector], bytes], metric: Metric, *, is_continued: bool) -> tuple[bytes, bool]:
    """The lines of a metric, without those that describe it where it goes on; whether the format has a last line."""
    text = encode(_One(metric))
    is_ended = text.endswith(_END)
    text = text.removesuffix(_END)
    while is_continued and text.startswith(b"# "):
        text = text[text.index(b"\n") + 1 :]
    return text, is_ended

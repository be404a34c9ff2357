"""Text format of all metrics, encoded in slices: each cluster has dozens of lines, and there may be many clusters."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from k8s.turns.turns import Pace
from server.observe.clusterfigures import ByCluster

_END: Final = b"# EOF\n"


class _SingleMetric(Collector):
    """A collector of one metric, for an encoder."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        """Returns the metric."""
        return (self._metric,)


async def exposition(registry: CollectorRegistry, by_cluster: Sequence[ByCluster], accept: str) -> tuple[bytes, str]:
    """Returns all metrics and their content type, in the format that the scraper prefers.

    The numbers of one combination of labels are of one moment; a histogram is never read in the middle of a count.
    """
    encode, content_type = choose_encoder(accept)
    text, pace, is_ended = bytearray(), Pace(), False
    for metric, is_continued in _batches(registry, by_cluster):
        lines, is_ended = _encoded(encode, metric, is_continued=is_continued)
        text += lines
        await pace.breathe()
    return bytes(text) + (_END if is_ended else b""), content_type


def _batches(registry: CollectorRegistry, by_cluster: Sequence[ByCluster]) -> Iterator[tuple[Metric, bool]]:
    for metric in registry.collect():
        yield metric, False
    for figures in by_cluster:
        for number, batch in enumerate(figures.batches()):
            yield batch, number > 0


def _encoded(encode: Callable[[Collector], bytes], metric: Metric, *, is_continued: bool) -> tuple[bytes, bool]:
    """Returns the lines of a metric, without its description if it continues; whether the format has a last line."""
    text = encode(_SingleMetric(metric))
    is_ended = text.endswith(_END)
    text = text.removesuffix(_END)
    while is_continued and text.startswith(b"# "):
        text = text[text.index(b"\n") + 1 :]
    return text, is_ended

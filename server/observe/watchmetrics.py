"""Metrics of watches, from figures that are stored elsewhere."""

from collections.abc import Mapping

from k8s.watches.reflector.watchevent import EventType
from k8s.watches.watchfigures import WatchFigures
from server.observe.clusterfigures import ByCluster, CounterByCluster, GaugeByCluster


class WatchMetrics:
    """The metrics of the watches of each cluster."""

    def __init__(self) -> None:
        self._figures: WatchFigures | None = None
        text = "Watches that run, each for all subscriptions that need it."
        self._running = GaugeByCluster("fleetgraph_watches_running", text, "cluster")
        text = "Events of watches, with the objects of lists."
        self._events = CounterByCluster("fleetgraph_watch_events", text, "cluster", "type")
        text = "Seconds since the API server last sent something, of the watch for which that is longest."
        self._lag = GaugeByCluster("fleetgraph_watch_lag_seconds", text, "cluster")
        text = "Further requests of watches, by the reason of the end of the one before."
        self._reconnects = CounterByCluster("fleetgraph_watch_reconnects", text, "cluster", "reason")
        text = "Those after which all objects are read again."
        self._relists = CounterByCluster("fleetgraph_watch_relists", text, "cluster", "reason")
        self._objects = GaugeByCluster("fleetgraph_watched_objects", "Objects that are held.", "cluster")
        self._bytes = GaugeByCluster("fleetgraph_watched_bytes", "Estimated memory of held objects.", "cluster")

    def show(self, figures: WatchFigures) -> None:
        """Takes the figures to show."""
        self._figures = figures

    def current(self) -> tuple[ByCluster, ...]:
        """Returns the metrics with the figures of now."""
        for cluster, figures in self._figures or ():
            self._running.set((cluster,), len(figures.running))
            self._lag.set((cluster,), figures.lag_s)
            self._objects.set((cluster,), figures.objects)
            self._bytes.set((cluster,), figures.size_bytes)
            _set(self._events, cluster, {**dict.fromkeys(EventType, 0), **figures.events})
            _set(self._reconnects, cluster, figures.reconnects)
            _set(self._relists, cluster, figures.relists)
        return (
            self._running,
            self._events,
            self._lag,
            self._reconnects,
            self._relists,
            self._objects,
            self._bytes,
        )


def _set(counter: CounterByCluster, cluster: str, numbers: Mapping[str, int]) -> None:
    for word, number in numbers.items():
        counter.set((cluster, str(word)), number)

"""The protocol of whoever takes what a watch sees."""

from typing import Protocol

from k8s import errors
from k8s.watches.reflector.watchevent import WatchEvent


class WatchSink(Protocol):
    """Takes what a watch sees; no method may take long or raise."""

    def began_anew(self) -> None:
        """Takes the beginning of all objects; until `synced`, those that are held may be gone."""
        ...

    def changed(self, events: list[WatchEvent]) -> None:
        """Takes events in the order of the server; without bookmarks."""
        ...

    def synced(self, version: str) -> None:
        """Takes the end of all objects: what was not among them is gone."""
        ...

    def reached(self, version: str) -> None:
        """Takes the version behind the events so far, from which another watch can continue."""
        ...

    def connected(self, *, polled_every_s: float | None = None) -> None:
        """Takes the first answer of a request: the objects are live.

        Args:
            polled_every_s: Seconds between two lists, if the objects cannot be watched.
        """
        ...

    def interrupted(self, error: errors.ClusterError) -> None:
        """Takes the failure of a request; it is repeated after a wait."""
        ...

"""A client of payloads in both formats: written by the specifications, and strict about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.controlplane.json_object import JsonObject


@dataclass
class Merged:
    """The answer so far.

    Attributes:
        streamed: paths of the lists whose objects came one after the other.
        failed: paths of failed announcements.
    """

    data: Any = None
    errors: list[Any] = field(default_factory=list)
    streamed: list[tuple[str | int, ...]] = field(default_factory=list)
    failed: list[tuple[str | int, ...]] = field(default_factory=list)
    has_next: bool = True
    _pending: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, payload: Mapping[str, Any]) -> None:
        """Adds one payload of the format with ids."""
        assert self.has_next, "nothing may follow the last payload"
        if "data" in payload:
            self.data = payload["data"]
        self.errors += payload.get("errors", [])
        for increment in payload.get("incremental", []):
            self._deliver(increment)
        for pending in payload.get("pending", []):
            assert pending["id"] not in self._pending
            self.at(pending["path"])  # it is announced with, or behind, what it is a part of
            self._pending[pending["id"]] = pending
        for completed in payload.get("completed", []):
            pending = self._pending.pop(completed["id"])
            if "errors" in completed:
                assert completed["errors"]
                self.errors += completed["errors"]
                self.failed.append(tuple(pending["path"]))
        self.has_next = payload["hasNext"]
        assert self.has_next == bool(self._pending)

    def _deliver(self, increment: Mapping[str, Any]) -> None:
        path = self._pending[increment["id"]]["path"]
        self.errors += increment.get("errors", [])
        if "items" in increment:
            self.streamed.append(tuple(path))
            self.at(path).extend(increment["items"])
        else:
            merge(self.at(path), increment["data"])

    def add_of_2022(self, payload: Mapping[str, Any]) -> None:
        """Adds one payload of the format with paths."""
        assert self.has_next, "nothing may follow the last payload"
        if "data" in payload:
            self.data = payload["data"]
        self.errors += payload.get("errors", [])
        for increment in payload.get("incremental", []):
            self.errors += increment.get("errors", [])
            if increment.get("items") is not None:
                *path, start = increment["path"]
                assert len(self.at(path)) == start
                self.streamed.append(tuple(path))
                self.at(path).extend(increment["items"])
            elif increment.get("data") is not None:
                merge(self.at(increment["path"]), increment["data"])
            else:
                self.failed.append(tuple(increment["path"]))
        self.has_next = payload["hasNext"]

    def at(self, path: Sequence[str | int]) -> Any:
        """Returns the value at a path."""
        found = self.data
        for key in path:
            found = found[key]
        return found


def merge(into: JsonObject, data: JsonObject) -> None:
    """Adds fields to an object; a field comes once."""
    for key, value in data.items():
        assert key not in into, f"{key} came twice"
        into[key] = value

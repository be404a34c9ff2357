"""The target of one watch, and the requests for it."""

from dataclasses import dataclass
from typing import Final

from k8s.kinds.kind import Kind
from k8s.reading.listing import PAGE_OBJECTS
from k8s.reading.pages import METADATA_ONLY
from k8s.transport.call import JSON, Call
from k8s.transport.path import list_path

ONLY_METADATA: Final = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{JSON}"


@dataclass(frozen=True, slots=True)
class WatchTarget:
    """The objects of a kind in one namespace, or in all.

    Attributes:
        kind: Their kind.
        namespace: Their namespace; None for all namespaces.
        label_selector, field_selector: Selectors in the syntax of Kubernetes; empty for none.
        only_metadata: Whether the server sends nothing else of them.
    """

    kind: Kind
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""
    only_metadata: bool = False

    @property
    def name(self) -> str:
        """Returns the only name that the field selector selects, which RBAC may allow alone; empty for any other."""
        _, _, name = self.field_selector.partition("metadata.name=")
        return name if self.field_selector == f"metadata.name={name}" and "," not in name else ""

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.kind}{where}"

    def call_from(self, version: str, *, ends_after_s: int) -> Call:
        """Returns the call for the changes after a resource version."""
        return self._call(("resourceVersion", version), ends_after_s=ends_after_s)

    def call_with_objects(self, *, ends_after_s: int) -> Call:
        """Returns the call for all objects as events, and the changes after them (KEP-3157, WatchList)."""
        return self._call(
            ("sendInitialEvents", "true"),
            ("resourceVersionMatch", "NotOlderThan"),
            ("resourceVersion", ""),
            ends_after_s=ends_after_s,
        )

    def list_call(self, token: str, *, objects: int = PAGE_OBJECTS) -> Call:
        """Returns the call for the page of all objects behind a continue token; the first one for an empty token."""
        return Call(
            list_path(self.kind, self.namespace),
            verb="list",
            target=str(self),
            query=(("limit", str(objects)), *self._selectors, *((("continue", token),) if token else ())),
            accept=METADATA_ONLY if self.only_metadata else JSON,
            most_bytes=None,
        )

    @property
    def _selectors(self) -> tuple[tuple[str, str], ...]:
        selectors = (("labelSelector", self.label_selector), ("fieldSelector", self.field_selector))
        return tuple((name, selector) for name, selector in selectors if selector)

    def _call(self, *query: tuple[str, str], ends_after_s: int) -> Call:
        return Call(
            list_path(self.kind, self.namespace),
            verb="watch",
            target=str(self),
            query=(
                ("watch", "1"),
                ("allowWatchBookmarks", "true"),
                *self._selectors,
                *query,
                ("timeoutSeconds", str(ends_after_s)),
            ),
            accept=ONLY_METADATA if self.only_metadata else JSON,
            most_bytes=None,
            is_stream=True,
        )

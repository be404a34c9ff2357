"""Watches: the existing objects, then their changes, one line of JSON each."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

import msgspec

from snapshots.serving.accept import METADATA
from snapshots.serving.content import Content
from snapshots.serving.index.index import ObjectIndex
from snapshots.serving.index.indexes import Indexes, Moment
from snapshots.serving.index.item import alone, metadata_alone, read_head
from snapshots.serving.route import Route
from snapshots.serving.selectors.parameters import ListOptions
from snapshots.serving.selectors.selectable import SelectableFields
from snapshots.serving.status import RequestRefused, version_gone, version_unknown
from snapshots.serving.watching.changelog import Change
from snapshots.serving.watching.live import LiveContent

LONGEST_S: Final = 1800
_INITIAL_END: Final = {"k8s.io/initial-events-end": "true"}


@dataclass(frozen=True, slots=True)
class ListWatch:
    """One watch of a list.

    Attributes:
        route: The kind and namespace.
        options: Selectors, version and timeout.
        version: The first version; 0 for the current one.
        known: The selectable fields of the kind.
        form: Whole objects, or their metadata only.
    """

    route: Route
    options: ListOptions
    version: int
    known: SelectableFields
    form: str

    async def lines(self, content: Content, indexes: Indexes) -> AsyncIterator[bytes]:
        """Yields the events until the timeout; an error is the last event."""
        until_s = monotonic() + (self.options.timeout_s or LONGEST_S)
        try:
            moment = await indexes.latest(self.route.kind)
            latest = moment.resource_version
            after = self.version or latest
            if self.options.sends_initial_events:
                if self.version > latest:
                    raise version_unknown(self.version, latest)
                after = latest
                async for line in self._initial(moment):
                    yield line
            if isinstance(content, LiveContent):
                async for line in self._following(content, after, until_s=until_s):
                    yield line
            elif after < latest:
                raise version_gone(after, latest)
            else:
                await asyncio.sleep(until_s - monotonic())
        except RequestRefused as refused:
            yield _line("ERROR", refused.body.strip())

    async def _initial(self, moment: Moment) -> AsyncIterator[bytes]:
        index, options = moment.index, self.options
        span = index.span(self.route.namespace)
        for at in await index.selected(span, options.labels, options.fields, known=self.known, limit=0):
            yield self._event("ADDED", index.entries[at].item)
        if options.allows_bookmarks:
            yield self._bookmark(moment.resource_version)

    async def _following(self, content: LiveContent, after: int, *, until_s: float) -> AsyncIterator[bytes]:
        changes = content.changes(self.route.kind, after=after)
        while change := await changes.next(timeout_s=until_s - monotonic()):
            line = await self._selected_event(change)
            if line is not None:
                yield line

    async def _selected_event(self, change: Change) -> bytes | None:
        """Returns the event for the selectors: an object may enter or leave the selection."""
        was_in = change.previous is not None and await self._selects(change.previous)
        is_in = change.type != "DELETED" and await self._selects(change.item)
        if is_in:
            return self._event("MODIFIED" if was_in else "ADDED", change.item)
        return self._event("DELETED", change.item) if was_in else None

    async def _selects(self, item: bytes) -> bool:
        index = await ObjectIndex.of(self.route.kind, (item,))
        span, options = index.span(self.route.namespace), self.options
        return bool(await index.selected(span, options.labels, options.fields, known=self.known, limit=1))

    def _event(self, event: str, item: bytes) -> bytes:
        document = metadata_alone(read_head(item).metadata) if self.form == METADATA else alone(self.route.kind, item)
        return _line(event, document)

    def _bookmark(self, version: int) -> bytes:
        kind = self.route.kind
        is_metadata = self.form == METADATA
        document = {
            "kind": METADATA if is_metadata else kind.name,
            "apiVersion": "meta.k8s.io/v1" if is_metadata else kind.api_version,
            "metadata": {"resourceVersion": str(version), "annotations": _INITIAL_END},
        }
        return _line("BOOKMARK", msgspec.json.encode(document))


def _line(event: str, document: bytes) -> bytes:
    return b'{"type":"' + event.encode("ascii") + b'","object":' + document + b"}\n"

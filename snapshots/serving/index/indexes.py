"""The indexes of a content's lists, each built once; a few older ones are retained for lists with pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.serving.content import Content
from snapshots.serving.index.index import ObjectIndex
from snapshots.serving.status import internal

RETAINED: Final = 8
"""The number of versions of a list that are retained while it is read page by page."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A list as it was at a resource version."""

    index: ObjectIndex
    resource_version: int


class Indexes:
    """The current and recent versions of the lists of a content."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._moments: dict[Kind, list[Moment]] = {}
        self._locks: dict[Kind, asyncio.Lock] = {}

    async def latest(self, kind: Kind) -> Moment:
        """Returns the current list.

        Raises:
            RequestRefused: The content has a value that is not an object.
        """
        async with self._locks.setdefault(kind, asyncio.Lock()):
            listed = await self._content.listed(kind)
            moments = self._moments.setdefault(kind, [])
            if not moments or moments[-1].index.objects is not listed.objects:
                before = moments[-1].index if moments else None
                index = await _indexed(kind, listed.objects, before)
                moments.append(Moment(index, int(listed.resource_version)))
                del moments[:-RETAINED]
            return Moment(moments[-1].index, int(listed.resource_version))

    def forget(self, kind: Kind) -> None:
        """Drops a list; it is indexed again at its next use."""
        self._moments.pop(kind, None)

    async def at(self, kind: Kind, resource_version: int) -> Moment | None:
        """Returns the list at a version that `latest` returned before; None if it is not retained any more."""
        await self.latest(kind)
        for moment in reversed(self._moments.get(kind, ())):
            if moment.resource_version <= resource_version:
                return Moment(moment.index, resource_version)
        return None


async def _indexed(kind: Kind, objects: Sequence[bytes], before: ObjectIndex | None) -> ObjectIndex:
    try:
        return await ObjectIndex.of(kind, objects, before)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise internal(f"the snapshot's list of {kind} has a value that is not an object with a name") from error

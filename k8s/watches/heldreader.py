"""A reader of held objects: it answers as the API server did, without a request.

Rows are decoded from the held JSON by the same decoders as pages of the API server, so whatever reads lists reads
these.

A persistent mirror of a cluster has its place here: it would be another holder of objects behind this reader, filled by
the same watches (`k8s.watches.reflector.watchsink`). Then ordinary queries could be answered from it, for identities
whose right to list was reviewed a moment ago.
"""

from bisect import bisect_right
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Final

from k8s import errors
from k8s.deniedvalues import denied_values, report_denied
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.decoder import Undecodable
from k8s.reading.listing import PAGE_OBJECTS, WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.rowdecoders import Row, object_decoder, page_decoder
from k8s.reading.selection import Selection
from k8s.transport.deadline import Deadline
from k8s.turns.turns import Pace
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.keyorder import Key, place_of

_PAGE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of objects that are decoded at once; one object more may be among them."""
NAMED: Final = "metadata.name="
"""The beginning of a field selector of a name."""


class HeldReader:
    """A `Reader` of the objects of one target; others are not asked of it."""

    def __init__(self, cluster: str, held: HeldObjects, masking: Masking = STANDARD) -> None:
        """Takes the cluster's name, for messages, and the objects."""
        self._cluster = cluster
        self._held = held
        self._masking = masking

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields the objects of the request and the window, at most `limit`, page by page.

        Raises:
            TooManyObjects: There are more than `limit`.
        """
        keys = self._keys(request, window)
        count = len(self._keys(request, WHOLE))
        if window.first is None and count > limit:
            cause = (
                f"it has {count} {request.kind} here and a list reads at most {limit} from a cluster; narrow it by "
                "namespaces, labelSelector or fieldSelector."
            )
            raise errors.TooManyObjects(self._cluster, cause)
        wanted = keys if window.first is None else keys[: window.first]
        read, is_first, version, observed_at = 0, True, self._held.version, self._held.since
        for start in range(0, max(1, len(wanted)), PAGE_OBJECTS):
            rows = await self.rows(wanted[start : start + PAGE_OBJECTS], request)
            read += len(rows)
            left = len(wanted) - start - PAGE_OBJECTS
            yield Page(rows, is_first, True, version, observed_at, "", read, max(0, left), count)
            is_first = False

    async def rows(self, keys: Iterable[Key], request: ListRequest) -> Sequence[Row]:
        """Returns the rows of some objects, in the order of the keys, without those that are gone."""
        decoder = page_decoder(
            request.structure, request.selection, request.kind, request.structures, self._masking.of(request.kind)
        )
        denied, rows = denied_values(), list[Row]()
        try:
            async for body in self._bodies(keys):
                rows += (await decoder.read(body, denied)).items
        except Undecodable as error:
            raise errors.ProtocolBroken(self._cluster, f"it has {request.kind} that are none.") from error
        report_denied(self._cluster, denied)
        return rows

    async def _bodies(self, keys: Iterable[Key]) -> AsyncGenerator[bytes, None]:
        """Yields objects as pages; each has a few MB, because many small objects may unpack to very large ones."""
        pace, objects, size_bytes = Pace(), list[bytes](), 0
        for key in keys:
            if (json := self._held.json(key)) is None:
                continue
            objects.append(json)
            size_bytes += len(json)
            if size_bytes >= _PAGE_BYTES:
                yield _page(objects)
                objects, size_bytes = [], 0
            await pace.breathe()
        if objects:
            yield _page(objects)

    async def get(
        self,
        kind: Kind,
        *,
        structure: str,
        selection: Selection,
        namespace: str | None,
        name: str,
        deadline: Deadline,
        structures: Structures | None = None,
    ) -> Row | None:
        """Returns one object, or None if there is none of that name."""
        json = self._held.json((namespace or "", name))
        if json is None:
            return None
        denied = denied_values()
        decoder = object_decoder(structure, selection, kind, structures, self._masking.of(kind))
        try:
            row = await decoder.read(json, denied)
        except Undecodable as error:
            raise errors.ProtocolBroken(self._cluster, f"it has {kind} that are none.") from error
        report_denied(self._cluster, denied)
        return row

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns the number of objects of the request."""
        return ObjectCount(len(self._keys(request, WHOLE)))

    def _keys(self, request: ListRequest, window: Window) -> Sequence[Key]:
        """Returns the keys of the request, behind the beginning of the window."""
        name, only = selected_name(request), window.only
        if name and only is None and (request.namespace is not None or not request.kind.namespaced):
            only = frozenset({(request.namespace or "", name)})
        if only is not None:
            keys: Sequence[Key] = sorted((key for key in only if key in self._held), key=place_of)
        else:
            keys = self._held.ordered()
        if request.namespace is not None:
            low = bisect_right(keys, (request.namespace + "/", ""), key=place_of)
            high = bisect_right(keys, (request.namespace + "/", "\U0010ffff"), key=place_of)
            keys = keys[low:high]
        if name:
            keys = [key for key in keys if key[1] == name]
        if window.after is not None:
            keys = keys[bisect_right(keys, place_of(window.after), key=place_of) :]
        return keys


def _page(objects: Iterable[bytes]) -> bytes:
    return b'{"items":[' + b",".join(objects) + b"]}"


def selected_name(request: ListRequest) -> str:
    """Returns the only name that the field selector of a request selects; empty for any other selector."""
    name = request.field_selector.removeprefix(NAMED)
    return name if request.field_selector.startswith(NAMED) and "," not in name else ""

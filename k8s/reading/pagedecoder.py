"""One page of a list, decoded at once, or in pieces or object by object if that would block the event loop.

An API server writes at most the requested number of objects on a page, but objects have any number of values. As Go
clients read it, null is the same as an absent field, and a list without items is empty.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Any, Final, Generic, TypeVar

import msgspec

from k8s.deniedvalues import DeniedValues
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.decodingcost import decoding_s, skipping_s
from k8s.reading.objectdecoder import ObjectDecoder
from k8s.reading.pagepieces import REST_KEY, NoPieces, pieces_of
from k8s.turns.turns import Pace, turn

T = TypeVar("T")


_MOST_OBJECTS: Final = 10_000
"""The maximum number of objects of a page that is split; only 500 are requested, but some servers ignore the limit."""

_MOST_REMAINING: Final = 10_000_000
"""The maximum of remaining objects that is possible: etcd holds 8 GB."""

_NO_OBJECT: Final = msgspec.Raw(b"")


class ListMetadata(msgspec.Struct, rename="camel"):
    """The metadata of a list."""

    reported_version: str | None = msgspec.field(default=None, name="resourceVersion")
    reported_token: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None

    @property
    def resource_version(self) -> str:
        """The version of the list; empty if there is none."""
        return self.reported_version or ""

    @property
    def continue_token(self) -> str:
        """The token of the next page; empty on the last one."""
        return self.reported_token or ""

    @property
    def remaining(self) -> int | None:
        """The number of objects after this page as the server estimates it; None if it does not report a possible one.

        0 on the last page, whatever the server reports.
        """
        if not self.continue_token:
            return 0
        reported = self.remaining_item_count
        return reported if reported is not None and 0 < reported <= _MOST_REMAINING else None


class DecodedPage(msgspec.Struct, Generic[T]):
    """One answer to a list request."""

    reported_items: list[T] | msgspec.UnsetType | None = msgspec.field(default=msgspec.UNSET, name="items")
    reported_kind: str | None = msgspec.field(default=None, name="kind")
    reported_metadata: ListMetadata | None = msgspec.field(default=None, name="metadata")

    @property
    def items(self) -> list[T]:
        """The objects; Go encodes an empty slice as null."""
        return self.reported_items if isinstance(self.reported_items, list) else []

    @property
    def kind(self) -> str:
        """The kind of the list; empty if it is missing."""
        return self.reported_kind or ""

    @property
    def metadata(self) -> ListMetadata:
        """The metadata of the list."""
        return self.reported_metadata or ListMetadata()

    @property
    def is_list(self) -> bool:
        """False for other JSON: it has neither items nor the kind of a list."""
        return self.reported_items is not msgspec.UNSET or self.kind.endswith("List")


class _Rest(msgspec.Struct, Generic[T]):
    """The last piece of a page: its last objects, and its keys; with other items the pieces are not the page."""

    items: list[T] = msgspec.field(name=REST_KEY)
    other_items: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="items")
    reported_kind: str | None = msgspec.field(default=None, name="kind")
    reported_metadata: ListMetadata | None = msgspec.field(default=None, name="metadata")


class PageDecoder(Generic[T]):
    """A decoder of the pages of a list of one type of objects."""

    def __init__(self, object_type: type[T], *, cost_s: Callable[[bytes], float] = decoding_s) -> None:
        """Takes the type of the objects, and a function that estimates the seconds to decode them."""
        self._page = Decoder(DecodedPage[object_type], cost_s=cost_s)  # type: ignore[valid-type]  # made at run time
        piece_type: Any = list[object_type] | _Rest[object_type]  # type: ignore[valid-type]  # made at run time
        self._piece = Decoder[list[T] | _Rest[T]](piece_type, cost_s=cost_s)
        self._object = ObjectDecoder(object_type, cost_s=cost_s)

    async def read(self, body: bytes, denied: DeniedValues | None = None) -> DecodedPage[T]:
        """Decodes a page; object by object if a value is not of its type, or if the page cannot be cut into pieces.

        Args:
            body: the page.
            denied: collects the values that are not of their fields' types; None if they make the page undecodable.

        Raises:
            Undecodable: it is not a list of such objects.
            TooMuchToDecode: the page cannot be split in bounded time, or one object cannot be decoded in it.
        """
        try:
            return await self.read_strictly(body)
        except TooMuchToDecode:
            pass
        except Undecodable:
            if denied is None:
                raise
        await turn()
        return await read_page_apart(body, partial(self._object.read, denied=denied))

    async def read_strictly(self, body: bytes) -> DecodedPage[T]:
        """Decodes a page, in pieces if that takes too long at once.

        Raises:
            Undecodable: it is not a list of such objects, or a value is not of its type.
            TooMuchToDecode: the page must be split; a value may not be of its type.
        """
        try:
            return _list(await self._page.read(body))
        except TooMuchToDecode:
            pass
        try:
            return await self._joined(body)
        except (Undecodable, NoPieces):
            raise TooMuchToDecode from None

    async def _joined(self, body: bytes) -> DecodedPage[T]:
        pace, items = Pace(), list[T]()
        for piece in pieces_of(body):
            await pace.breathe()
            read = await self._piece.read(piece)
            items += read.items if isinstance(read, _Rest) else read
            if len(items) > _MOST_OBJECTS:
                raise NoPieces  # none that was asked for: their rows would take more memory than is counted
            if isinstance(read, _Rest) and read.other_items is msgspec.UNSET:
                return DecodedPage(items, read.reported_kind, read.reported_metadata)
        raise NoPieces


async def read_page_apart(body: bytes, read: Callable[[bytes], Awaitable[T]]) -> DecodedPage[T]:
    """Decodes a page object by object with `read`; raises as `PageDecoder.read`."""
    split = await read_split_page(body)
    await turn()  # splitting took milliseconds
    items, pace = list[T](), Pace()
    for item in split.items:
        body = bytes(item)
        await pace.breathe()  # an object may be as long as the page
        try:
            items.append(await read(body))
        except TooMuchToDecode:
            raise TooMuchToDecode(is_one_object=True) from None
        await pace.breathe()
    return DecodedPage(items, split.reported_kind, split.reported_metadata)


def objects_on(body: bytes) -> int:
    """Returns the number of objects of a page; 0 for other bodies, and for a page that is too large to split."""
    try:
        return len(_objects(_split_page().decode(body)))
    except Undecodable:
        return 0


async def read_split_page(body: bytes) -> DecodedPage[msgspec.Raw]:
    """Splits a page into the raw JSON of its objects; raises as `PageDecoder.read`."""
    splitter = await asyncio.to_thread(_split_page)  # created once, in 30 to 60 ms
    split = await splitter.read(body)
    items = _objects(split) if split.items else split.items
    return _list(DecodedPage(items, split.kind, split.metadata))


def _list(page: DecodedPage[T]) -> DecodedPage[T]:
    if not page.is_list:
        raise Undecodable
    return page


def _objects(split: Any) -> list[msgspec.Raw]:
    if not split.items:
        return []
    items = [item for item in msgspec.structs.astuple(split.items) if item is not _NO_OBJECT]
    if len(items) > _MOST_OBJECTS:
        raise TooMuchToDecode
    return items


@lru_cache(maxsize=1)
def _split_page() -> Decoder[Any]:
    """Returns the decoder of a page of `_MOST_OBJECTS` plus one; it skips further objects without creating any."""
    places = [(f"item_{number}", msgspec.Raw, _NO_OBJECT) for number in range(_MOST_OBJECTS + 1)]
    items = msgspec.defstruct("Items", places, array_like=True, gc=False)
    fields: list[Any] = [
        ("items", items | msgspec.UnsetType | None, msgspec.UNSET),
        ("kind", str | None, None),
        ("metadata", ListMetadata | None, None),
    ]
    return Decoder(msgspec.defstruct("SplitPage", fields), cost_s=skipping_s)

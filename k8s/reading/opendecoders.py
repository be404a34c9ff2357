"""Decoders of objects with open paths: their fields are decoded by their types, and the raw JSON beside them.

Usually both are keys of one class, and decoded at once. An object is decoded twice if its fields and its paths have
keys in common, or if one of its values is of a form that the class does not have.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from k8s.deniedvalues import DeniedValues
from k8s.masking.kindmask import UNMASKED, KindMask
from k8s.reading.decoder import LARGE_BYTES, Decoder, TooMuchToDecode, Undecodable
from k8s.reading.objectdecoder import ObjectDecoder
from k8s.reading.openpaths import OPEN_ROOT, open_type, pruned
from k8s.reading.pagedecoder import DecodedPage, PageDecoder, read_page_apart
from k8s.reading.selection import Selection
from k8s.turns.turns import turn

T = TypeVar("T")


class OpenDecoder(Generic[T]):
    """A decoder of objects with open paths, and of the pages of their lists."""

    def __init__(
        self,
        fields_type: type[T],
        tree: Selection,
        *,
        joint_type: type[T] | None,
        cost_s: Callable[[bytes], float],
        masks: KindMask = UNMASKED,
    ) -> None:
        """Takes the classes of objects.

        Args:
            fields_type: the class of the fields, with the attribute `OPEN_ROOT`.
            tree: the tree of the open paths.
            joint_type: the class of the fields and of the open paths together; None if they have keys in common.
            cost_s: estimates the seconds to decode a body.
            masks: the masks of the kind; if there are any, objects are decoded whole and masked.
        """
        self._fields = ObjectDecoder(fields_type, cost_s=cost_s)
        self._open: Decoder[Any] | None = None if masks else Decoder(open_type(tree), cost_s=cost_s)
        self._whole: Decoder[Any] = Decoder(Any, cost_s=cost_s)
        self._joint = Decoder(joint_type, cost_s=cost_s) if joint_type is not None else None
        self._page = PageDecoder(joint_type, cost_s=cost_s) if joint_type is not None else None
        self._tree = tree
        self._masks = masks

    def decode(self, body: bytes) -> T:
        """Decodes one object; raises as `Decoder.decode`."""
        if self._joint is not None:
            try:
                return self._joint.decode(body)
            except TooMuchToDecode:
                raise
            except Undecodable:
                pass
        row = self._fields.decode(body)
        setattr(row, OPEN_ROOT, self._values(body))
        return row

    async def read(self, body: bytes, denied: DeniedValues | None = None) -> T:
        """Decodes one object; arguments and errors are those of `ObjectDecoder.read`."""
        if self._joint is not None:
            try:
                return await self._joint.read(body)
            except TooMuchToDecode:
                raise
            except Undecodable:
                await turn()
        return await self._twice(body, denied)

    async def read_page(self, body: bytes, denied: DeniedValues | None = None) -> DecodedPage[T]:
        """Decodes a page of a list; arguments and errors are those of `PageDecoder.read`."""
        if self._page is not None:
            try:
                return await self._page.read_strictly(body)
            except Undecodable:  # or too much to decode
                await turn()
                return await read_page_apart(body, partial(self.read, denied=denied))
        return await read_page_apart(body, partial(self._twice, denied=denied))

    async def _twice(self, body: bytes, denied: DeniedValues | None) -> T:
        row = await self._fields.read(body, denied)
        if len(body) > LARGE_BYTES:
            await turn()
        setattr(row, OPEN_ROOT, await self._read_values(body))
        return row

    async def _read_values(self, body: bytes) -> Any:
        """Returns the same as `_values`, with U+FFFD in place of invalid Unicode."""
        if self._open is not None:
            try:
                return await self._open.read(body)
            except TooMuchToDecode:
                raise
            except Undecodable:
                pass
        return pruned(self._masks.applied(await self._whole.read(body)), self._tree)

    def _values(self, body: bytes) -> Any:
        """Returns the values of the open paths; if they are masked or of unusual forms, from the whole JSON."""
        if self._open is not None:
            try:
                return self._open.decode(body)
            except TooMuchToDecode:
                raise
            except Undecodable:
                pass
        return pruned(self._masks.applied(self._whole.decode(body)), self._tree)


class OpenPageDecoder(Generic[T]):
    """A decoder of the pages of a list of objects with open paths."""

    def __init__(self, objects: OpenDecoder[T]) -> None:
        """Takes the decoder of its objects."""
        self._objects = objects

    async def read(self, body: bytes, denied: DeniedValues | None = None) -> DecodedPage[T]:
        """Decodes a page; arguments and errors are those of `PageDecoder.read`."""
        return await self._objects.read_page(body, denied)

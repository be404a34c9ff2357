"""A decoder of objects that loses no object because of one value.

An object is decoded at once. Only if one of its values is not of the type of its field, it is decoded value by value.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from k8s.deniedvalues import DeniedValues
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.decodingcost import decoding_s, skipping_s
from k8s.turns.turns import Pace, turn

T = TypeVar("T")

_PARTS: Final = Decoder(dict[str, msgspec.Raw], cost_s=skipping_s)
_ELEMENTS: Final = Decoder(list[msgspec.Raw], cost_s=skipping_s)
_LABELS: Final = "metadata.labels"


class ObjectDecoder(Decoder[T]):
    """A decoder of objects of one class of rows."""

    def __init__(self, object_type: type[T], *, cost_s: Callable[[bytes], float] = decoding_s) -> None:
        """Takes the class, and a function that estimates the seconds to decode an object."""
        super().__init__(object_type, cost_s=cost_s)
        self._object_type = object_type
        self._decoders: dict[Any, Decoder[Any]] = {}
        self._fields: dict[Any, Sequence[FieldInfo]] = {}

    async def read(self, body: bytes, denied: DeniedValues | None = None) -> T:
        """Decodes an object; values that are not of their fields' types are None, and are added to `denied`.

        Raises:
            Undecodable: it is no object or has no name; or, without `denied`, a value is not of its type.
            TooMuchToDecode: decoding would take too long.
        """
        try:
            return await super().read(body)
        except TooMuchToDecode:
            raise
        except Undecodable:
            if denied is None:
                raise
        await turn()
        values = _Values(self._decoders, self._fields)
        row: T = await values.read_object(self._object_type, body)
        if hasattr(row, "__post_init__") and any(path.startswith(_LABELS) for path in values.denied):
            raise Undecodable  # the labels decide what is masked
        for path in values.denied:
            denied.add(row, path)
            await values.pace.breathe()
        return row


class _Values:
    """The values of one object.

    Attributes:
        denied: the paths of values that are not of their types.
    """

    def __init__(self, decoders: dict[Any, Decoder[Any]], class_fields: dict[Any, Sequence[FieldInfo]]) -> None:
        self.denied: list[str] = []
        self.pace = Pace()
        self._decoders = decoders
        self._class_fields = class_fields

    async def read_object(self, object_type: Any, body: bytes, path: str = "") -> Any:
        """Decodes an object; raises Undecodable if it is none, or lacks a required value."""
        parts, values = await _PARTS.read(body), dict[str, Any]()
        for field in self._fields_of(object_type):
            if field.encode_name in parts:
                below = f"{path}.{field.encode_name}" if path else field.encode_name
                values[field.name] = await self._value(field.type, bytes(parts[field.encode_name]), below)
            if field.required and values.get(field.name) is None:
                raise Undecodable
        return object_type(**values)

    async def _value(self, value_type: Any, body: bytes, path: str) -> Any:
        """Decodes a value of any type; as far as it is not of that type, it is None."""
        await self.pace.breathe()
        try:
            return await self._decoder(value_type).read(body)
        except TooMuchToDecode:
            raise
        except Undecodable:
            return await self._partly(_without_none(value_type), body, path)

    async def _partly(self, value_type: Any, body: bytes, path: str) -> Any:
        """Decodes the objects and the entries in a value; None if it is of another form."""
        inside = get_args(value_type)
        try:
            if _is_object(value_type):
                return await self.read_object(value_type, body, path)
            if get_origin(value_type) is list and _is_object(inside[0]):
                items = enumerate(await _ELEMENTS.read(body))
                return [await self._element(inside[0], bytes(item), f"{path}[{place}]") for place, item in items]
            if get_origin(value_type) is dict:
                parts = await _PARTS.read(body)
                entries = {
                    key: await self._value(inside[1], bytes(part), f"{path}.{key}") for key, part in parts.items()
                }
                return {key: value for key, value in entries.items() if value is not None or _has_none(inside[1])}
        except TooMuchToDecode:
            raise
        except Undecodable:
            pass
        self.denied.append(path)
        return None

    async def _element(self, object_type: Any, body: bytes, path: str) -> Any:
        """Decodes an object of a list; raises Undecodable if it is none, since no element of a list is null."""
        await self.pace.breathe()
        try:
            return await self._decoder(object_type).read(body)
        except TooMuchToDecode:
            raise
        except Undecodable:
            return await self.read_object(object_type, body, path)

    def _decoder(self, value_type: Any) -> Decoder[Any]:
        if value_type not in self._decoders:
            self._decoders[value_type] = Decoder(value_type)
        return self._decoders[value_type]

    def _fields_of(self, object_type: Any) -> Sequence[FieldInfo]:
        if object_type not in self._class_fields:
            self._class_fields[object_type] = fields(object_type)
        return self._class_fields[object_type]


def _is_object(value_type: Any) -> bool:
    return isinstance(value_type, type) and issubclass(value_type, msgspec.Struct)


def _has_none(value_type: Any) -> bool:
    return type(None) in get_args(value_type)


def _without_none(value_type: Any) -> Any:
    """Returns the type beside None; the type itself if it is no union of one type and None."""
    others = [member for member in get_args(value_type) if member is not type(None)]
    return others[0] if _has_none(value_type) and len(others) == 1 else value_type

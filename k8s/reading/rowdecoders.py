"""A decoder for exactly the selected paths.

Each selection of a structure has a `msgspec.Struct` class, created once, with the JSON keys as its encoded names. The
parser skips paths that a query does not select, so they never become objects. Every attribute is optional, since
Kubernetes omits empty values; only an object's own name is required.
"""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, attribute_name
from k8s.kinds.structures import Structures
from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import decoding_s, field_decoding_s
from k8s.reading.numbers import Number, Quantity
from k8s.reading.pagedecoder import PageDecoder
from k8s.reading.selection import LEAF, Selection

Row: TypeAlias = Any
"""One decoded object: an instance of a class created at run time. Its attributes are the selected fields, named by
`Field.attribute`. The class has the structure's name, and its attribute `selection` has the paths in their order. So no
static type describes it."""

_CACHED_TYPES = 256
_CACHED_DECODERS = 128
"""A decoder takes 0.2 ms to create, and with its types 30 objects, which every full garbage collection walks."""
_LEAVES: Mapping[FieldFormat, Any] = {
    FieldFormat.STRING: str | None,
    FieldFormat.INT32: int | None,
    FieldFormat.INT64: int | None,
    FieldFormat.NUMBER: Number | None,
    FieldFormat.BOOLEAN: bool | None,
    FieldFormat.TIME: str | None,
    FieldFormat.BYTES: str | None,
    FieldFormat.QUANTITY: Quantity | None,
    FieldFormat.INT_OR_STRING: int | str | None,
    FieldFormat.STRING_MAP: dict[str, str | None]
    | None,  # in a map of bytes, such as Secret.data, Go writes empty bytes as null
    FieldFormat.QUANTITY_MAP: dict[str, Quantity] | None,
    FieldFormat.ANY: Any,
}
_DEAR = frozenset(
    {None, FieldFormat.ANY, FieldFormat.STRING_MAP, FieldFormat.QUANTITY_MAP, FieldFormat.QUANTITY, FieldFormat.NUMBER}
)


Made = TypeVar("Made", covariant=True)


class _OfKind(Protocol[Made]):
    def __call__(
        self, structure: str, selection: Selection, kind: Kind, structures: Structures | None = None
    ) -> Made: ...


def _of_set(most: int) -> Callable[[Callable[[Structures, str, Selection, Kind], Made]], _OfKind[Made]]:
    """Makes the set of a function's structures its last argument, with built-in kinds as the default.

    The last `most` results are cached in the set that holds the structure, and end with it.
    """

    def decorate(function: Callable[[Structures, str, Selection, Kind], Made]) -> _OfKind[Made]:
        def find(structure: str, selection: Selection, kind: Kind, structures: Structures | None = None) -> Made:
            return _holder(structures, structure).cached(function, most)(structure, selection, kind)

        update_wrapper(find, function)
        return find

    return decorate


def _holder(structures: Structures | None, structure: str) -> Structures:
    return (built_in_structures() if structures is None else structures).holder(structure)


def row_type(structure: str, selection: Selection, structures: Structures | None = None) -> type[msgspec.Struct]:
    """Returns the class of the rows of a structure: the selected fields, in the selection's order.

    The class of a structure that is selected without fields has no attributes: only its presence is decoded.
    """
    return _holder(structures, structure).cached(_row_type, _CACHED_TYPES)(structure, selection)


def _row_type(structures: Structures, structure: str, selection: Selection) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures[structure].fields}
    fields = [
        (described[key].attribute, _field_type(structures, described[key], below), None)
        for key, below in selection
        if key in described
    ]
    return msgspec.defstruct(
        structure,
        fields,
        rename={described[key].attribute: key for key in selection.keys if key in described},
        namespace={"selection": selection},
        gc=False,
    )


@_of_set(_CACHED_TYPES)
def object_type(structures: Structures, structure: str, selection: Selection, kind: Kind) -> type[msgspec.Struct]:
    """Returns the class of a whole object, as `row_type`; its metadata and name are required.

    Args:
        structure: the name of the structure; the same for all versions of a kind.
        selection: the paths to decode.
        kind: the kind in the version of the objects, as attribute `kind` of the class.
    """
    described = {field.key: field for field in structures[structure].fields}
    metadata_type = _metadata_type(structures, selection.below("metadata"))
    fields: list[Any] = [("metadata", metadata_type)]
    fields += [
        (described[key].attribute, _field_type(structures, described[key], below), None)
        for key, below in selection
        if key != "metadata" and key in described
    ]
    order = [attribute_name(described[key].name) for key in selection.keys if key in described]
    fields.sort(key=lambda entry: order.index(entry[0]) if entry[0] in order else len(order))
    return msgspec.defstruct(
        structure,
        fields,
        rename={described[key].attribute: key for key in selection.keys if key in described},
        namespace={"selection": selection, "kind": kind},
        gc=False,
        kw_only=True,
    )


@_of_set(_CACHED_DECODERS)
def page_decoder(structures: Structures, structure: str, selection: Selection, kind: Kind) -> PageDecoder[Row]:
    """Returns the decoder of a list's pages; the arguments are those of `object_type`."""
    rows = object_type(structure, selection, kind, structures)
    return PageDecoder(rows, cost_s=_cost_s(structures, structure, selection))


@_of_set(_CACHED_DECODERS)
def object_decoder(structures: Structures, structure: str, selection: Selection, kind: Kind) -> Decoder[Row]:
    """Returns the decoder of a single object; the arguments are those of `object_type`."""
    return Decoder(
        object_type(structure, selection, kind, structures), cost_s=_cost_s(structures, structure, selection)
    )


def _cost_s(structures: Structures, structure: str, selection: Selection) -> Callable[[bytes], float]:
    return decoding_s if _has(_DEAR, structures, structure, selection) else field_decoding_s


def _has(formats: frozenset[FieldFormat | None], structures: Structures, structure: str, selection: Selection) -> bool:
    """Returns True if a field of one of the formats is selected."""
    described = {field.key: field for field in structures[structure].fields}
    selected = [(described[key], below or LEAF) for key, below in selection if key in described]
    return any(
        field.format in formats if field.structure is None else _has(formats, structures, field.structure, below)
        for field, below in selected
    )


def _metadata_type(structures: Structures, selection: Selection) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures["ObjectMeta"].fields}
    fields: list[Any] = []
    for key, below in selection:
        if key == "name":
            fields.append((key, str))
        else:
            fields.append((described[key].attribute, _field_type(structures, described[key], below), None))
    return msgspec.defstruct("ObjectMeta", fields, namespace={"selection": selection}, gc=False, kw_only=True)


def _field_type(structures: Structures, field: Field, below: Selection) -> Any:
    if field.structure is not None:
        value_type: Any = row_type(field.structure, below or LEAF, structures)
        return list[value_type] | None if field.is_list else value_type | None
    value_type = _LEAVES[field.format or FieldFormat.ANY]
    return list[value_type] | None if field.is_list else value_type

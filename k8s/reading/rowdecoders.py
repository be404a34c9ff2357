"""A decoder for exactly the selected paths.

Each selection of a structure has a `msgspec.Struct` class, created once, with the JSON keys as its encoded names. The
parser skips paths that a query does not select, so they never become objects. Every attribute is optional, since
Kubernetes omits empty values; only an object's own name is required.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, Structure, attribute_name
from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import decoding_s, field_decoding_s
from k8s.reading.numbers import Number, Quantity
from k8s.reading.opendecoders import OpenDecoder, OpenPageDecoder
from k8s.reading.openpaths import OPEN_ROOT, is_whole, open_fields, open_namespace
from k8s.reading.pagedecoder import PageDecoder
from k8s.reading.selection import LEAF, OPEN, Selection

Row: TypeAlias = Any
"""One decoded object: an instance of a class created at run time. Its attributes are the selected fields, named by
`Field.attribute`. The class has the structure's name; its attribute `selection` has the paths in their order, and
`kind` the kind in the version that was requested. So no static type describes it."""

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


@lru_cache(maxsize=1)
def _structures() -> Mapping[str, Structure]:
    return built_in_structures()


@lru_cache(maxsize=_CACHED_TYPES)
def row_type(structure: str, selection: Selection) -> type[msgspec.Struct]:
    """Returns the class of the rows of a structure: the selected fields, in the selection's order.

    The class of a structure that is selected without fields has no attributes: only its presence is decoded.
    """
    described = {field.key: field for field in _structures()[structure].fields}
    fields = [
        (described[key].attribute, _field_type(described[key], below), None)
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


@lru_cache(maxsize=_CACHED_TYPES)
def object_type(structure: str, selection: Selection, kind: Kind, *, opens_apart: bool = False) -> type[msgspec.Struct]:
    """Returns the class of a whole object, as `row_type`; its metadata and name are required.

    Args:
        structure: the name of the structure; the same for all versions of a kind.
        selection: the paths to decode.
        kind: the kind in the version of the objects, as attribute `kind` of the class.
        opens_apart: whether the values of open paths are together in the attribute `OPEN_ROOT`, instead of in an
            attribute for each of their first keys.
    """
    described = {field.key: field for field in _structures()[structure].fields}
    metadata_type = _metadata_type(selection.below("metadata"))
    fields: list[Any] = [("metadata", metadata_type)]
    fields += [
        (described[key].attribute, _field_type(described[key], below), None)
        for key, below in selection
        if key != "metadata" and key in described
    ]
    order = [attribute_name(described[key].name) for key in selection.keys if key in described]
    fields.sort(key=lambda entry: order.index(entry[0]) if entry[0] in order else len(order))
    keys = {described[key].attribute: key for key in selection.keys if key in described}
    tree = selection.below(OPEN)
    if opens_apart:
        fields.append((OPEN_ROOT, Any, None))
    else:
        fields += [(attribute, value_type, None) for attribute, _, value_type in open_fields(tree)]
        keys |= {attribute: key for attribute, key, _ in open_fields(tree)}
    namespace = {"selection": selection, "kind": kind, **open_namespace(tree)}
    return msgspec.defstruct(structure, fields, rename=keys, namespace=namespace, gc=False, kw_only=True)


@lru_cache(maxsize=_CACHED_DECODERS)
def page_decoder(structure: str, selection: Selection, kind: Kind) -> PageDecoder[Row] | OpenPageDecoder[Row]:
    """Returns the decoder of a list's pages; the arguments are those of `object_type`."""
    if OPEN in selection.keys:
        return OpenPageDecoder(open_decoder(structure, selection, kind))
    return PageDecoder(object_type(structure, selection, kind), cost_s=_cost_s(structure, selection))


@lru_cache(maxsize=_CACHED_DECODERS)
def object_decoder(structure: str, selection: Selection, kind: Kind) -> Decoder[Row] | OpenDecoder[Row]:
    """Returns the decoder of a single object; the arguments are those of `object_type`."""
    has_open_paths = OPEN in selection.keys
    return (open_decoder if has_open_paths else fields_decoder)(structure, selection, kind)


@lru_cache(maxsize=_CACHED_DECODERS)
def fields_decoder(structure: str, selection: Selection, kind: Kind) -> Decoder[Row]:
    """Returns the decoder of a single object without open paths; the arguments are those of `object_type`."""
    return Decoder(object_type(structure, selection, kind), cost_s=_cost_s(structure, selection))


@lru_cache(maxsize=_CACHED_DECODERS)
def open_decoder(structure: str, selection: Selection, kind: Kind) -> OpenDecoder[Row]:
    """Returns the decoder of objects with open paths; the arguments are those of `object_type`."""
    tree = selection.below(OPEN)
    is_joint = not is_whole(tree) and not {"metadata", *selection.keys} & set(tree.keys)
    return OpenDecoder(
        object_type(structure, selection, kind, opens_apart=True),
        tree,
        joint_type=object_type(structure, selection, kind) if is_joint else None,
        cost_s=decoding_s,
    )


def _cost_s(structure: str, selection: Selection) -> Callable[[bytes], float]:
    return decoding_s if _has(_DEAR, structure, selection) else field_decoding_s


def _has(formats: frozenset[FieldFormat | None], structure: str, selection: Selection) -> bool:
    """Returns True if a field of one of the formats is selected."""
    described = {field.key: field for field in _structures()[structure].fields}
    selected = [(described[key], below or LEAF) for key, below in selection if key in described]
    return any(
        field.format in formats if field.structure is None else _has(formats, field.structure, below)
        for field, below in selected
    )


def _metadata_type(selection: Selection) -> type[msgspec.Struct]:
    described = {field.key: field for field in _structures()["ObjectMeta"].fields}
    fields: list[Any] = []
    for key, below in selection:
        if key == "name":
            fields.append((key, str))
        else:
            fields.append((described[key].attribute, _field_type(described[key], below), None))
    return msgspec.defstruct("ObjectMeta", fields, namespace={"selection": selection}, gc=False, kw_only=True)


def _field_type(field: Field, below: Selection) -> Any:
    if field.structure is not None:
        value_type: Any = row_type(field.structure, below or LEAF)
        return list[value_type] | None if field.is_list else value_type | None
    value_type = _LEAVES[field.format or FieldFormat.ANY]
    return list[value_type] | None if field.is_list else value_type

"""A decoder for exactly the selected paths.

Each selection of a structure has a `msgspec.Struct` class, created once, with the JSON keys as its encoded names. The
parser skips paths that a query does not select, so they never become objects. Every attribute is optional, since
Kubernetes omits empty values; only an object's own name is required.

Masked values (`k8s.masking`) are dropped while they are decoded, so no row ever has one: a value is None, and a map has
its keys with None.
"""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

import msgspec

from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, attribute_name
from k8s.kinds.structures import Structures
from k8s.masking.kindmask import UNMASKED, KindMask
from k8s.masking.mask import NOTHING, Mask
from k8s.masking.maskedrows import masked_value, masks_by_label
from k8s.reading.decodingcost import decoding_s, field_decoding_s
from k8s.reading.numbers import Number, Quantity
from k8s.reading.objectdecoder import ObjectDecoder
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
    FieldFormat.INT32: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] | None,
    FieldFormat.INT64: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None,
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
        self,
        structure: str,
        selection: Selection,
        kind: Kind,
        structures: Structures | None = None,
        masks: KindMask = UNMASKED,
    ) -> Made: ...


def _of_set(most: int) -> Callable[[Callable[[Structures, str, Selection, Kind, KindMask], Made]], _OfKind[Made]]:
    """Makes the set of a function's structures its fourth argument, with that of built-in kinds as the default.

    The last `most` results are cached in the set that holds the structure, and end with it.
    """

    def decorate(function: Callable[[Structures, str, Selection, Kind, KindMask], Made]) -> _OfKind[Made]:
        def find(
            structure: str,
            selection: Selection,
            kind: Kind,
            structures: Structures | None = None,
            masks: KindMask = UNMASKED,
        ) -> Made:
            holder = (built_in_structures() if structures is None else structures).holder(structure)
            return holder.cached(function, most)(structure, selection, kind, masks)

        update_wrapper(find, function)
        return find

    return decorate


def row_type(
    structure: str, selection: Selection, structures: Structures | None = None, mask: Mask = NOTHING
) -> type[msgspec.Struct]:
    """Returns the class of the rows of a structure: the selected fields, in the selection's order.

    The class of a structure that is selected without fields has no attributes: only its presence is decoded. It is
    cached in the set that holds the structure; None is the set of built-in kinds. Values that `mask` covers are None.
    """
    holder = (built_in_structures() if structures is None else structures).holder(structure)
    return holder.cached(_row_type, _CACHED_TYPES)(structure, selection, mask)


def _row_type(structures: Structures, structure: str, selection: Selection, mask: Mask) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures[structure].fields}
    fields = [
        (described[key].attribute, _field_type(structures, described[key], below, mask.below(key)), None)
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
def object_type(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> type[msgspec.Struct]:
    """Returns the class of a whole object, as `row_type`; its metadata and name are required.

    If the selection has open paths, the class has an attribute for each of their first keys.

    Args:
        structures: the set with the structure.
        structure: the name of the structure; the same for all versions of a kind.
        selection: the paths to decode.
        kind: the kind in the version of the objects, as attribute `kind` of the class.
        masks: the masks of the kind; if labels decide on the mask of a selected path, the class also has the labels.
    """
    return _object_type(structures, structure, selection, kind, masks, opens_apart=False)


@_of_set(_CACHED_TYPES)
def _apart_type(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> type[msgspec.Struct]:
    """Returns the same, with the values of all open paths in the attribute `OPEN_ROOT`."""
    return _object_type(structures, structure, selection, kind, masks, opens_apart=True)


def _object_type(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask, *, opens_apart: bool
) -> type[msgspec.Struct]:
    selection, always = masks.with_labels(selection), masks.always
    described = {field.key: field for field in structures[structure].fields}
    metadata_type = _metadata_type(structures, selection.below("metadata"), always.below("metadata"))
    fields: list[Any] = [("metadata", metadata_type)]
    fields += [
        (described[key].attribute, _field_type(structures, described[key], below, always.below(key)), None)
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
    namespace = {"selection": selection, "kind": kind, **masks_by_label(masks, selection), **open_namespace(tree)}
    return msgspec.defstruct(structure, fields, rename=keys, namespace=namespace, gc=False, kw_only=True)


@_of_set(_CACHED_DECODERS)
def page_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> PageDecoder[Row] | OpenPageDecoder[Row]:
    """Returns the decoder of a list's pages; the arguments are those of `object_type`."""
    if OPEN in selection.keys:
        return OpenPageDecoder(_open_decoder(structure, selection, kind, structures, masks))
    cost_s = _cost_s(structures, structure, selection, masks)
    return PageDecoder(object_type(structure, selection, kind, structures, masks), cost_s=cost_s)


@_of_set(_CACHED_DECODERS)
def object_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> ObjectDecoder[Row] | OpenDecoder[Row]:
    """Returns the decoder of a single object; the arguments are those of `object_type`."""
    if OPEN in selection.keys:
        return _open_decoder(structure, selection, kind, structures, masks)
    cost_s = _cost_s(structures, structure, selection, masks)
    return ObjectDecoder(object_type(structure, selection, kind, structures, masks), cost_s=cost_s)


@_of_set(_CACHED_DECODERS)
def _open_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> OpenDecoder[Row]:
    """Returns the decoder of objects with open paths."""
    tree = selection.below(OPEN)
    is_joint = not masks and not is_whole(tree) and not {"metadata", *selection.keys} & set(tree.keys)
    return OpenDecoder(
        _apart_type(structure, selection, kind, structures, masks),
        tree,
        joint_type=object_type(structure, selection, kind, structures, masks) if is_joint else None,
        masks=masks,
        cost_s=decoding_s,
    )


def _cost_s(structures: Structures, structure: str, selection: Selection, masks: KindMask) -> Callable[[bytes], float]:
    is_dear = masks.has_masked(selection) or _has(_DEAR, structures, structure, selection)
    return decoding_s if is_dear else field_decoding_s


def _has(formats: frozenset[FieldFormat | None], structures: Structures, structure: str, selection: Selection) -> bool:
    """Returns True if a field of one of the formats is selected."""
    described = {field.key: field for field in structures[structure].fields}
    selected = [(described[key], below or LEAF) for key, below in selection if key in described]
    return any(
        field.format in formats if field.structure is None else _has(formats, structures, field.structure, below)
        for field, below in selected
    )


def _metadata_type(structures: Structures, selection: Selection, mask: Mask) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures["ObjectMeta"].fields}
    fields: list[Any] = []
    for key, below in selection:
        if key == "name":
            fields.append((key, str))
        else:
            field_type = _field_type(structures, described[key], below, mask.below(key))
            fields.append((described[key].attribute, field_type, None))
    return msgspec.defstruct("ObjectMeta", fields, namespace={"selection": selection}, gc=False, kw_only=True)


def _field_type(structures: Structures, field: Field, below: Selection, mask: Mask) -> Any:
    if mask.is_masked and (field.is_list or field.structure is None):
        return masked_value(mask)
    if field.structure is not None:
        value_type: Any = row_type(field.structure, below or LEAF, structures, mask)
        return list[value_type] | None if field.is_list else value_type | None
    value_type = masked_value(mask, field.format) if mask else _LEAVES[field.format or FieldFormat.ANY]
    return list[value_type] | None if field.is_list else value_type

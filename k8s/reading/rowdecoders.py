"""A decoder for exactly the selected paths, and the rows that it creates.

Masked values (`k8s.masking`) are dropped while they are decoded, so no row ever has one: a value is None, and a map has
its keys with None.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from k8s.kinds.structures import Structures
from k8s.masking.kindmask import KindMask
from k8s.reading.decodingcost import decoding_s, field_decoding_s
from k8s.reading.objectdecoder import ObjectDecoder
from k8s.reading.opendecoders import OpenDecoder, OpenPageDecoder
from k8s.reading.pagedecoder import PageDecoder
from k8s.reading.rowtypes import apart_type, can_join, object_type, of_set
from k8s.reading.selection import LEAF, OPEN, Selection

Row: TypeAlias = Any
"""One decoded object: an instance of a class created at run time. Its attributes are the selected fields, named by
`Field.attribute`. The class has the structure's name; its attribute `selection` has the paths in their order, and
`kind` the kind in the version that was requested. So no static type describes it."""

_CACHED_DECODERS = 128
"""A decoder takes 0.2 ms to create, and with its types 30 objects, which every full garbage collection walks."""
_DEAR = frozenset(
    {None, FieldFormat.ANY, FieldFormat.STRING_MAP, FieldFormat.QUANTITY_MAP, FieldFormat.QUANTITY, FieldFormat.NUMBER}
)


@of_set(_CACHED_DECODERS)
def page_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> PageDecoder[Row] | OpenPageDecoder[Row]:
    """Returns the decoder of a list's pages; the arguments are those of `object_type`."""
    if OPEN in selection.keys:
        return OpenPageDecoder(_open_decoder(structure, selection, kind, structures, masks))
    cost_s = _cost_s(structures, structure, selection, masks)
    return PageDecoder(object_type(structure, selection, kind, structures, masks), cost_s=cost_s)


@of_set(_CACHED_DECODERS)
def object_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> ObjectDecoder[Row] | OpenDecoder[Row]:
    """Returns the decoder of a single object; the arguments are those of `object_type`."""
    if OPEN in selection.keys:
        return _open_decoder(structure, selection, kind, structures, masks)
    cost_s = _cost_s(structures, structure, selection, masks)
    return ObjectDecoder(object_type(structure, selection, kind, structures, masks), cost_s=cost_s)


@of_set(_CACHED_DECODERS)
def _open_decoder(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> OpenDecoder[Row]:
    """Returns the decoder of objects with open paths."""
    is_joint = not masks and can_join(structures, structure, selection)
    return OpenDecoder(
        apart_type(structure, selection, kind, structures, masks),
        selection.below(OPEN),
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

"""The classes of rows: one for each selection of a structure, created once, with the JSON keys as its encoded names.

The parser skips paths that a query does not select, so they never become objects. Every attribute is optional, since
Kubernetes omits empty values; only an object's own name is required. Masked values (`k8s.masking`) are None.

Open paths (`k8s.reading.openpaths`) are attributes beside the fields at each level. A field that is at an open path as
well is decoded once, by its type: a value of that type is the same as its JSON.
"""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec

from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, attribute_name
from k8s.kinds.structures import Structures
from k8s.masking.kindmask import UNMASKED, KindMask
from k8s.masking.mask import NOTHING, Mask
from k8s.masking.maskedrows import masked_value, masks_by_label
from k8s.reading.numbers import Number, Quantity
from k8s.reading.openpaths import OPEN_ROOT, OpenKeys, is_whole, open_fields, open_namespace
from k8s.reading.selection import LEAF, OPEN, Selection

_CACHED_TYPES: Final = 256
_LEAVES: Final[Mapping[FieldFormat, Any]] = {
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


def of_set(most: int) -> Callable[[Callable[[Structures, str, Selection, Kind, KindMask], Made]], _OfKind[Made]]:
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
    structure: str,
    selection: Selection,
    structures: Structures | None = None,
    mask: Mask = NOTHING,
    tree: Selection = LEAF,
) -> type[msgspec.Struct]:
    """Returns the class of the rows of a structure: the selected fields, in the selection's order.

    The class of a structure that is selected without fields has no attributes: only its presence is decoded. It is
    cached in the set that holds the structure; None is the set of built-in kinds. Values that `mask` covers are None.
    The open paths of `tree` are attributes as well; see `can_join`.
    """
    holder = (built_in_structures() if structures is None else structures).holder(structure)
    return holder.cached(_row_type, _CACHED_TYPES)(structure, selection, mask, tree)


def _row_type(
    structures: Structures, structure: str, selection: Selection, mask: Mask, tree: Selection
) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures[structure].fields}
    fields: list[Any] = []
    keys: dict[str, str] = {}
    shared: dict[str, tuple[str, Any]] = {}
    for key, below in selection:
        if key in described:
            field = described[key]
            value_type, inner = _field_type(structures, field, below, mask.below(key), tree.below(key))
            fields.append((field.attribute, value_type, None))
            keys[field.attribute] = key
            shared[key] = (field.attribute, inner)
    return msgspec.defstruct(
        structure,
        [*fields, *_open_attributes(tree, shared, keys)],
        rename=keys,
        namespace=_namespace(selection, tree, shared),
        gc=False,
    )


@of_set(_CACHED_TYPES)
def object_type(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> type[msgspec.Struct]:
    """Returns the class of a whole object, as `row_type`; its metadata and name are required.

    Args:
        structures: the set with the structure.
        structure: the name of the structure; the same for all versions of a kind.
        selection: the paths to decode; open paths only if `can_join`.
        kind: the kind in the version of the objects, as attribute `kind` of the class.
        masks: the masks of the kind; if labels decide on the mask of a selected path, the class also has the labels.
    """
    return _object_type(structures, structure, selection, kind, masks, is_joint=True)


@of_set(_CACHED_TYPES)
def apart_type(
    structures: Structures, structure: str, selection: Selection, kind: Kind, masks: KindMask
) -> type[msgspec.Struct]:
    """Returns the same with all open values in `OPEN_ROOT`; a list may have rows of both, so their selection is one."""
    return _object_type(structures, structure, selection, kind, masks, is_joint=False)


def can_join(structures: Structures, structure: str, selection: Selection) -> bool:
    """Returns True if the fields and the open paths of a selection can be decoded at once, to `object_type`.

    No open path may end at an object, or at a list of objects, of which fields are decoded: its JSON is needed whole.
    """
    tree = selection.below(OPEN)
    if "metadata" not in selection.keys:  # they are always decoded
        selection = Selection((("metadata", LEAF), *selection))
    return not is_whole(tree) and _is_joint(structures, structure, selection, tree)


def _is_joint(structures: Structures, structure: str, selection: Selection, tree: Selection) -> bool:
    inside = {field.key: field.structure for field in structures[structure].fields if field.structure is not None}
    return all(
        not is_whole(open_below) and _is_joint(structures, inside[key], selection.below(key), open_below)
        for key, open_below in tree
        if key in inside and key in selection.keys
    )


def _object_type(
    structures: Structures,
    structure: str,
    selection: Selection,
    kind: Kind,
    masks: KindMask,
    *,
    is_joint: bool,
) -> type[msgspec.Struct]:
    selection, always = masks.with_labels(selection), masks.always
    tree = selection.below(OPEN) if is_joint else LEAF
    described = {field.key: field for field in structures[structure].fields}
    metadata_type = _metadata_type(
        structures, selection.below("metadata"), always.below("metadata"), tree.below("metadata")
    )
    fields: list[Any] = [("metadata", metadata_type)]
    keys: dict[str, str] = {"metadata": "metadata"}
    shared: dict[str, tuple[str, Any]] = {"metadata": ("metadata", metadata_type)}
    for key, below in selection:
        if key != "metadata" and key in described:
            field = described[key]
            value_type, inner = _field_type(structures, field, below, always.below(key), tree.below(key))
            fields.append((field.attribute, value_type, None))
            keys[field.attribute] = key
            shared[key] = (field.attribute, inner)
    order = [attribute_name(described[key].name) for key in selection.keys if key in described]
    fields.sort(key=lambda entry: order.index(entry[0]) if entry[0] in order else len(order))
    if is_joint:
        fields += _open_attributes(tree, shared, keys)
        namespace = _namespace(selection, tree, shared)
    else:
        fields.append((OPEN_ROOT, Any, None))
        joint: Any = can_join(structures, structure, selection) and object_type(structure, selection, kind, structures)
        namespace = {"selection": joint.selection if joint else selection, **open_namespace(selection.below(OPEN), {})}
    namespace |= {"kind": kind, **masks_by_label(masks, selection)}
    return msgspec.defstruct(structure, fields, rename=keys, namespace=namespace, gc=False, kw_only=True)


def _metadata_type(structures: Structures, selection: Selection, mask: Mask, tree: Selection) -> type[msgspec.Struct]:
    described = {field.key: field for field in structures["ObjectMeta"].fields}
    fields: list[Any] = []
    keys: dict[str, str] = {}
    shared: dict[str, tuple[str, Any]] = {}
    for key, below in selection:
        field = described[key]
        value_type, inner = _field_type(structures, field, below, mask.below(key), tree.below(key))
        fields.append((key, str) if key == "name" else (field.attribute, value_type, None))
        shared[key] = (field.attribute, inner)
    return msgspec.defstruct(
        "ObjectMeta",
        [*fields, *_open_attributes(tree, shared, keys)],
        rename=keys,
        namespace=_namespace(selection, tree, shared),
        gc=False,
        kw_only=True,
    )


def _field_type(structures: Structures, field: Field, below: Selection, mask: Mask, tree: Selection) -> tuple[Any, Any]:
    """Returns the type of a field, and the class of the objects there; None for other values."""
    if mask.is_masked and (field.is_list or field.structure is None):
        return masked_value(mask), None
    if field.structure is not None:
        inner: Any = row_type(field.structure, below or LEAF, structures, mask, tree)
        return (list[inner] if field.is_list else inner) | None, inner
    value: Any = masked_value(mask, field.format) if mask else _LEAVES[field.format or FieldFormat.ANY]
    return list[value] | None if field.is_list else value, None


def _open_attributes(tree: Selection, shared: OpenKeys, keys: dict[str, str]) -> list[tuple[str, Any, None]]:
    """Returns the attributes of the open keys that are no fields; adds their keys."""
    opened = [entry for entry in open_fields(tree) if entry[1] not in shared]
    keys |= {attribute: key for attribute, key, _ in opened}
    return [(attribute, value_type, None) for attribute, _, value_type in opened]


def _namespace(selection: Selection, tree: Selection, shared: OpenKeys) -> dict[str, Any]:
    """Returns the attributes of a class; its selection shows at each level whether there are values beside fields."""
    if not tree:
        return {"selection": selection, **open_namespace(tree, {})}
    inner: dict[str, Any] = {key: below for key, (_, below) in shared.items() if below is not None and key in tree.keys}
    joint = [(key, inner[key].selection if key in inner else below) for key, below in selection]
    if OPEN not in selection.keys and set(tree.keys) - set(shared):
        joint.append((OPEN, LEAF))
    return {"selection": Selection(tuple(joint)), **open_namespace(tree, shared)}

"""Validation of objects of built-in kinds, so that an undecodable object does not break whole lists.

A query decodes its selected fields; here all fields that a query could select are decoded once.
"""

from functools import lru_cache
from typing import Final

import msgspec

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures, structure_names
from k8s.reading.rowtypes import object_type
from k8s.reading.selection import LEAF, Selection
from snapshots.dumps.errors import DocumentBroken
from snapshots.lenientdecoder import LenientDecoder

_METADATA: Final = "ObjectMeta"


def require_decodable(kind: Kind | None, body: bytes) -> None:
    """Raises an error for a value of the wrong type; of custom kinds only the metadata is checked.

    Raises:
        DocumentBroken: The cause names the path.
    """
    try:
        _decoder(kind if kind in _names() else None).decode(body)
    except msgspec.DecodeError as error:
        raise DocumentBroken(str(error)) from error


@lru_cache(maxsize=256)
def _decoder(kind: Kind | None) -> LenientDecoder[msgspec.Struct]:
    if kind is None:
        return LenientDecoder(object_type(POD.name, Selection((("metadata", _everything(_METADATA)),)), POD))
    structure = _names()[kind]
    return LenientDecoder(object_type(structure, _everything(structure), kind))


@lru_cache(maxsize=1)
def _names() -> dict[Kind, str]:
    return dict(structure_names())


@lru_cache(maxsize=1)
def _fields() -> dict[str, tuple[tuple[str, str | None], ...]]:
    structures = built_in_structures().values()
    return {
        structure.name: tuple((field.key, field.structure) for field in structure.fields) for structure in structures
    }


@lru_cache(maxsize=256)
def _everything(structure: str) -> Selection:
    return _selection(structure, ())


def _selection(structure: str, above: tuple[str, ...]) -> Selection:
    """Returns all paths below a structure, each structure once on a path: JSON schemas are recursive."""
    if structure in above:
        return LEAF
    inside = (*above, structure)
    return Selection(
        tuple((key, LEAF if child is None else _selection(child, inside)) for key, child in _fields()[structure])
    )

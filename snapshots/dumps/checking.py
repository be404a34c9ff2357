"""Whether objects of built-in kinds can be decoded, so that one that was edited by hand costs no list all its rows.

A query decodes what it selects; here all that any query could select is decoded once.
"""

from functools import lru_cache
from typing import Final

import msgspec

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures, structure_names
from k8s.reading.decoding import object_type
from k8s.reading.selection import LEAF, Selection
from snapshots.decoding import Decoder
from snapshots.dumps.errors import DocumentBroken

_METADATA: Final = "ObjectMeta"


def require_decodable(kind: Kind | None, body: bytes) -> None:
    """Refuses an object with a value of another type than its kind has; of other kinds only the metadata is known.

    Raises:
        DocumentBroken: the cause names the path.
    """
    structure = _names().get(kind) if kind else None
    try:
        _decoder(structure).decode(body)
    except msgspec.DecodeError as error:
        raise DocumentBroken(str(error)) from error


@lru_cache(maxsize=256)
def _decoder(structure: str | None) -> Decoder[msgspec.Struct]:
    if structure is None:
        return Decoder(object_type(POD.name, Selection((("metadata", _everything(_METADATA)),))))
    return Decoder(object_type(structure, _everything(structure)))


@lru_cache(maxsize=1)
def _names() -> dict[Kind, str]:
    return dict(structure_names())


@lru_cache(maxsize=1)
def _fields() -> dict[str, tuple[tuple[str, str | None], ...]]:
    structures = built_in_structures().values()
    return {each.name: tuple((field.key, field.structure) for field in each.fields) for each in structures}


@lru_cache(maxsize=256)
def _everything(structure: str) -> Selection:
    return _selection(structure, ())


def _selection(structure: str, above: tuple[str, ...]) -> Selection:
    """All paths below a structure, each structure once on the way down: JSON schemas hold schemas without an end."""
    if structure in above:
        return LEAF
    inside = (*above, structure)
    return Selection(
        tuple((key, LEAF if held is None else _selection(held, inside)) for key, held in _fields()[structure])
    )

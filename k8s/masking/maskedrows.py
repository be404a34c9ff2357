"""Masks in the classes of rows: masked values become None while they are decoded.

A mask that holds for objects with a label is applied as soon as the object is decoded, by its `__post_init__`, before
anything else can have it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from k8s.kinds.structure import FieldFormat, attribute_name
from k8s.masking.kindmask import KindMask
from k8s.masking.mask import Mask
from k8s.reading.numbers import Accepting
from k8s.reading.selection import Selection

_CACHED_TYPES = 256


class MaskedValue(metaclass=Accepting):
    """A value in the types of decoders, of which masked parts are dropped; subclasses have the mask."""

    accepts: frozenset[type] = frozenset()
    mask: Mask
    has_texts: bool

    @classmethod
    def read(cls, value: object) -> object:
        """Returns a decoded value without its masked parts; raises TypeError for a map of texts with others."""
        masked = cls.mask.applied(value)
        if cls.has_texts and not _are_texts(masked):
            raise TypeError("expected texts")
        return masked


@lru_cache(maxsize=_CACHED_TYPES)
def masked_value(mask: Mask, value_format: FieldFormat | None = None) -> Any:
    """Returns the type of a value with masked parts, for decoders whose hook is `numbers.accepted`."""
    has_texts = value_format is FieldFormat.STRING_MAP and not mask.is_masked
    return Accepting("Masked", (MaskedValue,), {"mask": mask, "has_texts": has_texts}) | None


def masks_by_label(masks: KindMask, selection: Selection) -> Mapping[str, Callable[[Any], None]]:
    """Returns the namespace of the class of a kind's objects: `__post_init__`, if labels decide on selected paths."""
    if not masks.has_labelled(selection):
        return {}

    def mask_row(row: Any) -> None:
        for mask in masks.labelled_for(row.metadata.labels):
            _mask(row, mask.branches)

    return {"__post_init__": mask_row}


def _mask(row: Any, branches: Iterable[tuple[str, Mask]]) -> None:
    for key, mask in branches:
        attribute = attribute_name(key)
        value = getattr(row, attribute, None)
        if isinstance(value, msgspec.Struct):
            _mask(value, mask.branches)
        elif value is not None:
            setattr(row, attribute, mask.applied(value))


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and all(text is None or type(text) is str for text in value.values())

"""The masks of one kind."""

from typing import Any

import msgspec

from k8s.masking.mask import NOTHING, Mask
from k8s.reading.selection import LEAF, Selection, SelectionBuilder

LABELS = "metadata.labels"


class LabelledMask(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """A mask of the objects that have a label with a value."""

    label: str
    value: str
    mask: Mask

    def holds(self, labels: object) -> bool:
        """Returns True if the mask is for an object with these labels."""
        return isinstance(labels, dict) and labels.get(self.label) == self.value


class KindMask(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """The masks of the objects of a kind; false if no value of them is masked.

    Attributes:
        always: the mask of all of them.
        labelled: further masks, of the objects with a label.
    """

    always: Mask = NOTHING
    labelled: tuple[LabelledMask, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.always) or bool(self.labelled)

    def applied(self, value: Any) -> Any:
        """Returns an object's JSON (builtins) with null at the masked places; the value itself is not changed."""
        if not isinstance(value, dict):
            return value
        for labelled in self.labelled_for(_labels(value)):
            value = labelled.applied(value)
        return self.always.applied(value)

    def labelled_for(self, labels: object) -> list[Mask]:
        """Returns the further masks of an object with these labels."""
        return [labelled.mask for labelled in self.labelled if labelled.holds(labels)]

    def has_labelled(self, selection: Selection) -> bool:
        """Returns True if labels decide on the mask of a selected path."""
        return any(_meets(labelled.mask, selection) for labelled in self.labelled)

    def has_masked(self, selection: Selection) -> bool:
        """Returns True if a path that is masked in all objects is selected."""
        return _meets(self.always, selection)

    def with_labels(self, selection: Selection) -> Selection:
        """Returns the selection, with the labels if they decide on the mask of a selected path."""
        if not self.has_labelled(selection):
            return selection
        builder = SelectionBuilder()
        builder.update(selection)
        builder.add(LABELS)
        return builder.freeze()


UNMASKED = KindMask()


def _labels(value: dict[str, Any]) -> object:
    metadata = value.get("metadata")
    return metadata.get("labels") if isinstance(metadata, dict) else None


def _meets(mask: Mask, selection: Selection) -> bool:
    """Returns True if a masked place is selected."""
    return any(
        below.is_masked or selection.below(key) == LEAF or _meets(below, selection.below(key))
        for key, below in mask.branches
        if key in selection.keys
    )

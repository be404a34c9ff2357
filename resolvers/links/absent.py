"""`Absent`: the value of a remote field that a cluster does not have, or that the operator masks, and the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.listednames import all_of
from k8s.masking.masking import Masking
from resolvers.lists.clusternotes import ClusterNote, NoteCode

_UNKNOWN: Final = frozenset({NoteCode.FORBIDDEN, NoteCode.UNAVAILABLE, NoteCode.PARTIAL, NoteCode.MASKED})


@dataclass(frozen=True, slots=True)
class Absent:
    """No value: null in the answer without an error; the envelope of the list says why, once for each cluster.

    Attributes:
        code: the cause.
        message: the cause in words, without the cluster's name, as a sentence.
    """

    code: NoteCode
    message: str

    @property
    def is_unknown(self) -> bool:
        """True if there may be a value, which the caller may not see or which could not be read."""
        return self.code in _UNKNOWN

    @property
    def note(self) -> ClusterNote:
        """Returns the note for the envelope."""
        return ClusterNote(self.code, self.message)


NoValue: TypeAlias = ClusterError | Absent
"""The reason for which there is no value: an error of its cluster, or none."""


def any_absence(absents: Mapping[Kind, Absent]) -> Absent | None:
    """Returns the reason for which a remote field has no value of any object, from the `absents` of its `Fetch`."""
    return next(iter(absents.values()), None)


def absent_if_masked(masking: Masking, reads: Iterable[tuple[Kind, Iterable[str]]]) -> Absent | None:
    """Returns the absence of a value that is made of the paths of kinds, if the operator masks something of them."""
    return absent_if_touched(masking, ((kind, [path.split(".") for path in paths]) for kind, paths in reads))


def absent_if_touched(masking: Masking, reads: Iterable[tuple[Kind, Iterable[Sequence[str]]]]) -> Absent | None:
    """Returns the same absence for paths of JSON keys."""
    if not masking.has_own:
        return None
    masked = {kind.plural: None for kind, paths in reads if any(masking.touches(kind, path) for path in paths)}
    if not masked:
        return None
    return absent_of_masked(masked)


def absent_of_masked(plurals: Iterable[str]) -> Absent:
    """Returns the absence of a value that is made of masked fields of kinds, by their plurals."""
    return Absent(NoteCode.MASKED, f"the operator masks fields of {all_of(plurals)} that values are made of.")

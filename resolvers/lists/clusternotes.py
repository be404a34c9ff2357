"""Notes on the clusters of a list: the reasons for which fields have no value, although nothing failed."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from resolvers.fleet.cluster import FleetCluster
from resolvers.operation.warnings import WarningCode, Warnings

_MOST: Final = 20
"""Notes on one cluster."""


class NoteCode(StrEnum):
    """The kind of a note, for programs."""

    NOT_SERVED = "NOT_SERVED"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    NO_DATA = "NO_DATA"
    FORBIDDEN = "FORBIDDEN"
    UNAVAILABLE = "UNAVAILABLE"
    PARTIAL = "PARTIAL"
    MASKED = "MASKED"


class ClusterNote(Struct, frozen=True):
    """The reason for which fields of a cluster's objects are null or incomplete, although nothing failed."""

    code: Annotated[NoteCode, Meta(description="The cause, for programs.")]
    message: Annotated[str, Meta(description="The cause, in words.")]


@dataclass(slots=True)
class Notes:
    """The notes on the clusters of one list, and of the lists inside it.

    Attributes:
        around: the notes of the list around it.
        warnings: get the notes of fields that are in no list; None in a list.
    """

    around: "Notes | None" = None
    warnings: Warnings | None = None
    _by_cluster: dict[FleetCluster, dict[ClusterNote, None]] = field(default_factory=dict)

    def of_list(self) -> "Notes":
        """Returns the notes of a list that begins here."""
        return Notes(self if self.warnings is None else None)

    def add(self, cluster: FleetCluster, note: ClusterNote) -> None:
        """Adds a note on a cluster, once."""
        if self.warnings is not None:
            code = WarningCode.NO_VALUE
            self.warnings.add(code, note.message, reason=note.code.value, cluster=cluster.name)
            return
        known = self._by_cluster.setdefault(cluster, {})
        if len(known) < _MOST:
            known.setdefault(note)
        if self.around is not None:
            self.around.add(cluster, note)

    def of(self, cluster: FleetCluster) -> tuple[ClusterNote, ...]:
        """Returns the notes on a cluster, in the order in which they were added."""
        return tuple(self._by_cluster.get(cluster, ()))

"""`Absent`: the value of a remote field that a cluster does not have, and the reason."""

from dataclasses import dataclass

from resolvers.lists.clusternotes import ClusterNote, NoteCode


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
    def note(self) -> ClusterNote:
        """Returns the note for the envelope."""
        return ClusterNote(self.code, self.message)

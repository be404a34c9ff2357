"""The reason for missing metrics: an error of a cluster that costs no row, because metrics are an addition to it."""

from typing import Final

from k8s.errorcode import ErrorCode
from k8s.errors import ClusterError
from resolvers.links.absent import Absent
from resolvers.lists.clusternotes import NoteCode

_CODES: Final = {
    ErrorCode.FORBIDDEN: NoteCode.FORBIDDEN,
    ErrorCode.UNAUTHENTICATED: NoteCode.FORBIDDEN,
    ErrorCode.KIND_UNAVAILABLE: NoteCode.NOT_SERVED,
    ErrorCode.NOT_FOUND: NoteCode.NOT_SERVED,
}


def absent_of(error: ClusterError) -> Absent:
    """Returns the absence of a value that a cluster refused or failed to send."""
    return Absent(_CODES.get(error.code, NoteCode.UNAVAILABLE), error.cause)

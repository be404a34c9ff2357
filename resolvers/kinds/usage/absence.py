"""The reason for missing metrics: an error of a cluster that costs no row, because metrics are an addition to it."""

from typing import Final

from k8s.errorcode import ErrorCode
from k8s.errors import ClusterError, KindUnavailable
from resolvers.links.absent import Absent
from resolvers.lists.clusternotes import NoteCode

_REFUSALS: Final = frozenset({ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED})


def absent_of(error: ClusterError) -> Absent:
    """Returns the absence of metrics that a cluster does not have, or refused or failed to send."""
    if isinstance(error, KindUnavailable) and error.is_absent:
        cause = "it does not serve metrics.k8s.io, which has the usage of its objects; metrics-server serves it."
        return Absent(NoteCode.NOT_SERVED, cause)
    return Absent(NoteCode.FORBIDDEN if error.code in _REFUSALS else NoteCode.UNAVAILABLE, error.cause)

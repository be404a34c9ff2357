"""`PartialValue`: a value of a remote field, and why parts of it are missing."""

from dataclasses import dataclass
from typing import Any

from k8s.errors import ClusterError
from resolvers.links.absent import Absent


@dataclass(frozen=True, slots=True)
class PartialValue:
    """A value that is sent although parts of it are missing. No condition holds of it.

    Without errors and without a reason, the operator masks the parts that it lacks.

    Attributes:
        value: the value.
        errors: the errors of clusters whose parts it lacks; each is reported once for all rows.
        absent: the reason for which its own cluster may lack parts, which the envelope of the list notes.
    """

    value: Any
    errors: tuple[ClusterError, ...] = ()
    absent: Absent | None = None

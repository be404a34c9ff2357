"""`PartialValue`: a value of a remote field, and why parts of it are missing."""

from dataclasses import dataclass
from typing import Any

from k8s.errors import ClusterError


@dataclass(frozen=True, slots=True)
class PartialValue:
    """A value that is sent, and the errors of clusters whose parts it lacks; each is reported once for all rows.

    Without errors, the operator masks the parts that it lacks. No condition holds of it.
    """

    value: Any
    errors: tuple[ClusterError, ...]

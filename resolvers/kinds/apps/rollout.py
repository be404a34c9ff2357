"""The progress of a rollout, as `kubectl rollout status` says it, and the revision of a rollout."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row

REVISION_READS: Final = "metadata.annotations"
_REVISION: Final = "deployment.kubernetes.io/revision"
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_GREATEST: Final = 2**31 - 1


class WorkloadRollout(Struct, frozen=True):
    """The progress of the current template's rollout, as in `kubectl rollout status`."""

    complete: Annotated[bool, Meta(description="True if `kubectl rollout status` would not wait.")]
    reason: Annotated[str, Meta(description="The reason for waiting or for being complete, in words.")]


def is_observed(row: Row) -> bool:
    """Returns whether the controller has seen the current spec: generation and observedGeneration agree."""
    return row.status is not None and (row.metadata.generation or 0) <= (row.status.observedGeneration or 0)


def revision_of(row: Row) -> int | None:
    """Returns the revision that the controller of deployments counts; None without one.

    Source: `Revision` in k8s.io/kubectl/pkg/util/deployment/deployment.go.
    """
    text = (row.metadata.annotations or {}).get(_REVISION) or ""
    revision = int(text) if _NUMBER.fullmatch(text) else None
    return revision if revision is not None and revision <= _GREATEST else None

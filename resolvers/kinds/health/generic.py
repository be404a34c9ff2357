"""The rules for objects of any kind: deletion, the observed generation, and the conditions that controllers share.

Source: generic.go and `Compute` of status.go.
"""

from typing import Final

from resolvers.kinds.health.objecthealth import HealthStatus, ObjectHealth, current, failed, in_progress
from resolvers.kinds.health.objectvalues import CONDITION_READS, ObjectValues

METADATA_READS: Final = ("metadata.generation", "metadata.deletionTimestamp", "metadata.creationTimestamp")
STATUS_READS: Final = ("status.observedGeneration", *CONDITION_READS)
"""The paths that the rules read: of the metadata, and of the rest."""


def decided(values: ObjectValues) -> ObjectHealth | None:
    """Returns the health by what all kinds share; None if the kind's own rule decides.

    Raises:
        StatusInvalid: the generations or the conditions are not what Kubernetes' conventions say.
    """
    if values.text("metadata.deletionTimestamp"):
        return ObjectHealth(HealthStatus.Terminating, "Resource scheduled for deletion")
    generation = values.known_integer("metadata.generation")
    observed = values.known_integer("status.observedGeneration") if generation is not None else None
    if observed is not None and observed != generation:
        return in_progress(f"{values.kind} generation is {generation}, but latest observed generation is {observed}")
    for condition in values.conditions():
        if condition.type == "Reconciling" and condition.status == "True":
            return in_progress(condition.message or "")
        if condition.type == "Stalled" and condition.status == "True":
            return failed(condition.message or "")
    return None


def by_ready(values: ObjectValues) -> ObjectHealth:
    """Returns the health of an object without a rule: by its condition Ready, else Current.

    Raises:
        StatusInvalid: as `decided`.
    """
    for condition in values.conditions():
        if condition.type == "Ready" and condition.status == "True":
            return current("Resource is Ready")
        if condition.type == "Ready" and condition.status in {"False", "Unknown"}:
            return in_progress(condition.message or "")
    return current("Resource is current")

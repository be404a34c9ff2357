"""`health`: the progress of an object, by the rules of kstatus for its kind."""

from functools import partial
from typing import Final

from k8s.kinds.kind import Kind
from k8s.reading.openpaths import open_value
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.ages import now_of
from resolvers.kinds.health.generic import METADATA_READS
from resolvers.kinds.health.objecthealth import ObjectHealth
from resolvers.kinds.health.objectvalues import ObjectValues
from resolvers.kinds.health.rules import RULES, health_of, health_reads
from resolvers.links.members import ANY_KIND, Family

_METADATA: Final = {path: path.rpartition(".")[2] for path in METADATA_READS}
"""The attributes of the metadata by path."""


def object_health(kind: Kind | None) -> Family:
    """Returns the field `health` of the objects of a kind; None for a type whose objects may be of any kind."""
    family = Family(kind or ANY_KIND)
    group_kinds = RULES if kind is None else ((kind.group, kind.name),)
    reads = dict.fromkeys(path for group_kind in group_kinds for path in health_reads(*group_kind))

    @family.derived(
        *METADATA_READS,
        description="Its health by the rules of kstatus, which `kubectl`'s wait tools and Flux use: whether its "
        "controller has finished. A status that the rules do not understand is Unknown.",
        open_reads=tuple(reads),
    )
    def health(row: Row, cluster: FleetCluster) -> ObjectHealth:
        """Returns the health at the time of the question; of a snapshot, at the time when it was taken."""
        of_row: Kind = type(row).kind
        return health_of(of_row.group, ObjectValues(of_row.name, partial(_value, row), partial(now_of, cluster)))

    return family


def _value(row: Row, path: str) -> object:
    attribute = _METADATA.get(path)
    return open_value(row, path) if attribute is None else getattr(row.metadata, attribute)

"""Autoscalers and the objects that they scale, of any kind, in both directions."""

from collections.abc import Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming, add_naming, namespace_of
from resolvers.links.owners import group_of
from resolvers.links.targets import Target

TARGET_READS: Final = (
    "metadata.namespace",
    *(f"spec.scaleTargetRef.{key}" for key in ("apiVersion", "kind", "name")),
)


def target_of(autoscaler: Row) -> Target | None:
    """Returns the object that an autoscaler scales; reads `TARGET_READS`."""
    reference = autoscaler.spec.scaleTargetRef if autoscaler.spec else None
    if reference is None or not reference.kind or not reference.name:
        return None
    return Target(group_of(reference), reference.kind, reference.name, namespace_of(autoscaler))


def scaling(kind: Kind) -> Naming:
    """Returns the autoscalers that scale objects of a kind."""

    def places(autoscaler: Row) -> Iterator[NamedPlace]:
        target = target_of(autoscaler)
        if target is not None and (target.group, target.kind) == (kind.group, kind.name):
            yield target.namespace, target.name

    return Naming(kinds.HORIZONTAL_POD_AUTOSCALER, kind, TARGET_READS, places)


def add_autoscalers(family: Family, kind: Kind) -> None:
    """Adds the link from an object with replicas to its autoscalers."""
    add_naming(family, scaling(kind), description="The autoscalers that scale it; more than one work against another.")

"""The types of all custom kinds that some clusters serve together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from k8s.kinds.kind import Kind
from k8s.kinds.structure import Structure
from k8s.kinds.versionpriority import version_priority
from k8s.schemas.clustertypes import ClusterTypes
from k8s.schemas.kindschema import KindKey, KindProblem, KindSchema
from k8s.schemas.kindunion import KindUnion
from k8s.schemas.limits import TYPES_SETTING
from k8s.schemas.names import TakenNames, kind_type_name, root_name
from k8s.turns.pauses import Pauses


@dataclass(frozen=True, slots=True)
class FleetTypes:
    """The custom kinds that one schema is built from; it never changes.

    Attributes:
        kinds: Each custom kind in its type's own version, with the name of its structure, which is its GraphQL type.
        structures: All structures of custom kinds by name; `metadata` is the built-in `ObjectMeta`.
        problems: Whatever has no type because of the union: names that are taken, fields that differ, too many types.
            Those of a cluster's own schemas are in its `ClusterTypes`.
    """

    kinds: Mapping[Kind, str] = field(default_factory=dict)
    structures: Mapping[str, Structure] = field(default_factory=dict)
    problems: tuple[KindProblem, ...] = ()


def fleet_types(
    clusters: Sequence[ClusterTypes],
    *,
    most: int,
    taken_types: Collection[str] = (),
    taken_fields: Collection[str] = (),
    since: Mapping[KindKey, int] = MappingProxyType({}),
) -> FleetTypes:
    """Returns one type for each group and kind: the union of what is read from the clusters.

    Its own version is the stablest and newest one by Kubernetes' priority. The result does not depend on the order of
    the clusters. It takes about 0.05 ms for each structure: call it in a thread, where it pauses for the event loop.

    Names, and the limit of structures, go to the kinds that were learned first, so that no kind that appears takes the
    type of another one. Of those of one hour, the first ones of each cluster come first: each has the same share.

    Args:
        clusters: The kinds of each cluster.
        most: The limit of structures; a kind that exceeds it has no type.
        taken_types: Names of types that the schema has already, beside those of built-in kinds and of GraphQL.
        taken_fields: Names of its root fields.
        since: The hour in which each kind was first learned.
    """
    taken, pauses = TakenNames(taken_types, taken_fields), Pauses()
    served = _Served(clusters, since, pauses)
    unions: dict[KindKey, tuple[Kind, KindUnion]] = {}
    problems: dict[KindKey, Sequence[str]] = {}
    left = most
    for key in served.order():
        different = _different(served.versions[key])
        own = different[0].kind
        name = kind_type_name(own.group, own.name)
        owner = taken.take(own, name)
        if owner is not None:
            problems[key] = (
                f"its name in GraphQL, {name}, or one of its fields, is that of {owner}, so it has no type.",
            )
            continue
        count = len(different[0].structures)
        if count <= left:
            union = KindUnion(name, different, pauses, most=most)
            count = len(union.structures)
            if union.is_complete and count <= left:
                left -= count
                unions[key], problems[key] = (own, union), union.problems
                continue
        problems[key] = (f"it has no type: with its {count} types there are more than {most} ({TYPES_SETTING}).",)
    kinds = {own: union.name for _, (own, union) in sorted(unions.items())}
    structures = {one.name: one for _, (_, union) in sorted(unions.items()) for one in union.structures}
    lines = (KindProblem(*key, problem) for key, found in sorted(problems.items()) for problem in found)
    return FleetTypes(kinds, structures, tuple(lines))


def with_named(own: FleetTypes, everything: FleetTypes, named: Collection[str]) -> FleetTypes:
    """Returns own types, with those of everything that have a name of `named` in place of own ones."""
    kinds = {kind: name for kind, name in own.kinds.items() if name not in named}
    structures = {name: one for name, one in own.structures.items() if root_name(name) not in named}
    kinds |= {kind: name for kind, name in everything.kinds.items() if name in named}
    structures |= {name: one for name, one in everything.structures.items() if root_name(name) in named}
    return FleetTypes(kinds, structures, own.problems)


_NOW: Final = 2**62
"""The hour of a kind that was just learned."""

_Versions: TypeAlias = dict[str, tuple[str, KindSchema]]
"""Digest and schema by the name of a version."""


class _Served:
    """The kinds of some clusters.

    Attributes:
        versions: What each cluster serves of each kind.
    """

    def __init__(self, clusters: Sequence[ClusterTypes], since: Mapping[KindKey, int], pauses: Pauses) -> None:
        self.versions: dict[KindKey, list[_Versions]] = {}
        self._since = since
        self._place: dict[KindKey, int] = {}
        opened: dict[str, tuple[KindSchema, ...]] = {}
        for cluster in clusters:
            of_cluster: dict[KindKey, _Versions] = {}
            for document in cluster.documents:
                if document.digest not in opened:
                    opened[document.digest] = tuple(document.kinds(pauses))
                for schema in opened[document.digest]:
                    found = of_cluster.setdefault((schema.group, schema.name), {})
                    found[schema.version] = (document.digest, schema)
                pauses.pause()
            self._add(of_cluster)

    def order(self) -> Sequence[KindKey]:
        """Returns the kinds by the hour in which they were learned, and by their places in their clusters."""
        return sorted(self.versions, key=lambda key: (self._since.get(key, _NOW), self._place[key], key))

    def _add(self, of_cluster: Mapping[KindKey, _Versions]) -> None:
        """Adds the kinds of a cluster; the place of each is the number of structures up to and with it."""
        place = 0
        for key in sorted(of_cluster, key=lambda key: (self._since.get(key, _NOW), key)):
            found = of_cluster[key]
            place += max(len(schema.structures) for _, schema in found.values())
            self._place[key] = min(place, self._place.get(key, place))
            self.versions.setdefault(key, []).append(found)


def _different(served: Sequence[_Versions]) -> Sequence[KindSchema]:
    """Returns the different schemas of a kind; those of its own version come first.

    Of each cluster this is the schema of the version in which its objects are read: the kind's own one, else the
    cluster's newest. Fields that only other versions have would be null in all objects.
    """
    own = min({version for found in served for version in found}, key=version_priority)
    read = (found.get(own) or found[min(found, key=version_priority)] for found in served)
    different = {(version_priority(schema.version), digest): schema for digest, schema in read}
    return [different[place] for place in sorted(different)]

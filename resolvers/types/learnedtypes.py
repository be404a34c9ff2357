"""The types of all clusters, as they were learned, in memory: the source of the types of schemas.

A schema shows what some clusters serve together. Its key is the set of their fingerprints, so that callers who see the
same types share one schema, whatever their clusters.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

from msgspec.structs import replace

from k8s.schemas.clustertypes import ClusterTypes, LearnedDocument
from k8s.schemas.fleettypes import FleetTypes, fleet_types, with_named
from k8s.schemas.kindschema import KindKey, KindProblem
from k8s.turns.pauses import in_thread
from resolvers.types.firsthours import FirstHours
from resolvers.types.typechoice import MAX_TYPES

TypesKey: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class NamedTypesKey:
    """The key of the types of some clusters, in which some kinds have their types of all clusters."""

    own: TypesKey
    everything: TypesKey
    named: frozenset[str]


_KEYS: Final = 1000
"""Sets of clusters whose keys are remembered: each request asks for one, and a fleet has hundreds of clusters."""
_REPLACED: Final = 32
"""Types of clusters that changed lately: an operation that began before may still ask for their schema."""


class LearnedTypes:
    """The types of each cluster; equal documents are kept once for the whole fleet."""

    def __init__(self, *, most: int = MAX_TYPES) -> None:
        """Takes the maximum number of types of one schema.

        Names of types and root fields of the built-in kinds are `taken_types` and `taken_fields`, once they are known.
        `first_hours` are the hours in which kinds were first learned.
        """
        self._most = most
        self.first_hours = FirstHours()
        self.taken_types: Collection[str] = ()
        self.taken_fields: Collection[str] = ()
        self._of_clusters: dict[str, ClusterTypes] = {}
        self._replaced: OrderedDict[str, ClusterTypes] = OrderedDict()
        self._documents: WeakValueDictionary[str, LearnedDocument] = WeakValueDictionary()
        self._listeners: list[Callable[[], None]] = []
        self._keys: dict[frozenset[str], TypesKey | None] = {}

    def of(self, cluster_id: str) -> ClusterTypes | None:
        """Returns the types of a cluster; None if nothing was learned yet."""
        return self._of_clusters.get(cluster_id)

    def problems(self, cluster_id: str) -> Sequence[KindProblem]:
        """Returns the kinds and fields of a cluster without a type, and the reason."""
        types = self._of_clusters.get(cluster_id)
        return types.all_problems if types is not None else ()

    def put(self, cluster_id: str, types: ClusterTypes) -> bool:
        """Sets the types of a cluster; returns whether they are others than before."""
        before = self._of_clusters.get(cluster_id)
        if before is types:
            return False
        self._of_clusters[cluster_id] = ClusterTypes(tuple(map(self._shared, types.documents)), types.problems)
        self.first_hours.learn(types.kind_keys)
        has_changed = before is None or before.fingerprint != types.fingerprint
        if has_changed:
            self._replace(before)
            self._tell()
        return has_changed

    def retain(self, cluster_ids: Collection[str]) -> None:
        """Forgets the types of all other clusters."""
        gone = [cluster_id for cluster_id in self._of_clusters if cluster_id not in cluster_ids]
        for cluster_id in gone:
            self._replace(self._of_clusters.pop(cluster_id))
        if gone:
            self._tell()
        self.first_hours.forget_others(self._kinds)

    def key(self, cluster_ids: Iterable[str]) -> TypesKey | None:
        """Returns the key of the types of some clusters together; None if they have none."""
        ids = frozenset(cluster_ids)
        if ids not in self._keys:
            if len(self._keys) >= _KEYS:
                self._keys.clear()
            learned = map(self._of_clusters.get, ids)
            fingerprints = (types.fingerprint for types in learned if types is not None and types.has_kinds)
            self._keys[ids] = frozenset(fingerprints) or None
        return self._keys[ids]

    def is_current(self, key: TypesKey | NamedTypesKey) -> bool:
        """Returns whether clusters still have the types of a key."""
        if isinstance(key, NamedTypesKey):
            return key.everything == self.key_of_all() and self.is_current(key.own)
        return key <= (self.key_of_all() or frozenset())

    def key_of_all(self) -> TypesKey | None:
        """Returns the key of the types of all clusters together."""
        return self.key(self._of_clusters)

    def key_with(self, cluster_ids: Iterable[str], named: frozenset[str]) -> NamedTypesKey | None:
        """Returns the key of the types of some clusters, with those of all clusters that have a name of `named`."""
        everything = self.key_of_all()
        return NamedTypesKey(self.key(cluster_ids) or frozenset(), everything, named) if everything else None

    async def types(self, key: TypesKey | NamedTypesKey) -> FleetTypes:
        """Returns the types of a key; made in a thread, since thousands take a second.

        Raises:
            LookupError: Some of them were replaced long ago.
        """
        if isinstance(key, NamedTypesKey):
            return with_named(await self.types(key.own), await self.types(key.everything), key.named)
        known: Mapping[str, ClusterTypes] = {types.fingerprint: types for types in self._of_clusters.values()}
        found = [known.get(fingerprint) or self._replaced.get(fingerprint) for fingerprint in sorted(key)]
        if None in found:
            raise LookupError("Clusters have changed their types several times since.")
        return await in_thread(
            partial(
                fleet_types,
                [types for types in found if types is not None],
                most=self._most,
                taken_types=self.taken_types,
                taken_fields=self.taken_fields,
                since=dict(self.first_hours.by_kind),
            )
        )

    def listen(self, listener: Callable[[], None]) -> None:
        """Adds a function that is called after every change."""
        self._listeners.append(listener)

    def _shared(self, document: LearnedDocument) -> LearnedDocument:
        """Returns an equal document whose kinds are those of the first cluster that has them."""
        if not document.digest:
            return document
        known = self._documents.setdefault(document.digest, document)
        return known if _head(known) == _head(document) else replace(document, packed=known.packed, names=known.names)

    def _kinds(self) -> Collection[KindKey]:
        """Returns the kinds of all clusters, and those of types that were replaced lately."""
        learned = (*self._of_clusters.values(), *self._replaced.values())
        different = {document.digest: document for types in learned for document in types.documents}
        return {(document.group, name) for document in different.values() for name in document.names}

    def _replace(self, types: ClusterTypes | None) -> None:
        if types is not None:
            self._replaced[types.fingerprint] = types
            self._replaced.move_to_end(types.fingerprint)
            while len(self._replaced) > _REPLACED:
                self._replaced.popitem(last=False)

    def _tell(self) -> None:
        self._keys.clear()
        for listener in self._listeners:
            listener()


def _head(document: LearnedDocument) -> tuple[object, ...]:
    return document.name, document.hash, document.is_left_out, document.is_refused, document.missed, document.problems

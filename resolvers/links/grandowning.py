"""Links by two owner references: the controller of an object's controller, such as a pod's deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.owners import (
    REFERENCES,
    UID,
    OwnerKey,
    by_own_key,
    own_key,
    owned,
    owner_key,
    owner_keys,
    owners,
    owners_of,
)
from resolvers.lists.rows import Rows
from resolvers.names import list_name, single_name
from resolvers.pacing import collected
from resolvers.together import together


@dataclass(frozen=True, slots=True)
class GrandOwning:
    """Objects of a kind that control objects of a second one, which control objects of a third one.

    Attributes:
        owner: the kind at the top.
        between: the kind of the controllers in between.
    """

    owner: Kind
    between: Kind

    async def owner_of_each(self, parents: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads the controllers in between, then theirs; for many parents, reads both lists concurrently."""
        between_keys = await owner_keys(parents, self.between)
        if not fetch.has_few_parents:
            return await self._listed(between_keys, fetch)
        between = await owners(fetch.named_steps, parents.clusters, self.between, keys=between_keys, reads=REFERENCES)
        keys = [
            owner_key(cluster, row, self.owner) if row is not None else None
            for cluster, row in zip(parents.clusters, between, strict=True)
        ]
        return await owners(fetch.named, parents.clusters, self.owner, keys=keys)

    async def _listed(self, between_keys: Sequence[OwnerKey | None], fetch: Fetch) -> Sequence[Row | None]:
        if between_keys.count(None) == len(between_keys):
            return [None] * len(between_keys)
        others = replace(fetch, failures={}, answers={})
        between, children = await together(
            fetch.steps(self.between, UID, *REFERENCES), others.children(self.owner, UID)
        )
        by_key = await by_own_key(children, self.owner)
        owner_of = await owners_of(between, self.between, self.owner)
        concerned = {cluster for cluster, *_ in owner_of} | fetch.failures.keys()
        fetch.failures.update({cluster: error for cluster, error in others.failures.items() if cluster in concerned})
        keys = (owner_of.get(key) if key is not None else None for key in between_keys)
        return await collected(by_key.get(key) if key is not None else None for key in keys)

    async def owned_by_each(self, parents: Rows, fetch: Fetch, *, kind: Kind) -> Sequence[Sequence[Row]]:
        """Reads the controllers in between and the objects of a kind concurrently; returns those of each parent."""
        between, children = await together(
            fetch.steps(self.between, UID, *REFERENCES), fetch.children(kind, *REFERENCES)
        )
        owner_of = await owners_of(between, self.between, self.owner)

        def key(cluster: FleetCluster, row: Row) -> OwnerKey | None:
            between_key = owner_key(cluster, row, self.between)
            return owner_of.get(between_key) if between_key is not None else None

        found = await owned(children, key)
        return await collected(found.get(own_key(cluster, row, self.owner), ()) for cluster, row in parents)


def add_grand_owner(family: Family, owning: GrandOwning, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to its controller's controller."""
    named, function = name or single_name(owning.owner), owning.owner_of_each
    link = family.link(*REFERENCES, to=owning.owner, description=description, name=named, lists=lambda _checked: 2)
    link(function)


def add_grand_owned(family: Family, owning: GrandOwning, kind: Kind, *, description: str) -> None:
    """Adds the link from an object to the objects of a kind that its own ones control, as a connection."""

    async def found(parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        return await owning.owned_by_each(parents, fetch, kind=kind)

    name = list_name(kind)
    link = family.link(UID, to=kind, shape=Shape.MANY, description=description, name=name, lists=lambda _checked: 2)
    link(found)

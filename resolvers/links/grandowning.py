"""Links by two owner references: the controller of an object's controller, such as a pod's deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.owners import REFERENCES, UID, OwnerKey, by_own_key, owner_key, owner_keys, owners, owners_of
from resolvers.lists.rows import Rows
from resolvers.names import single_name
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


def add_grand_owner(family: Family, owning: GrandOwning, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to its controller's controller."""
    named, function = name or single_name(owning.owner), owning.owner_of_each
    link = family.link(*REFERENCES, to=owning.owner, description=description, name=named, lists=lambda _checked: 2)
    link(function)

"""Links by owner references: the controller of an object, and the objects that an object controls.

The rule of a reference is in `owners`. An `Owning` gives both directions of a link, each in one entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.owners import REFERENCES, UID, own_key, owned, owner_key, owner_keys, owners
from resolvers.lists.rows import Rows
from resolvers.names import list_name, single_name
from resolvers.pacing import collected


@dataclass(frozen=True, slots=True)
class Owning:
    """Objects of one kind that control objects of another one.

    Attributes:
        owner: the kind of the controllers.
        owned: the kind of the objects that are controlled.
    """

    owner: Kind
    owned: Kind

    async def owner_of_each(self, parents: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads the controller of each parent; None for parents of other controllers."""
        keys = await owner_keys(parents, self.owner)
        return await owners(fetch.named, parents.clusters, self.owner, keys=keys)

    async def owned_by_each(self, parents: Rows, fetch: Fetch, *reads: str) -> Sequence[Sequence[Row]]:
        """Reads the objects that each parent controls, in the order of their list, with the paths `reads`."""
        children = await fetch.children(self.owned, *REFERENCES, *reads)
        found = await owned(children, lambda cluster, row: owner_key(cluster, row, self.owner))
        return await collected(found.get(own_key(cluster, row, self.owner), ()) for cluster, row in parents)


def add_owner(family: Family, owning: Owning, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to its controller."""
    named, function = name or single_name(owning.owner), owning.owner_of_each
    family.link(*REFERENCES, to=owning.owner, description=description, name=named)(function)


def add_owned(family: Family, owning: Owning, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to those that it controls, as a connection."""
    named, function = name or list_name(owning.owned), owning.owned_by_each
    family.link(UID, to=owning.owned, shape=Shape.MANY, description=description, name=named)(function)

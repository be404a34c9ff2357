"""All uses of the objects of a list, with one list for each cluster and kind of users."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.podspecs.uses import Use
from resolvers.kinds.uses.users import User
from resolvers.links.fetching import Fetch
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, worked
from resolvers.together import together

_Place = tuple[FleetCluster, str, str]
"""Cluster, namespace and name of a used object."""


@dataclass(slots=True)
class UserOf:
    """An object that uses another one, and all its ways of use, in the order of its JSON."""

    kind: Kind
    row: Row
    uses: list[Use]


async def users_of(objects: Rows, fetch: Fetch, users: Sequence[User]) -> list[Sequence[UserOf]]:
    """Returns the users of each object, ordered by kind, namespace and name.

    Failures are added to those of `fetch`; one kind that fails costs no other.
    """
    places = set(await collected(map(_place, objects.clusters, objects.rows)))
    lists = await together(*(_found(fetch, user, places) for user in users))
    found: dict[_Place, list[UserOf]] = {}
    for of_kind in lists:
        async for batch in batches(of_kind.items()):
            for place, entries in batch:
                found.setdefault(place, []).extend(entries)
    return await collected(found.get(_place(cluster, row), ()) for cluster, row in objects)


async def _found(fetch: Fetch, user: User, places: set[_Place]) -> dict[_Place, list[UserOf]]:
    """Returns the objects of one kind that use some of the places; reads their list."""
    apart = replace(fetch, answers={}, failures={}, partial=[])
    children = await apart.children(user.kind, *user.reads)
    fetch.partial += apart.partial
    fetch.failures |= apart.failures
    templates = await _templates(places) if user.has_templates else {}
    found: dict[_Place, list[UserOf]] = {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, row = placed
        namespace = row.metadata.namespace or ""
        for use in user.uses(row):
            place = cluster, namespace, use.name
            used = templates.get(place, ()) if use.is_template else (place,) if place in places else ()
            for one in used:
                entries = found.setdefault(one, [])
                if not entries or entries[-1].row is not row:
                    entries.append(UserOf(user.kind, row, []))
                entries[-1].uses.append(use)

    await worked(add, children)  # an object may have many references, so time is checked after each
    return found


async def _templates(places: Iterable[_Place]) -> dict[_Place, list[_Place]]:
    """Returns places by their names without the ordinals at their ends."""
    templates: dict[_Place, list[_Place]] = {}
    async for batch in batches(places):
        for place in batch:
            cluster, namespace, name = place
            beginning, _, ordinal = name.rpartition("-")
            if ordinal.isdecimal() and ordinal.isascii():
                templates.setdefault((cluster, namespace, beginning), []).append(place)
    return templates


def _place(cluster: FleetCluster, row: Row) -> _Place:
    return cluster, row.metadata.namespace or "", row.metadata.name

"""All uses of the objects of a list, with one list for each cluster and kind of users."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from msgspec import Struct

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


class UserOf(Struct, gc=False):
    """An object that uses another one, and all its ways of use, in the order of its JSON."""

    kind: Kind
    row: Row
    uses: list[Use]


async def users_of(objects: Rows, fetch: Fetch, users: Sequence[User]) -> list[Sequence[UserOf]]:
    """Returns the users of each object, ordered by kind, namespace and name.

    Failures are added to those of `fetch`; one kind that fails costs no other.
    """
    places = set(await collected(map(_place, objects.clusters, objects.rows)))
    lists = await together(*(_listed(fetch, user) for user in users))
    found: dict[_Place, list[UserOf]] = {}
    for user, children in zip(users, lists, strict=True):  # one after the other, so that each stops in time
        await _add(found, user, children, places=places)
    return await collected(found.get(_place(cluster, row), ()) for cluster, row in objects)


async def _listed(fetch: Fetch, user: User) -> Rows:
    """Reads the list of one kind of users."""
    apart = replace(fetch, answers={}, failures={}, partial=[])
    children = await apart.children(user.kind, *user.reads)
    fetch.partial += apart.partial
    fetch.failures |= apart.failures
    return children


async def _add(found: dict[_Place, list[UserOf]], user: User, children: Rows, *, places: Collection[_Place]) -> None:
    """Adds the objects of one kind that use some of the places."""
    templates = await _templates(places) if user.has_templates else {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, row = placed
        namespace = row.metadata.namespace or ""
        for use in user.uses(row):
            place = cluster, namespace, use.name
            if use.is_template:
                for made in templates.get(place, ()):
                    _put(found, made, user.kind, row, use)
            elif place in places:
                _put(found, place, user.kind, row, use)

    await worked(add, children)  # an object may have many references, so time is checked after each


def _put(found: dict[_Place, list[UserOf]], place: _Place, kind: Kind, row: Row, use: Use) -> None:
    users = found.get(place)
    if users is None:
        found[place] = [UserOf(kind, row, [use])]
    elif users[-1].row is row:
        users[-1].uses.append(use)
    else:
        users.append(UserOf(kind, row, [use]))


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

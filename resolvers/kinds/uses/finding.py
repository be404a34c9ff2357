"""All uses of the objects of a list, with one list for each cluster and kind of users."""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import Struct

from k8s.errors import Forbidden
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.podspecs.uses import Use
from resolvers.kinds.uses.users import User
from resolvers.links.absent import Absent
from resolvers.links.fetching import Fetch
from resolvers.lists.clusternotes import NoteCode
from resolvers.lists.rows import Rows
from resolvers.operation.warnings import WarningCode
from resolvers.pacing import batches, collected, stepped
from resolvers.together import together

_Place = tuple[FleetCluster, str, str]
"""Cluster, namespace and name of a used object."""


USE_BYTES: Final = 200
"""The memory of a use, estimated, and of the same one as the API sends it."""
_AT_ONCE: Final = 64
"""References of one object that are followed in one step; a template refers to many objects."""


class UserOf(Struct, gc=False):
    """An object that uses another one, and its ways of use, in the order of its JSON."""

    kind: Kind
    row: Row
    uses: list[Use]


async def users_of(objects: Rows, fetch: Fetch, users: Sequence[User], most_uses: int = 1) -> list[Sequence[UserOf]]:
    """Returns the users of each object, ordered by kind, namespace and name, each with its first `most_uses` uses.

    Failures are added to those of `fetch`; one kind that fails costs no other.

    Raises:
        LimitExceeded: the operation holds too much memory.
    """
    places = set(await collected(map(_place, objects.clusters, objects.rows)))
    lists = await together(*(_listed(fetch, user) for user in users))
    finding = _Finding(places, most_uses, fetch.operation.memory.charge)
    for user, children in zip(users, lists, strict=True):  # one after the other, so that each stops in time
        templates = await _templates(places) if user.has_templates else {}
        await stepped(finding.add(user, children, templates))
    return await collected(finding.found.get(_place(cluster, row), ()) for cluster, row in objects)


def warn_masked(fetch: Fetch, absent: Absent, message: str) -> None:
    """Adds the warning that a link is null, since the operator masks paths of users; with the names of the clusters."""
    for cluster in fetch.parents.distinct_clusters():
        fetch.operation.warnings.add(WarningCode.NO_VALUE, message, reason=absent.code.value, cluster=cluster.name)


async def _listed(fetch: Fetch, user: User) -> Rows:
    """Reads the list of one kind of users."""
    apart = replace(fetch, answers={}, failures={}, partial=[])
    children = await apart.children(user.kind, *user.reads)
    fetch.partial += apart.partial
    for cluster, error in apart.failures.items():
        if user.is_left_out and isinstance(error, Forbidden):
            message = f"uses by {user.kind} are left out, since its RBAC does not allow to list them."
            reason = NoteCode.FORBIDDEN.value
            fetch.operation.warnings.add(WarningCode.LEFT_OUT, message, reason=reason, cluster=cluster.name)
        else:
            fetch.failures[cluster] = error
    return children


@dataclass(slots=True)
class _Finding:
    """The users of some places that were found so far.

    Attributes:
        places: the places.
        most_uses: the limit of uses of one place in one object.
        charge: charges bytes of memory.
        found: the users of each place that has some.
    """

    places: Collection[_Place]
    most_uses: int
    charge: Callable[[int], None]
    found: dict[_Place, list[UserOf]] = field(default_factory=dict)

    def add(
        self, user: User, children: Rows, templates: Mapping[_Place, Sequence[_Place]]
    ) -> Generator[None, None, None]:
        """Adds the objects of one kind that use some of the places; yields between steps."""
        for cluster, row in children:
            home, kept, followed = getattr(row.metadata, "namespace", None) or "", 0, 0
            for use in user.uses(row):
                place = cluster, use.namespace or home, use.name
                for made in templates.get(place, ()) if use.is_template else (place,):
                    kept += self._put(made, user.kind, row, use)
                    followed += 1
                    if followed % _AT_ONCE == 0:
                        yield
            if kept:
                self.charge(kept * USE_BYTES)
            yield

    def _put(self, place: _Place, kind: Kind, row: Row, use: Use) -> bool:
        """Adds a use; returns whether it is kept."""
        if place not in self.places:
            return False
        users = self.found.setdefault(place, [])
        if not users or users[-1].row is not row:
            users.append(UserOf(kind, row, [use]))
        elif len(users[-1].uses) < self.most_uses:
            users[-1].uses.append(use)
        else:
            return False
        return True


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

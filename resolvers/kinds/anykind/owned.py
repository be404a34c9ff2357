"""`owned(kinds:, first:)`: the objects that refer to an object as their owner, in the kinds of workloads or in others.

Every kind is one list for each cluster, whatever the number of owners. References are compared by uid, as the garbage
collector does, and the objects of an owner in a namespace are in that namespace.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.listednames import all_of
from k8s.reading.rowdecoders import Row
from resolvers.arguments.kindnames import KindName, kind_name
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family, Shape
from resolvers.links.owners import UID, references
from resolvers.links.references import is_kind_gone
from resolvers.lists.kindresolution import resolve_kinds
from resolvers.lists.rows import Rows
from resolvers.pacing import collected, worked
from resolvers.together import together

OWNED = Family(ANY_KIND)

USUAL: Final = (
    kinds.CONTROLLER_REVISION,
    kinds.CRON_JOB,
    kinds.DAEMON_SET,
    kinds.DEPLOYMENT,
    kinds.ENDPOINT_SLICE,
    kinds.JOB,
    kinds.PERSISTENT_VOLUME_CLAIM,
    kinds.POD,
    kinds.REPLICA_SET,
    kinds.SERVICE,
    kinds.STATEFUL_SET,
)
"""The kinds in which objects are looked for without `kinds`: those that the controllers of workloads make."""
MOST_KINDS: Final = 50
"""The limit of `kinds`."""

_READS: Final = ("metadata.ownerReferences.uid", UID)
_OwnerPlace = tuple[FleetCluster, str | None, str]
"""Cluster, namespace and uid of an owner; the namespace is None for an owner of the whole cluster."""


@dataclass(frozen=True, slots=True)
class OwnedArguments:
    """The kinds by name, without duplicates, None for the usual ones; and the limit for each owner."""

    names: tuple[KindName, ...] | None
    first: int | None

    @property
    def lists(self) -> int:
        """The lists in each cluster."""
        return len(USUAL if self.names is None else self.names)


def _checked(arguments: Mapping[str, object]) -> OwnedArguments:
    """Returns the checked arguments.

    Raises:
        BadUserInput: a name of a kind or `first` is invalid.
        LimitExceeded: there are too many names.
    """
    names, first = arguments.get("kinds"), arguments.get("first")
    if isinstance(first, int) and first < 1:
        raise BadUserInput(f"first: {first} asks for no object; ask for 1 or more.")
    limit = first if isinstance(first, int) else None
    if not isinstance(names, list):
        return OwnedArguments(None, limit)
    if len(names) > MOST_KINDS:
        raise LimitExceeded(f"owned: {len(names)} kinds; the limit is {MOST_KINDS}.")
    named = (replace(kind_name({"resource": name}), argument="kinds") for name in dict.fromkeys(names))
    return OwnedArguments(tuple(named), limit)


@OWNED.link(
    UID,
    "metadata.namespace",
    to=ANY_KIND,
    shape=Shape.SOME,
    description="The objects that have it among their ownerReferences, ordered by kind, namespace and name. Each kind "
    "is one list for each cluster, for any number of owners. Null, with an error, if some kind cannot be read.",
    arguments=Arguments(
        (
            Argument(
                "kinds",
                list[str] | None,
                "The kinds to look in, as kubectl takes them: `pods`, `rs`, `certificates.cert-manager.io`. Without "
                f"it, those that controllers of workloads make: {all_of(map(str, USUAL))}.",
            ),
            Argument("first", int | None, "At most this many for each owner, in order; without it, all of them."),
        ),
        _checked,
    ),
    lists=lambda checked: checked.lists,
)
async def owned(objects: Rows, fetch: Fetch, arguments: OwnedArguments) -> Sequence[Sequence[Row] | None]:
    """Reads the lists of all kinds at once, and joins them with the owners by uid; None if a kind cannot be read."""
    of_clusters = await _kinds(objects, fetch, arguments.names)
    lists = await together(*(_listed(objects, fetch, kind, clusters) for kind, clusters in of_clusters.items()))
    found: dict[_OwnerPlace, list[Row]] = {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, child = placed
        namespace = _namespace(child)
        for uid in {reference.uid for reference in references(child) if reference.uid}:
            for place in {(cluster, namespace, uid), (cluster, None, uid)}:
                found.setdefault(place, []).append(child)

    for children in lists:
        await worked(add, children)  # an object may have many references, so time is checked after each
    hidden = await fetch.hidden()
    return await collected(
        None
        if cluster in fetch.failures or index in hidden
        else found.get((cluster, _namespace(row), row.metadata.uid or ""), ())[: arguments.first]
        for index, (cluster, row) in enumerate(objects)
    )


async def _kinds(
    objects: Rows, fetch: Fetch, names: Sequence[KindName] | None
) -> Mapping[Kind, Collection[FleetCluster]]:
    """Returns the clusters that serve each kind; the others have no such objects.

    Raises:
        BadUserInput: a name is ambiguous, or no cluster knows it.
    """
    clusters = frozenset(objects.clusters)
    if names is None:
        return dict.fromkeys(USUAL, clusters)
    kinds_of: dict[Kind, set[FleetCluster]] = {}
    for found in await together(*(resolve_kinds(fetch.operation, clusters, name) for name in names)):
        fetch.failures |= {cluster: error for cluster, error in found.errors.items() if not is_kind_gone(error)}
        for cluster, kind in found.kinds.items():
            typed = fetch.operation.kinds.find(kind.group, kind.name)
            kinds_of.setdefault(typed or kind, set()).add(cluster)
    return kinds_of


async def _listed(objects: Rows, fetch: Fetch, kind: Kind, clusters: Collection[FleetCluster]) -> Rows:
    """Reads a kind in some of the owners' clusters; its failures cost no other kind."""
    places = await collected(index for index, cluster in enumerate(objects.clusters) if cluster in clusters)
    parents = objects if len(places) == len(objects) else await objects.picked(places)
    apart = replace(fetch, parents=parents, answers={}, failures={}, partial=[])
    children = await apart.children(kind, *_READS)
    fetch.partial += apart.partial
    fetch.failures |= {cluster: error for cluster, error in apart.failures.items() if not is_kind_gone(error)}
    return children


def _namespace(row: Row) -> str | None:
    return getattr(row.metadata, "namespace", None) or None

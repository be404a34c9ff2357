"""`workloads` of ConfigMaps, Secrets, ServiceAccounts and claims: the workloads whose templates use them."""

from collections.abc import Sequence
from dataclasses import replace

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.uses.finding import users_of, warn_masked
from resolvers.kinds.uses.users import SPECS, USERS
from resolvers.links.absent import absent_if_masked
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import unknown_parents
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.owners import REFERENCES, controller, kind_of
from resolvers.lists.rows import Rows
from resolvers.pacing import worked


def add_using_workloads(family: Family, used: Kind) -> None:
    """Adds the link from the objects of a kind to the workloads that use them."""
    users = tuple(
        replace(user, reads=(*user.reads, *REFERENCES))
        for user in USERS[used]
        if user.kind in SPECS and user.kind is not kinds.POD
    )

    @family.link(
        "metadata.namespace",
        to=ANY_KIND,
        shape=Shape.SOME,
        lists=lambda _: len(users),
        description="The workloads whose templates use it, ordered by kind, namespace and name, without those that "
        "another workload controls: a deployment, but not its replica sets. Each kind is one list for each cluster. "
        "Null if some kind cannot be read. `usedBy` has pods, too.",
    )
    async def workloads(objects: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
        """Reads the lists of all kinds of workloads at once; None for an object some of whose cannot be read."""
        masked = absent_if_masked(fetch.operation.masking, ((user.kind, user.reads) for user in users))
        if masked is not None:
            warn_masked(fetch, masked, f"workloads is null: {masked.message}")
            return [None] * len(objects)
        found = await users_of(objects, fetch, users)
        unknown = await unknown_parents(objects, await fetch.hidden(), fetch.failures)

        def own(index: int) -> list[Row] | None:
            if index in unknown:
                return None
            return [user.row for user in found[index] if kind_of(controller(user.row)) not in SPECS]

        return await worked(own, range(len(objects)))

"""Members of the kinds that control pods, directly or through another kind: the requests of their pods."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias, TypeVar

from k8s.errors import ClusterError
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from resolvers.kinds.resources import Resources, resources
from resolvers.kinds.totals.controlledpods import BETWEEN, controlled_lists, controlled_pods
from resolvers.kinds.totals.podsums import READS, PodSum
from resolvers.links.absent import NoValue, absent_if_masked
from resolvers.links.members import Family
from resolvers.links.owners import UID
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import mapped

T = TypeVar("T")
_Values: TypeAlias = Callable[[Rows, Operation], Awaitable[Sequence[T | NoValue]]]


def _values(kind: Kind, value: Callable[[PodSum], T]) -> _Values[T]:
    async def values(objects: Rows, operation: Operation) -> Sequence[T | NoValue]:
        """Reads the pods of all objects at once; all fields of workloads share them."""
        absent = absent_if_masked(operation.masking, [(POD, READS)])
        if absent is not None:
            return [absent] * len(objects)
        pods = await controlled_pods(operation, kind, objects)
        return await mapped(lambda own: own if isinstance(own, ClusterError) else value(own.sum), pods)

    return values


def _family(kind: Kind, between: Kind | None) -> Family:
    family = Family(kind)
    through = "" if between is None else f" (of its {between.name} objects)"
    lists = controlled_lists(between)
    family.remote(
        UID,
        name="requested",
        description=f"The requests of its pods{through} that have not ended, by the specs of the pods, as for nodes: "
        "one list of pods for each cluster, which `usage` shares. Null if the caller may not list them.",
        returns=Resources | None,
        lists=lists,
    )(_values(kind, lambda own: resources(own.requests)))
    family.remote(
        UID,
        name="limits",
        description=f"The limits of its pods{through} that have not ended; pods without limits may take more. Null "
        "where `requested` is.",
        returns=Resources | None,
        lists=lists,
    )(_values(kind, lambda own: resources(own.limits)))
    return family


WORKLOAD_TOTALS: Final = tuple(_family(kind, between) for kind, between in BETWEEN.items())

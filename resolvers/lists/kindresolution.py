"""The kind that a name means in each cluster of a list."""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from k8s.apiserver.served import Served
from k8s.errors import ClusterError, KindUnavailable
from k8s.kinds.kind import Kind
from k8s.listednames import all_of, any_of
from resolvers.arguments.kindnames import KindMeaning, KindName
from resolvers.errors import BadUserInput, UnknownCategory, UnknownKind
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import list_timed_out
from resolvers.operation.operation import Operation
from resolvers.operation.warnings import WarningCode
from resolvers.together import together
from resolvers.unexpected import contained

T = TypeVar("T")

_MOST_COMPARED: Final = 5000
"""Kinds whose names are compared with an unknown one."""
_MOST_NAMED: Final = 3
_MOST_CANDIDATES: Final = 10


@dataclass(frozen=True, slots=True)
class ResolvedKinds:
    """The kind that a name means in each cluster, in its version there.

    Attributes:
        kinds: The kind in the clusters that serve it.
        errors: The errors of the others: `KindUnavailable`, or the reason why a cluster did not answer.
        versioned: The clusters whose kind is in the version that the name has (`deployments.v1.apps`).
    """

    kinds: Mapping[FleetCluster, Kind]
    errors: Mapping[FleetCluster, ClusterError]
    versioned: frozenset[FleetCluster]


async def resolve_kinds(
    operation: Operation,
    clusters: Iterable[FleetCluster],
    name: KindName,
    *,
    beside: Iterable[FleetCluster] = (),
    timeout_s: float | None = None,
) -> ResolvedKinds:
    """Resolves a name in each cluster.

    If none of them is known to serve such a kind, they are asked at once what they serve now. If one of them is, or of
    those in `beside`, nobody waits for the others: most fleets have kinds that only some of their clusters serve.

    A name that only clusters without an answer may know is a warning. `timeout_s` is the timeout of the list, if it has
    one.

    Raises:
        BadUserInput: The name means several kinds, in one cluster or in several.
        UnknownKind: All clusters answered, and none serves a kind of that name.
    """
    clusters = tuple(clusters)
    can_wait = is_known(name, (*clusters, *beside))
    reads = (answered(one, timeout_s, _meanings(operation, one, name, can_wait=can_wait)) for one in clusters)
    answers = await together(*reads)
    found = dict(zip(clusters, answers, strict=True))
    meanings = {cluster: answer for cluster, answer in found.items() if not isinstance(answer, ClusterError)}
    chosen = {cluster: _chosen(of_cluster) for cluster, of_cluster in meanings.items() if of_cluster}
    _refuse_ambiguous(name, [meaning for of_cluster in chosen.values() for meaning in of_cluster])
    unavailable = {cluster: _unavailable(cluster, name) for cluster in meanings if cluster not in chosen}
    if meanings and not chosen and not any(_in_other_versions(cluster, name) for cluster in meanings):
        is_answered = len(meanings) == len(clusters)
        unknown = UnknownKind(
            str(name), _names([cluster.served.known for cluster in clusters]), is_answered=is_answered
        )
        if is_answered:
            raise unknown
        operation.warnings.add(WarningCode.UNKNOWN_KIND, str(unknown))
    errors = {cluster: answer for cluster, answer in found.items() if isinstance(answer, ClusterError)}
    return ResolvedKinds(
        {cluster: of_cluster[0].kind for cluster, of_cluster in chosen.items()},
        {**errors, **unavailable},
        frozenset(cluster for cluster, of_cluster in chosen.items() if of_cluster[0].version is not None),
    )


async def answered(cluster: FleetCluster, timeout_s: float | None, read: Awaitable[T]) -> T | ClusterError:
    """Returns what was read from a cluster, or its error; it has the list's own timeout, if there is one."""
    try:
        async with asyncio.timeout(timeout_s):
            with contained(cluster.name):
                return await read
    except TimeoutError:
        return list_timed_out(cluster, timeout_s)
    except ClusterError as error:
        return error


async def _meanings(
    operation: Operation, cluster: FleetCluster, name: KindName, *, can_wait: bool
) -> tuple[KindMeaning, ...]:
    served, deadline = cluster.served, operation.deadline(cluster)
    if not can_wait:
        return await served.find(deadline, name.meanings)
    found = name.meanings(await served.current(deadline))
    if not found and not served.cache.wait_s:
        served.cache.read(served.sender, deadline.timeout_s)  # in the background
    return found


def _chosen(meanings: Sequence[KindMeaning]) -> Sequence[KindMeaning]:
    """Returns the first of Kubernetes' own kinds, which may be in several groups (`events`); else all of them."""
    own = [meaning for meaning in meanings if meaning.is_own]
    return own[:1] or meanings


def _refuse_ambiguous(name: KindName, meanings: Iterable[KindMeaning]) -> None:
    kinds = {str(meaning.served): meaning for meaning in meanings}
    if len(kinds) < 2 or all(meaning.is_own for meaning in kinds.values()):
        return
    named = sorted(kinds)
    if len(named) > _MOST_CANDIDATES:
        some = any_of(named[:_MOST_CANDIDATES])
        raise BadUserInput(
            f"{name.argument}: {name.text!r} means {len(named)} kinds here; pass one of them as `resource`, "
            f"such as {some}."
        )
    raise BadUserInput(f"{name.argument}: {name.text!r} means several kinds here; pass {any_of(named)} as `resource`.")


def _in_other_versions(cluster: FleetCluster, name: KindName) -> KindUnavailable | None:
    """Returns the error of a cluster that serves the kind, and not in the version that the name has."""
    served = cluster.served.known
    found = name.in_other_versions(served) if served is not None else None
    if found is None:
        return None
    kind, version = found
    versions = all_of(one.version for one in kind.versions)
    return KindUnavailable(cluster.name, f"it serves {kind} in {versions}, not in {version}.")


def _unavailable(cluster: FleetCluster, name: KindName) -> KindUnavailable:
    """Returns the error of a cluster that answered, and does not serve the kind."""
    other = _in_other_versions(cluster, name)
    if other is not None:
        return other
    served = cluster.served.known
    failed = [*islice(served.failed, _MOST_NAMED)] if served is not None else []
    if failed:
        return KindUnavailable(
            cluster.name, f"it serves no kind named {str(name)!r} now; there is no answer from {all_of(failed)}."
        )
    return kind_absent(cluster, name)


def refuse_category(operation: Operation, name: str, known: Collection[str], *, is_answered: bool) -> None:
    """Refuses the name of a category that no cluster has; warns if only some clusters answered.

    Raises:
        UnknownCategory: All clusters answered.
    """
    unknown = UnknownCategory(name, known, is_answered=is_answered)
    if is_answered:
        raise unknown
    operation.warnings.add(WarningCode.UNKNOWN_KIND, str(unknown))


def is_known(name: KindName, clusters: Iterable[FleetCluster]) -> bool:
    """Returns whether one of the clusters served a kind of that name when it was last asked; sends no request."""
    return any(name.meanings(cluster.served.known) for cluster in clusters if cluster.served.known is not None)


def kind_absent(cluster: FleetCluster, name: object) -> KindUnavailable:
    """Returns the error of a cluster that does not serve a kind, so that no object of it is missing there."""
    return KindUnavailable(cluster.name, f"it serves no kind named {str(name)!r}.", is_absent=True)


def _names(served: Iterable[Served | None]) -> Mapping[str, str]:
    """Returns the full names of kinds by plural, of the first ones if they are many."""
    kinds = (kind for one in {id(one): one for one in served if one is not None}.values() for kind in one.kinds)
    return {kind.plural: str(kind) for kind in islice(kinds, _MOST_COMPARED)}

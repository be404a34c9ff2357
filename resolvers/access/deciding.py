"""Whether an identity may do something to many objects of one cluster, with as few questions as decide it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from k8s.apiserver.access import Permission, read_permissions
from k8s.apiserver.rules import Allowed, Rules, read_rules
from k8s.errors import ClusterError
from resolvers.access.rules import RuleCache
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, taken

Decision: TypeAlias = bool | ClusterError | None
"""Yes, no, why there is no answer, or None where the cluster does not let the identity ask."""

_ANY_NAMESPACE: Final = "default"
"""Rules of the whole cluster are told for every namespace, whether there is one of that name or not."""


class AccessTarget(NamedTuple):
    """An object, or all of a namespace or cluster: empty namespace for the whole cluster, empty name for all."""

    namespace: str
    name: str


@dataclass(slots=True)
class Decider:
    """Asks one cluster about one permission; its answers are shared within the operation, and nowhere else."""

    operation: Operation
    cluster: FleetCluster
    permission: Permission

    async def decide(self, places: Sequence[AccessTarget]) -> dict[AccessTarget, bool | None]:
        """Whether it is held at each place.

        Raises:
            ClusterError: the cluster failed.
        """
        own: dict[str, dict[AccessTarget, None]] = {}
        async for part in batches(places):
            for place in part:
                own.setdefault(place.namespace, {})[place] = None
        if len(own) > 1 and await self._is_allowed(AccessTarget("", "")):
            return dict.fromkeys(places, True)
        decided: dict[AccessTarget, bool | None] = {}
        for found in await at_once(sorted(own), lambda namespace: self._in_namespace(namespace, own[namespace])):
            decided.update(found)
        return decided

    async def _in_namespace(self, namespace: str, places: Collection[AccessTarget]) -> dict[AccessTarget, bool | None]:
        rules = await self._rules(namespace or _ANY_NAMESPACE) if namespace or len(places) > 1 else None
        allowed = await rules.allowed(self.permission) if rules is not None else None
        decided: dict[AccessTarget, bool | None] = {}
        async for part in batches(places):
            decided.update((place, _by_rules(allowed, place)) for place in part)
        undecided = await taken(place for place, decision in decided.items() if decision is None)
        if not undecided:
            return decided
        everywhere = await self._is_allowed(AccessTarget(namespace, ""))
        if everywhere or everywhere is None:
            return decided | dict.fromkeys(undecided, everywhere)
        return decided | await self._one_by_one(undecided)

    async def _one_by_one(self, places: Iterable[AccessTarget]) -> dict[AccessTarget, bool | None]:
        named = {place.name: place for place in places if place.name}
        told = await at_once(named, lambda name: self._is_allowed(named[name]))
        return dict.fromkeys(places, False) | dict(zip(named.values(), told, strict=True))

    async def _rules(self, namespace: str) -> Rules | None:
        async def read() -> Rules | None:
            self.operation.add_requests(self.cluster, 1)
            deadline = self.operation.deadline(self.cluster)
            rules = await read_rules(self.cluster.sender, deadline, namespace=namespace)
            return await (await self._held()).hold(rules) if rules is not None else None

        return await self.operation.once((self.cluster.id, "rules now", namespace), read)

    async def _held(self) -> RuleCache:
        async def made() -> RuleCache:
            return RuleCache(self.cluster.name, self.operation.memory)

        return await self.operation.once((self.cluster.id, "held rules"), made)

    async def _is_allowed(self, place: AccessTarget) -> bool | None:
        permission = replace(self.permission, namespace=place.namespace, name=place.name)

        async def review() -> bool | None:
            self.operation.add_requests(self.cluster, 1)
            deadline = self.operation.deadline(self.cluster)
            told = await read_permissions(self.cluster.sender, deadline, asked=[permission])
            return told[permission] if told is not None else None

        return await self.operation.once((self.cluster.id, permission), review)


def _by_rules(allowed: Allowed | None, place: AccessTarget) -> bool | None:
    """What a namespace's rules say; of the whole cluster they may say too much, since Roles are among them."""
    if allowed is None:
        return None
    decision = allowed.decide(place.name)
    return decision if place.namespace or not decision else None

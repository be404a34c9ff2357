"""Decisions on many objects of one cluster: may an identity do something to them, with as few requests as possible."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from k8s.apiserver.access import Permission, read_permissions
from k8s.apiserver.rules import Allowed, Rules
from k8s.errors import ClusterError
from resolvers.access.rulecache import RuleCache, read_namespace_rules
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected

Decision: TypeAlias = bool | ClusterError | None
"""Yes, no, the error that left no decision, or None where the cluster does not let the identity ask."""

_ANY_NAMESPACE: Final = "default"
"""Rules of the whole cluster are part of the rules of every namespace, even of one that does not exist."""


class AccessTarget(NamedTuple):
    """An object, or all objects: an empty namespace means the whole cluster, an empty name all names."""

    namespace: str
    name: str


@dataclass(slots=True)
class Decider:
    """Decides one permission in one cluster; the cluster's answers are shared within the operation only."""

    operation: Operation
    cluster: FleetCluster
    permission: Permission

    async def decide(self, targets: Sequence[AccessTarget]) -> dict[AccessTarget, bool | None]:
        """Returns a decision for each target; None where the cluster does not let the identity ask.

        Raises:
            ClusterError: the cluster failed.
        """
        by_namespace: dict[str, dict[AccessTarget, None]] = {}
        async for batch in batches(targets):
            for target in batch:
                by_namespace.setdefault(target.namespace, {})[target] = None
        if len(by_namespace) > 1 and await self._is_allowed(AccessTarget("", "")):
            return dict.fromkeys(targets, True)
        decisions: dict[AccessTarget, bool | None] = {}
        for of_namespace in await at_once(
            sorted(by_namespace), lambda namespace: self._in_namespace(namespace, by_namespace[namespace])
        ):
            decisions.update(of_namespace)
        return decisions

    async def _in_namespace(self, namespace: str, targets: Collection[AccessTarget]) -> dict[AccessTarget, bool | None]:
        rules = await self._rules(namespace or _ANY_NAMESPACE) if namespace or len(targets) > 1 else None
        allowed = await rules.allowed(self.permission) if rules is not None else None
        decisions: dict[AccessTarget, bool | None] = {}
        async for batch in batches(targets):
            decisions.update((target, _by_rules(allowed, target)) for target in batch)
        undecided = await collected(target for target, decision in decisions.items() if decision is None)
        if not undecided:
            return decisions
        everywhere = await self._is_allowed(AccessTarget(namespace, ""))
        if everywhere or everywhere is None:
            return decisions | dict.fromkeys(undecided, everywhere)
        return decisions | await self._one_by_one(undecided)

    async def _one_by_one(self, targets: Iterable[AccessTarget]) -> dict[AccessTarget, bool | None]:
        by_name = {target.name: target for target in targets if target.name}
        answers = await at_once(by_name, lambda name: self._is_allowed(by_name[name]))
        return dict.fromkeys(targets, False) | dict(zip(by_name.values(), answers, strict=True))

    async def _rules(self, namespace: str) -> Rules | None:
        async def read() -> Rules | None:
            rules = await read_namespace_rules(self.operation, self.cluster, namespace)
            return await (await self._cache()).add(rules) if rules is not None else None

        return await self.operation.once((self.cluster.id, "rules now", namespace), read)

    async def _cache(self) -> RuleCache:
        async def create() -> RuleCache:
            return RuleCache(self.cluster.name, self.operation.memory)

        return await self.operation.once((self.cluster.id, "rule cache"), create)

    async def _is_allowed(self, target: AccessTarget) -> bool | None:
        permission = replace(self.permission, namespace=target.namespace, name=target.name)

        async def review() -> bool | None:
            self.operation.add_requests(self.cluster, 1)
            deadline = self.operation.deadline(self.cluster)
            answers = await read_permissions(self.cluster.sender, deadline, permissions=[permission])
            return answers[permission] if answers is not None else None

        return await self.operation.once((self.cluster.id, permission), review)


def _by_rules(allowed: Allowed | None, target: AccessTarget) -> bool | None:
    """Returns the decision by a namespace's rules; they include Roles, so they never allow the whole cluster."""
    if allowed is None:
        return None
    decision = allowed.decide(target.name)
    return decision if target.namespace or not decision else None

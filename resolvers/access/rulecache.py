"""RBAC rules of one identity, read by namespace and cached for one operation: each rule once, within a limit, charged.

Nearly all rules of a namespace come from ClusterRoles, and the cluster repeats those for every namespace.
"""

from time import perf_counter
from typing import Final

from k8s.apiserver.rules import Rule, Rules, read_rules
from k8s.errors import AnswerTooLarge
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import MIB
from resolvers.memory.share import MemoryShare
from resolvers.operation.operation import Operation

MAX_BYTES: Final = 16 * MIB
"""Limit for the rules of one cluster; ten thousand different rules of average length take 8 MiB."""

_REFERENCE_BYTES: Final = 8


async def read_namespace_rules(operation: Operation, cluster: FleetCluster, namespace: str) -> Rules | None:
    """Returns the rules that hold for the identity in a namespace; None if it may not ask for them.

    Sends one SelfSubjectRulesReview, which counts as a request of the operation.

    Raises:
        ClusterError: the cluster failed.
    """
    operation.add_requests(cluster, 1)
    return await read_rules(cluster.sender, operation.deadline(cluster), namespace=namespace)


class RuleCache:
    """The rules of one cluster that one operation has read."""

    def __init__(self, cluster: str, memory: MemoryShare) -> None:
        """Takes the cluster's name and the memory share that is charged for the rules."""
        self._cluster = cluster
        self._memory = memory
        self._rules: dict[Rule, Rule] = {}
        self._cached_bytes = 0

    async def add(self, rules: Rules) -> Rules:
        """Returns the same rules; those that are in the cache already take no memory again.

        Raises:
            AnswerTooLarge: the cluster sent more different rules than the cache takes.
            LimitExceeded: the operation reached its memory limit.
        """
        shared: list[Rule] = []
        pace = Pace()
        for rule in rules.rules:
            cached = self._rules.get(rule)
            if cached is None:
                self._charge(rule.size_bytes)
                cached = self._rules[rule] = rule
            shared.append(cached)
            if perf_counter() > pace.until_s:
                await pace.breathe()
        self._charge(len(shared) * _REFERENCE_BYTES)
        return Rules(tuple(shared), rules.are_complete)

    def _charge(self, size_bytes: int) -> None:
        if self._cached_bytes + size_bytes > MAX_BYTES:
            raise AnswerTooLarge(
                self._cluster,
                f"its answers to SelfSubjectRulesReviews have more than {MAX_BYTES // MIB} MiB of different rules, "
                "the limit for one query. Name fewer namespaces, or bind the identity to fewer or narrower roles.",
            )
        self._cached_bytes += size_bytes
        self._memory.charge(size_bytes)

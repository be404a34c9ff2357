"""The rules that an operation was told by one cluster, held until it is over: each once, in bounds, and charged.

Nearly all rules of a namespace are those of ClusterRoles, which the cluster tells for each namespace again.
"""

from time import perf_counter
from typing import Final

from k8s.apiserver.rules import Rule, Rules
from k8s.errors import AnswerTooLarge
from k8s.turns.turns import Pace
from resolvers.limits import MIB
from resolvers.memory.share import MemoryShare

MOST_BYTES: Final = 16 * MIB
"""Of one cluster: ten thousand different rules of average length have 8 MiB."""

_REFERENCE_BYTES: Final = 8


class RuleCache:
    """Those of one cluster and one operation."""

    def __init__(self, cluster: str, memory: MemoryShare) -> None:
        """Takes the cluster's name, and where they are charged."""
        self._cluster = cluster
        self._memory = memory
        self._known: dict[Rule, Rule] = {}
        self._held_bytes = 0

    async def hold(self, rules: Rules) -> Rules:
        """Returns the same rules, of which those that are known already take no memory again.

        Raises:
            AnswerTooLarge: the cluster told more different rules than are kept.
            LimitExceeded: the operation holds more memory than it may.
        """
        held: list[Rule] = []
        pace = Pace()
        for rule in rules.rules:
            known = self._known.get(rule)
            if known is None:
                self._charge(rule.size_bytes)
                known = self._known[rule] = rule
            held.append(known)
            if perf_counter() > pace.until_s:
                await pace.breathe()
        self._charge(len(held) * _REFERENCE_BYTES)
        return Rules(tuple(held), rules.are_complete)

    def _charge(self, size_bytes: int) -> None:
        if self._held_bytes + size_bytes > MOST_BYTES:
            raise AnswerTooLarge(
                self._cluster,
                f"its answers to SelfSubjectRulesReviews have more than {MOST_BYTES // MIB} MiB of different rules, "
                "the limit for one query. Name fewer namespaces, or bind the identity to fewer or narrower roles.",
            )
        self._held_bytes += size_bytes
        self._memory.charge(size_bytes)

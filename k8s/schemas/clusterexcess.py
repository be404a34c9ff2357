"""The limit of structures of one cluster: kinds that exceed it have no type.

Kinds that had a type come first, so that no kind that appears takes the type of another one.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Final

from msgspec.structs import replace

from k8s.schemas.clustertypes import LearnedDocument, learned
from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.schemas.limits import CLUSTER_TYPES_SETTING
from k8s.turns.pauses import in_thread

_PROBLEMS: Final = 10


class ClusterExcess:
    """The limit of one cluster.

    Attributes:
        cause: The excess in words.
    """

    def __init__(self, known: Mapping[str, LearnedDocument], most: int) -> None:
        """Takes the documents that were learned before, by name, and the limit."""
        self.cause = f"the cluster has more than {most} types ({CLUSTER_TYPES_SETTING})"
        self._known = known
        self._most = most

    async def limited(self, documents: Iterable[LearnedDocument]) -> tuple[LearnedDocument, ...]:
        """Returns the documents, by name, without the kinds that exceed the limit."""
        kept: list[LearnedDocument] = []
        left = self._most
        for document in sorted(documents, key=lambda one: (not self._had(one.name), one.name)):
            within = document
            if document.structures > left:
                within = await in_thread(partial(self._cut, document, left))
            left -= within.structures
            kept.append(within)
        return tuple(sorted(kept, key=lambda one: one.name))

    def _had(self, name: str) -> Collection[str]:
        known = self._known.get(name)
        return known.names if known is not None else ()

    def _cut(self, document: LearnedDocument, left: int) -> LearnedDocument:
        """Returns a document with the kinds that have no more structures than are left."""
        had = self._had(document.name)
        chosen: list[KindSchema] = []
        without: list[KindSchema] = []
        for kind in sorted(document.kinds(), key=lambda kind: (kind.name not in had, kind.name)):
            if len(kind.structures) <= left:
                left -= len(kind.structures)
                chosen.append(kind)
            else:
                without.append(kind)
        cut = learned(document.name, document.hash, sorted(chosen, key=lambda kind: kind.name))
        problem = f"it has no type: {self.cause}."
        problems = [KindProblem(kind.group, kind.name, problem, kind.version) for kind in without[:_PROBLEMS]]
        if len(without) > _PROBLEMS:
            more = f"other kinds without a type, for the same reason: {len(without) - _PROBLEMS}."
            problems.append(KindProblem(without[0].group, "", more, without[0].version))
        return replace(cut, problems=(*cut.problems, *problems), is_left_out=True)

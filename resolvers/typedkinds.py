"""The kinds that have a GraphQL type in one schema: the built-in ones, and custom ones that clusters serve.

An operation keeps the kinds with which it began, even if a cluster's CRDs change meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.othershapes import has_shape_of
from k8s.kinds.structure import GENERIC_OBJECT
from k8s.kinds.structures import Structures
from k8s.schemas.kindschema import KindProblem
from resolvers.names import type_name

SchemaProblems: TypeAlias = Callable[[str], Sequence[KindProblem]]
"""Returns the kinds and fields of a cluster, by its id, that have no type, and the reason."""


def _no_problems(_cluster_id: str) -> Sequence[KindProblem]:
    return ()


no_schema_problems: SchemaProblems = _no_problems
"""The problems where only built-in kinds have types."""


class TypedKinds:
    """Kinds by the name of their type, and by group and name; it never changes.

    Attributes:
        structures: the structures of the kinds; each kind's has the name of its type.
        by_type: the kinds, each in its type's own version.
        problems: fields and kinds without a type of their own, and the reason.
    """

    def __init__(self, structures: Structures, kinds: Iterable[Kind], problems: Sequence[KindProblem] = ()) -> None:
        self.structures = structures
        self.problems = problems
        self.by_type: Mapping[str, Kind] = {type_name(kind): kind for kind in kinds}
        self._by_name = {(kind.group, kind.name): kind for kind in self.by_type.values()}

    def find(self, group: str, name: str) -> Kind | None:
        """Returns the kind of a group and a name in its type's own version; None if it has no type."""
        return self._by_name.get((group, name))

    def type_of(self, kind: Kind) -> str:
        """Returns the name of the type of a kind's objects in its version.

        It is the generic one for kinds without a type, and in versions whose objects have another shape.
        """
        own = self._by_name.get((kind.group, kind.name))
        is_typed = own is not None and has_shape_of(own, kind.version)
        return type_name(kind) if is_typed else GENERIC_OBJECT.name


@lru_cache(maxsize=1)
def built_in_kinds() -> TypedKinds:
    """Returns the built-in kinds."""
    return TypedKinds(built_in_structures(), BUILT_IN)

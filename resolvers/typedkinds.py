"""The kinds that have a GraphQL type in one schema: the built-in ones, and custom ones that clusters serve.

An operation keeps the kinds with which it began, even if a cluster's CRDs change meanwhile.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.othershapes import has_shape_of
from k8s.kinds.structure import GENERIC_OBJECT
from k8s.kinds.structures import Structures
from resolvers.names import type_name


class TypedKinds:
    """Kinds by the name of their type, and by group and name; it never changes.

    Attributes:
        structures: the structures of the kinds; each kind's has the name of its type.
        by_type: the kinds, each in its type's own version.
    """

    def __init__(self, structures: Structures, kinds: Iterable[Kind]) -> None:
        self.structures = structures
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

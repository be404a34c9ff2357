"""The role of a binding, which is named in `roleRef`."""

from collections.abc import Callable, Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.naming import NamedPlace, Naming, namespace_of

ROLE_REFERENCE_READS: Final = ("roleRef.kind", "roleRef.name")


def role_of(binding: Row) -> tuple[str, str]:
    """Returns the kind and the name of the role; empty texts for absent ones. Reads `ROLE_REFERENCE_READS`."""
    reference = binding.roleRef
    return (reference.kind or "", reference.name or "") if reference is not None else ("", "")


def _places(role: Kind) -> Callable[[Row], Iterator[NamedPlace]]:
    def places(binding: Row) -> Iterator[NamedPlace]:
        kind, name = role_of(binding)
        if kind == role.name:
            yield namespace_of(binding), name

    return places


ROLES_OF_BINDINGS: Final = Naming(
    kinds.ROLE_BINDING, kinds.ROLE, (*ROLE_REFERENCE_READS, "metadata.namespace"), _places(kinds.ROLE)
)
CLUSTER_ROLES_OF_BINDINGS: Final = Naming(
    kinds.ROLE_BINDING,
    kinds.CLUSTER_ROLE,
    (*ROLE_REFERENCE_READS, "metadata.namespace"),
    _places(kinds.CLUSTER_ROLE),
)
CLUSTER_ROLES_OF_CLUSTER_BINDINGS: Final = Naming(
    kinds.CLUSTER_ROLE_BINDING, kinds.CLUSTER_ROLE, ROLE_REFERENCE_READS, _places(kinds.CLUSTER_ROLE)
)

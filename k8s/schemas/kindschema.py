"""The structures of one custom kind in one version, as one source describes them."""

from typing import TypeAlias

import msgspec

from k8s.kinds.kind import Kind
from k8s.kinds.structure import Structure

KindKey: TypeAlias = tuple[str, str]
"""Group and name of a kind."""

OBJECT_META = "ObjectMeta"
"""The built-in structure of `metadata`, the only one that custom kinds refer to."""


class KindSchema(msgspec.Struct, frozen=True, gc=False):
    """A kind in one version.

    Attributes:
        group: The API group.
        version: The version within the group.
        name: The kind's name in PascalCase.
        plural: The resource name in the URL.
        namespaced: False for objects of the whole cluster.
        structures: All structures, that of the objects first. They are named by their place (`0`, `1`, ...), and equal
            ones are one; names for the schema are given to the union of all versions and clusters (`fleettypes`).
        problems: Fields that have no type, in words.
    """

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool
    structures: tuple[Structure, ...]
    problems: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Returns the kind without its structures."""
        return Kind(self.group, self.version, self.name, self.plural, self.namespaced)


class KindProblem(msgspec.Struct, frozen=True, gc=False):
    """Something of a cluster's schemas that has no type.

    Attributes:
        group: The API group; empty for a problem of all of them.
        kind: The name of the kind; empty if all kinds of the group are concerned.
        problem: The cause, in a sentence.
        version: The version within the group; empty if it is no matter of one version.
    """

    group: str
    kind: str
    problem: str
    version: str = ""

"""Thousands of made-up custom types: kinds with structures as operators have them."""

from collections.abc import Collection, Hashable
from functools import partial
from typing import Final

from graph.schema.customcatalogue import CustomTypes
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.schemas.fleettypes import FleetTypes
from k8s.turns.pauses import Pauses, in_thread
from resolvers.names import type_name

_KINDS: Final = 500
_STRUCTURES: Final = 10
"""Structures of each kind; Argo CD's Application has 120."""
_LEAVES: Final = (FieldFormat.STRING, FieldFormat.INT64, FieldFormat.BOOLEAN, FieldFormat.STRING, FieldFormat.STRING)
_DESCRIPTION: Final = (
    "A field of a structure, described in one sentence of about a hundred characters, as fields usually are."
)


class MadeTypesSource:
    """A source of types that are others after each change."""

    def __init__(self) -> None:
        self._generation = 0

    def change(self) -> None:
        """Changes all types."""
        self._generation += 1

    def key(self, _cluster_ids: Collection[str]) -> Hashable:
        """Returns the generation of the types."""
        return self._generation or None

    def key_of_all(self) -> Hashable:
        """Returns the same."""
        return self.key(())

    def key_with(self, _cluster_ids: Collection[str], _named: frozenset[str]) -> Hashable:
        """Returns the same."""
        return self.key(())

    def is_current(self, key: Hashable) -> bool:
        """Returns whether it is the latest generation."""
        return key == self.key(())

    async def types(self, key: Hashable) -> CustomTypes:
        """Returns the types, made in a thread as those of real clusters."""
        return await in_thread(partial(_types, key))


def _types(generation: Hashable) -> FleetTypes:
    kinds = [
        Kind(f"g{number % 50}.example.com", "v1", f"Made{number}Of{generation}", f"made{number}s")
        for number in range(_KINDS)
    ]
    structures: list[Structure] = []
    pauses = Pauses()
    for kind in kinds:
        structures += _structures(type_name(kind))
        pauses.pause()
    return FleetTypes({kind: type_name(kind) for kind in kinds}, {one.name: one for one in structures})


def _structures(root: str) -> list[Structure]:
    names = [root, *(f"{root}_Part{number}" for number in range(1, _STRUCTURES))]
    return [
        Structure(
            name,
            _DESCRIPTION,
            (
                *((Field("metadata", _DESCRIPTION, structure="ObjectMeta", is_required=True),) if name == root else ()),
                *(Field(f"field{at}", _DESCRIPTION, format=leaf) for at, leaf in enumerate(_LEAVES)),
                *(Field("next", _DESCRIPTION, structure=following) for following in names[at + 1 : at + 2]),
                *(
                    Field("all", _DESCRIPTION, structure=following, is_list=True)
                    for following in names[at + 2 : at + 3]
                ),
            ),
        )
        for at, name in enumerate(names)
    ]

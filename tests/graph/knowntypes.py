"""A source of types of custom kinds that never change."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from graph.schema.customcatalogue import CustomTypes


@dataclass(frozen=True)
class KnownTypes:
    """A source of types that never change."""

    known: CustomTypes

    def key(self, cluster_ids: Collection[str]) -> str:
        return "known"

    def key_of_all(self) -> str:
        return "known"

    def key_with(self, cluster_ids: Collection[str], named: frozenset[str]) -> Hashable:
        return "known"

    def is_current(self, key: object) -> bool:
        return True

    async def types(self, key: str) -> CustomTypes:
        return self.known

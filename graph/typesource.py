"""The source of the custom kinds of schemas."""

from collections.abc import Collection, Hashable
from typing import Any, Protocol, TypeVar

from graph.schema.customcatalogue import CustomTypes

Key = TypeVar("Key", bound=Hashable)


class TypeSource(Protocol[Key]):
    """The custom kinds of clusters; `resolvers.types.learnedtypes` has what was learned of them."""

    def key(self, cluster_ids: Collection[str]) -> Key | None:
        """Returns the identity of the kinds that clusters serve; None for no custom kinds. It is asked often."""
        ...

    def key_of_all(self) -> Key | None:
        """Returns the identity of the kinds that all clusters together serve."""
        ...

    def key_with(self, cluster_ids: Collection[str], named: frozenset[str]) -> Hashable:
        """Returns the identity of the kinds that clusters serve, with the types of all that have a name of `named`."""
        ...

    def is_current(self, key: Any) -> bool:
        """Returns whether clusters still serve the kinds of a key; others are of no use once newer ones are built."""
        ...

    async def types(self, key: Key) -> CustomTypes:
        """Returns the kinds of a key that `key` returned; raises LookupError if they are not known any more."""
        ...

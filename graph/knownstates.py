"""The states of the schema that are kept, the most recently used ones."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from graph.schemastate import SchemaState
from resolvers.types.learnedtypes import NamedTypesKey


class KnownStates:
    """The states of sets of custom kinds, by the key of their types.

    Those of persisted documents that name kinds of other clusters are counted apart, so that they and those of callers
    do not drop each other: there are as many as callers with different clusters times such documents.
    """

    def __init__(self, most: int) -> None:
        """Takes the number of states of callers, and of documents."""
        self._most: Final = most
        self._of_callers: OrderedDict[Hashable, SchemaState] = OrderedDict()
        self._of_documents: OrderedDict[Hashable, SchemaState] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        """Returns whether a state is kept."""
        return key in self._like(key)

    def find(self, key: Hashable) -> SchemaState | None:
        """Returns a state, which is then the most recently used one, or None."""
        states = self._like(key)
        state = states.get(key)
        if state is not None:
            states.move_to_end(key)
        return state

    def add(self, key: Hashable, state: SchemaState) -> None:
        """Adds a state, and drops the least recently used ones."""
        states = self._like(key)
        states[key] = state
        while len(states) > self._most:
            states.popitem(last=False)

    def matching(self, test: Callable[[Hashable], bool]) -> list[Hashable]:
        """Returns the keys that pass a test."""
        return [key for key in (*self._of_callers, *self._of_documents) if test(key)]

    def drop(self, key: Hashable) -> None:
        """Drops a state."""
        del self._like(key)[key]

    def _like(self, key: Hashable) -> OrderedDict[Hashable, SchemaState]:
        return self._of_documents if isinstance(key, NamedTypesKey) else self._of_callers

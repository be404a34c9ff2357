"""The states of the schema that are kept, the most recently used ones."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Final

from graph.schemastate import SchemaState


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
        return key in self._of_callers or key in self._of_documents

    def find(self, key: Hashable) -> SchemaState | None:
        """Returns a state, which is then the most recently used one, or None."""
        for states in (self._of_callers, self._of_documents):
            if key in states:
                states.move_to_end(key)
                return states[key]
        return None

    def add(self, key: Hashable, state: SchemaState, *, of_document: bool) -> None:
        """Adds a state, and drops the least recently used ones."""
        states = self._of_documents if of_document else self._of_callers
        states[key] = state
        while len(states) > self._most:
            states.popitem(last=False)

    def all_keys(self) -> list[Hashable]:
        """Returns the keys of all states."""
        return [*self._of_callers, *self._of_documents]

    def drop(self, keys: Iterable[Hashable]) -> None:
        """Drops some states."""
        for key in keys:
            self._of_callers.pop(key, None)
            self._of_documents.pop(key, None)

"""Payloads of an incremental answer, in the two formats that clients support.

Sources: https://github.com/graphql/graphql-spec/pull/1110 and, for the format of 2022, Apollo's documentation of
`multipart/mixed; deferSpec=20220824`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from graph.encoding import Charges, encoded
from k8s.turns.freeing import free
from resolvers.pacing import collected

Error = Mapping[str, object]
ResponsePath = tuple[str | int, ...]
"""A path in the response."""


class PayloadFormat(StrEnum):
    """The format in which payloads are written."""

    IDS = "ids"
    """`pending`, `incremental` and `completed`, related by ids (graphql-js 17)."""
    PATHS = "paths"
    """`incremental` with paths and labels (Apollo's specification of 2022-08-24)."""


class Pending(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An announcement of the fields of a deferred fragment, or with `is_list` of the items of a streamed list."""

    id: str
    place: ResponsePath
    label: str | None
    is_list: bool = False

    def to_builtins(self) -> dict[str, object]:
        """Returns its entry in `pending`."""
        entry: dict[str, object] = {"id": self.id, "path": self.place}
        return entry | ({"label": self.label} if self.label is not None else {})


class Increment(msgspec.Struct, frozen=True, gc=False):
    """Fields of an object, or the items of a list from index `start` on."""

    of: Pending
    value: object
    errors: Sequence[Error] = ()
    start: int = 0

    def by_id(self) -> dict[str, object]:
        """Returns its entry in `incremental`."""
        return {"id": self.of.id, "items" if self.of.is_list else "data": self.value} | _errors(self.errors)

    def by_path(self) -> dict[str, object]:
        """Returns the same in the format of 2022."""
        place = (*self.of.place, self.start) if self.of.is_list else self.of.place
        return _by_path(self.of, self.value, place, self.errors)


class Completed(msgspec.Struct, frozen=True, gc=False):
    """The end of an announcement; with errors, it failed.

    Attributes:
        has_increment: whether its fields or items were sent as an increment of its own.
    """

    of: Pending
    errors: Sequence[Error] = ()
    has_increment: bool = False

    @property
    def is_written_by_path(self) -> bool:
        """True if the format of 2022 needs an entry for it."""
        return bool(self.errors) or not (self.has_increment or self.of.is_list)

    def by_id(self) -> dict[str, object]:
        """Returns its entry in `completed`."""
        return {"id": self.of.id} | _errors(self.errors)

    def by_path(self) -> dict[str, object]:
        """Returns the same in the format of 2022: null, or no fields if another fragment's increment has them."""
        return _by_path(self.of, None if self.errors else {}, self.of.place, self.errors)


@dataclass(slots=True)
class Initial:
    """The data and errors of the first payload."""

    data: object
    errors: Sequence[Error] = ()


@dataclass(slots=True)
class Payload:
    """One message of an incremental answer."""

    initial: Initial | None = None
    pending: Sequence[Pending] = ()
    incremental: Sequence[Increment] = ()
    completed: Sequence[Completed] = ()
    has_next: bool = True
    extensions: Mapping[str, object] | None = None

    @property
    def errors(self) -> Sequence[Error]:
        """Its errors; an error that many places share is included once."""
        lists = map(attrgetter("errors"), chain(self.incremental, self.completed))
        distinct = {id(errors): errors for errors in filter(None, lists)}
        return list(chain(self.initial.errors if self.initial is not None else (), *distinct.values()))

    def is_written(self, payload_format: PayloadFormat) -> bool:
        """Returns False if this format cannot express its entries; then it is not sent."""
        if payload_format is PayloadFormat.IDS or self.initial is not None or not self.has_next:
            return True
        return bool(self.incremental) or any(entry.is_written_by_path for entry in self.completed)

    async def encoded(self, payload_format: PayloadFormat, memory: Charges | None = None) -> bytes:
        """Returns the same as `to_json`, encoded in slices; empties the payload. Raises as `graph.encoding.encoded`."""
        written = list[Any]()
        entries = {name: await collected(values) for name, values in self._entries(payload_format).items()}
        body = await encoded(self._head() | _present(entries) | self._tail(), memory, written=written)
        written += (*chain.from_iterable(entries.values()), *self.pending, *self.incremental, *self.completed)
        self.initial, self.pending, self.incremental, self.completed = None, (), (), ()
        del entries
        free(written)
        return body

    def to_json(self, payload_format: PayloadFormat) -> bytes:
        """Returns the message as JSON."""
        entries = {name: list(values) for name, values in self._entries(payload_format).items()}
        return msgspec.json.encode(self._head() | _present(entries) | self._tail())

    def _entries(self, payload_format: PayloadFormat) -> dict[str, Iterable[object]]:
        return self._by_ids() if payload_format is PayloadFormat.IDS else self._by_paths()

    def _head(self) -> dict[str, object]:
        if self.initial is None:
            return {}
        return {"data": self.initial.data} | _errors(self.initial.errors)

    def _tail(self) -> dict[str, object]:
        return {"hasNext": self.has_next} | ({"extensions": self.extensions} if self.extensions else {})

    def _by_ids(self) -> dict[str, Iterable[object]]:
        return {
            "pending": map(Pending.to_builtins, self.pending),
            "incremental": map(Increment.by_id, self.incremental),
            "completed": map(Completed.by_id, self.completed),
        }

    def _by_paths(self) -> dict[str, Iterable[object]]:
        ends = (entry.by_path() for entry in self.completed if entry.is_written_by_path)
        return {"incremental": chain(map(Increment.by_path, self.incremental), ends)}


def _present(entries: Mapping[str, Iterable[object]]) -> dict[str, object]:
    return {name: present for name, values in entries.items() if (present := list(values))}


def _by_path(of: Pending, value: object, place: ResponsePath, errors: Sequence[Error]) -> dict[str, object]:
    entry: dict[str, object] = {"items" if of.is_list else "data": value, "path": place}
    return entry | ({"label": of.label} if of.label is not None else {}) | _errors(errors)


def _errors(errors: Sequence[Error]) -> dict[str, object]:
    return {"errors": errors} if errors else {}

"""What is sent, one after the other, of an answer that is delivered in parts, in the two formats that clients read.

Sources: https://github.com/graphql/graphql-spec/pull/1110 and, for the format of 2022, Apollo's documentation of
`multipart/mixed; deferSpec=20220824`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from graph.encoding import Charges, encoded
from graph.execution.deferrals import Place
from graph.incremental.format import PayloadFormat
from k8s.turns.freeing import free
from resolvers.pacing import taken

Error = Mapping[str, object]


class Pending(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Something that is announced; `is_list` if it is objects of a list."""

    id: str
    place: Place
    label: str | None
    is_list: bool = False

    def written(self) -> dict[str, object]:
        """As in `pending`."""
        written: dict[str, object] = {"id": self.id, "path": self.place}
        return written | ({"label": self.label} if self.label is not None else {})


class Increment(msgspec.Struct, frozen=True, gc=False):
    """Fields of an object, or objects of a list of which `start` were sent before."""

    of: Pending
    value: object
    errors: Sequence[Error] = ()
    start: int = 0

    def by_id(self) -> dict[str, object]:
        """As in `incremental`."""
        return {"id": self.of.id, "items" if self.of.is_list else "data": self.value} | _errors(self.errors)

    def by_path(self) -> dict[str, object]:
        """The same in the format of 2022."""
        place = (*self.of.place, self.start) if self.of.is_list else self.of.place
        return _by_path(self.of, self.value, place, self.errors)


class Completed(msgspec.Struct, frozen=True, gc=False):
    """Nothing follows of something that was announced; with errors, it failed.

    Attributes:
        has_increment: whether its fields, or objects, were sent as an increment of its own.
    """

    of: Pending
    errors: Sequence[Error] = ()
    has_increment: bool = False

    @property
    def is_told_by_path(self) -> bool:
        """Tells whether the format of 2022 says more of it than was said."""
        return bool(self.errors) or not (self.has_increment or self.of.is_list)

    def by_id(self) -> dict[str, object]:
        """As in `completed`."""
        return {"id": self.of.id} | _errors(self.errors)

    def by_path(self) -> dict[str, object]:
        """The same in the format of 2022: null, or no fields if they were sent with another fragment's."""
        return _by_path(self.of, None if self.errors else {}, self.of.place, self.errors)


@dataclass(slots=True)
class Initial:
    """What is sent first."""

    data: object
    errors: Sequence[Error] = ()


@dataclass(slots=True)
class Payload:
    """One of the things that are sent."""

    initial: Initial | None = None
    pending: Sequence[Pending] = ()
    incremental: Sequence[Increment] = ()
    completed: Sequence[Completed] = ()
    has_next: bool = True
    extensions: Mapping[str, object] | None = None

    @property
    def errors(self) -> Sequence[Error]:
        """All that it shows; those that many places share once."""
        shown = map(attrgetter("errors"), chain(self.incremental, self.completed))
        distinct = {id(each): each for each in filter(None, shown)}
        return list(chain(self.initial.errors if self.initial is not None else (), *distinct.values()))

    def is_told(self, written_in: PayloadFormat) -> bool:
        """Tells whether a client learns anything from it in this format."""
        if written_in is PayloadFormat.IDS or self.initial is not None or not self.has_next:
            return True
        return bool(self.incremental) or any(each.is_told_by_path for each in self.completed)

    async def encoded(self, written_in: PayloadFormat, memory: Charges | None = None) -> bytes:
        """The same as `to_json`, made in slices; the payload is empty then. Raises as `graph.encoding.encoded`."""
        written = list[Any]()
        parts = {name: await taken(each) for name, each in self._parts(written_in).items()}
        body = await encoded(self._beginning() | _present(parts) | self._end(), memory, written=written)
        written += (*chain.from_iterable(parts.values()), *self.pending, *self.incremental, *self.completed)
        self.initial, self.pending, self.incremental, self.completed = None, (), (), ()
        del parts
        free(written)
        return body

    def to_json(self, written_in: PayloadFormat) -> bytes:
        """As it is sent."""
        parts = {name: list(each) for name, each in self._parts(written_in).items()}
        return msgspec.json.encode(self._beginning() | _present(parts) | self._end())

    def _parts(self, written_in: PayloadFormat) -> dict[str, Iterable[object]]:
        """Everything between the beginning and the end, as far as this format tells it."""
        return self._by_ids() if written_in is PayloadFormat.IDS else self._by_paths()

    def _beginning(self) -> dict[str, object]:
        if self.initial is None:
            return {}
        return {"data": self.initial.data} | _errors(self.initial.errors)

    def _end(self) -> dict[str, object]:
        return {"hasNext": self.has_next} | ({"extensions": self.extensions} if self.extensions else {})

    def _by_ids(self) -> dict[str, Iterable[object]]:
        return {
            "pending": map(Pending.written, self.pending),
            "incremental": map(Increment.by_id, self.incremental),
            "completed": map(Completed.by_id, self.completed),
        }

    def _by_paths(self) -> dict[str, Iterable[object]]:
        told = (each.by_path() for each in self.completed if each.is_told_by_path)
        return {"incremental": chain(map(Increment.by_path, self.incremental), told)}


def _present(parts: Mapping[str, Iterable[object]]) -> dict[str, object]:
    """What there is of the parts."""
    return {name: present for name, each in parts.items() if (present := list(each))}


def _by_path(of: Pending, value: object, place: Place, errors: Sequence[Error]) -> dict[str, object]:
    written: dict[str, object] = {"items" if of.is_list else "data": value, "path": place}
    return written | ({"label": of.label} if of.label is not None else {}) | _errors(errors)


def _errors(errors: Sequence[Error]) -> dict[str, object]:
    return {"errors": errors} if errors else {}

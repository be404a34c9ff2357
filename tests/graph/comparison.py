"""Whether two answers to one document are the same."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.engine import Answer

_MEASURED = re.compile(r'"(\w*(?:latencyMs|observedAt))": (?:null|"[^"]*"|[-+.\de]+)')
_WHOLE = re.compile(r"(?<=[ \[])(-?\d+)\.0(?=[,}\]])")


@dataclass(frozen=True)
class SeenError:
    """What a client can tell one error from another by."""

    path: tuple[str | int, ...]
    message: str
    code: str

    @property
    def field(self) -> tuple[object, ...]:
        """Where it is, whichever item of lists."""
        return (tuple("*" if isinstance(key, int) else key for key in self.path), self.message, self.code)


Places = dict[tuple[str | int, ...], set[SeenError]]


def data_text(answer: Answer) -> str:
    """The data as JSON, keys in their order, without what is measured anew each time."""
    text = json.dumps(answer.to_builtins().get("data"), ensure_ascii=False)
    return _WHOLE.sub(r"\1", _MEASURED.sub(r'"\1": 0', text))


def assert_same(ours: Answer, ordinary: Answer) -> None:
    """Data equal to the order of keys; the same errors, but that one stands for all of one link and cluster.

    Where a non-null field failed, everything up to the next nullable place is null: how many of the errors below such
    a place are told is left open by the GraphQL specification (section 6.4.4).
    """
    assert ours.executed == ordinary.executed
    assert data_text(ours) == data_text(ordinary)
    data = ordinary.to_builtins().get("data")
    seen, expected = _by_place(seen_errors(ours), data), _by_place(seen_errors(ordinary), data)
    assert _fields(seen) == _fields(expected)
    seen, expected = _but_of_clusters(seen), _but_of_clusters(expected)
    assert seen.keys() <= expected.keys()
    for place, errors in seen.items():
        assert errors & expected[place], place
    assert _firsts(expected) <= seen.keys()


def seen_errors(answer: Answer) -> list[SeenError]:
    """The errors of an answer; ids of masked ones are new each time."""
    return [
        SeenError(tuple(_path(error)), str(error["message"]), str(_mapping(error["extensions"])["code"]))
        for error in answer.errors
    ]


def _by_place(errors: Iterable[SeenError], data: object) -> Places:
    """Errors by the place that is null because of them."""
    places: Places = {}
    for error in errors:
        places.setdefault(_nulled_place(error.path, data), set()).add(error)
    return places


def _nulled_place(path: tuple[str | int, ...], data: object) -> tuple[str | int, ...]:
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        assert isinstance(data, Mapping | Sequence)
        data = data[key]  # type: ignore[index]  # a path's keys fit what they lead through
    return path


def _but_of_clusters(places: Places) -> Places:
    """Without what a cluster said: that stands at the first parent in the cluster, affected or not."""
    kept = {place: {error for error in errors if "cluster '" not in error.message} for place, errors in places.items()}
    return {place: errors for place, errors in kept.items() if errors}


def _fields(places: Places) -> set[object]:
    return {SeenError(place, error.message, error.code).field for place, errors in places.items() for error in errors}


def _firsts(places: Places) -> set[tuple[str | int, ...]]:
    """Of the places of one field and cluster, the first in the response."""
    first: dict[object, tuple[str | int, ...]] = {}
    for place, errors in places.items():
        for error in errors:
            key = (SeenError(place, error.message, error.code).field,)
            if key not in first or _order(place) < _order(first[key]):
                first[key] = place
    return set(first.values())


def _order(place: tuple[str | int, ...]) -> list[int]:
    return [key for key in place if isinstance(key, int)]


def _path(error: Mapping[str, object]) -> Sequence[str | int]:
    path = error.get("path") or ()
    assert isinstance(path, Sequence)
    return path


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value

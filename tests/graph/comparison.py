"""The comparison of two answers to one document."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.answer import Answer

_MEASURED = re.compile(
    r'"(\w*(?:latencyMs|observedAt|durationSeconds|lastScheduleAgeSeconds|nextSchedule|missedRuns))": '
    r'(?:null|"[^"]*"|[-+.\de]+)'
)
_NARROWED = re.compile(r" in namespace [a-z0-9-]+")  # one parent alone is asked for within its namespace
_STEP = re.compile(r"(?<=does not allow to list )[a-z.]+?(?=\.$)")  # of several that a link takes, any may be named
_WHOLE = re.compile(r"(?<=[ \[])(-?\d+)\.0(?=[,}\]])")


@dataclass(frozen=True)
class SeenError:
    """The properties by which a client can tell one error from another."""

    path: tuple[str | int, ...]
    message: str
    code: str

    @property
    def field(self) -> tuple[object, ...]:
        """Returns its place without indexes of lists."""
        return (tuple("*" if isinstance(key, int) else key for key in self.path), self.message, self.code)


Places = dict[tuple[str | int, ...], set[SeenError]]


def data_text(answer: Answer) -> str:
    """Returns the data as JSON, keys in their order, without measured values."""
    return plain_text(answer.to_builtins().get("data"))


def plain_text(data: object) -> str:
    """Returns data as JSON, keys in their order, without measured values."""
    text = json.dumps(data, ensure_ascii=False)
    return _WHOLE.sub(r"\1", _MEASURED.sub(r'"\1": 0', text))


def assert_same(ours: Answer, ordinary: Answer) -> None:
    """Asserts equal data, keys in order, and the same errors; one error represents all of one link and cluster.

    Where a non-null field failed, everything up to the next nullable place is null. The GraphQL specification (section
    6.4.4) leaves open how many of the errors below such a place are reported.
    """
    assert ours.executed == ordinary.executed
    assert data_text(ours) == data_text(ordinary), (ours.errors, ordinary.errors)
    seen, expected = seen_errors(ours), seen_errors(ordinary)
    data = ordinary.to_builtins().get("data")
    assert {one.field for one in expected if _nulled_place(one.path, data) == one.path} <= {one.field for one in seen}
    _assert_same_places(_by_place(_but_of_clusters(seen), data), _by_place(_but_of_clusters(expected), data))


def _assert_same_places(seen: Places, expected: Places) -> None:
    assert seen.keys() <= expected.keys()
    for place, errors in seen.items():
        assert errors & expected[place], place
    told = _firsts(seen)
    assert {field: place for field, place in _firsts(expected).items() if field in told} == told


def seen_errors(answer: Answer) -> list[SeenError]:
    """Returns the errors of an answer; ids of masked ones are new each time."""
    return [
        SeenError(tuple(_path(error)), _message(error), str(_mapping(error["extensions"])["code"]))
        for error in answer.errors
    ]


def _message(error: Mapping[str, object]) -> str:
    return _STEP.sub("...", _NARROWED.sub("", str(error["message"])))


def _by_place(errors: Iterable[SeenError], data: object) -> Places:
    """Returns errors by the place that is null because of them; of those further inside only that there are any."""
    places: Places = {}
    for error in errors:
        place = _nulled_place(error.path, data)
        places.setdefault(place, set()).add(error if place == error.path else SeenError(place, "", ""))
    return places


def _nulled_place(path: tuple[str | int, ...], data: object) -> tuple[str | int, ...]:
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        assert isinstance(data, Mapping | Sequence)
        data = data[key]  # type: ignore[index]  # a path's keys fit what they lead through
    return path


def _but_of_clusters(errors: Iterable[SeenError]) -> Iterator[SeenError]:
    """Yields the errors without those of clusters, which are at the first parent in the cluster, affected or not."""
    return (error for error in errors if "cluster '" not in error.message)


def _firsts(places: Places) -> dict[object, tuple[str | int, ...]]:
    """Returns, for each field and message, the first of its places in the response."""
    first: dict[object, tuple[str | int, ...]] = {}
    for place in sorted(places, key=_order):
        for error in places[place]:
            first.setdefault(error.field, place)
    return first


def _order(place: tuple[str | int, ...]) -> list[int]:
    return [key for key in place if isinstance(key, int)]


def _path(error: Mapping[str, object]) -> Sequence[str | int]:
    path = error.get("path") or ()
    assert isinstance(path, Sequence)
    return path


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value

"""The estimate of values that paths lead to: bounded work for any argument."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.document.expansionestimate import ExpansionEstimate
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue


class CountingEntry(dict[str, Any]):
    """An entry of `where` that counts how often entries are looked at."""

    looked_at = 0

    def get(self, key: str, default: Any = None) -> Any:
        CountingEntry.looked_at += key == "path"
        return super().get(key, default)


@pytest.fixture
def looked_at() -> Callable[[], int]:
    """Returns a function that returns how often entries were looked at since its last call."""

    def since() -> int:
        count, CountingEntry.looked_at = CountingEntry.looked_at, 0
        return count

    since()
    return since


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the paths that are looked up, in order."""
    texts: list[str] = []
    find = FieldPaths._end

    def counted(paths: FieldPaths, start: Any, text: str) -> Any:
        texts.append(text)
        return find(paths, start, text)

    monkeypatch.setattr(FieldPaths, "_end", counted)
    return texts


@pytest.mark.parametrize(
    "entry",
    [CountingEntry(), CountingEntry(path="spec.containers", some=[CountingEntry()])],
    ids=["without a path", "with elements"],
)
def test_an_argument_with_very_many_entries_is_looked_at_in_part(
    looked_at: Callable[[], int], entry: CountingEntry
) -> None:
    where = [CountingEntry({"and": [entry] * 200}) for _ in range(200)]

    ExpansionEstimate(catalogue()).of("Pod", where)

    assert looked_at() < 5000


def test_one_variable_of_many_fields_is_looked_at_once(looked_at: Callable[[], int]) -> None:
    estimate, where = ExpansionEstimate(catalogue()), [CountingEntry(path="node.pods.name")]

    assert estimate.of("Pod", where) == 10
    assert looked_at() > 0
    assert [estimate.of("Pod", where) for _ in range(20)] == [10] * 20
    assert looked_at() == 0
    assert estimate.of("Node", where) == 0  # it has no such path


def test_an_invalid_path_ends_the_estimate(found: list[str]) -> None:
    entry = {"path": "spec.containres", "some": [{"path": "x"}], "every": [{"path": "x"}], "none": [{"path": "x"}]}

    assert ExpansionEstimate(catalogue()).of("Pod", [{"path": "node.pods.name"}, *[entry] * 100]) == 0
    assert found == ["spec.containres"]

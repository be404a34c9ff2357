"""Many lists of which the identity may read some namespaces only: looked up, never searched."""

from collections.abc import Iterator
from typing import Any, cast

from k8s.kinds.builtin import POD, SECRET
from resolvers.fleet.scope import Scope
from resolvers.links.fetching import Fetch
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation


class _Names(tuple[str, ...]):
    """Namespaces that count how often they are searched."""

    searches = 0

    def __contains__(self, item: object) -> bool:
        _Names.searches += 1
        return super().__contains__(item)


class _Partial(list[Any]):
    """Partial lists that count how often they are gone through."""

    rounds = 0

    def __iter__(self) -> Iterator[Any]:
        _Partial.rounds += 1
        return super().__iter__()


def _fetch(partial: list[Any]) -> Fetch:
    return Fetch(cast(Operation, None), Rows(), cast(Any, None), partial=partial)


def test_a_scope_looks_namespaces_up() -> None:
    scope = Scope(_Names(f"n-{number}" for number in range(100)), is_partial=True)

    assert [number for number in range(200) if not scope.hides(f"n-{number}")] == [*range(100)]
    assert _Names.searches == 0


def test_lists_are_found_by_cluster_and_kind() -> None:
    clusters: list[Any] = [object() for _ in range(50)]
    fetch = _fetch(_Partial((cluster, POD, Scope(("shop",), is_partial=True)) for cluster in clusters))

    assert all(fetch.hides(cluster, POD, "dark") and not fetch.hides(cluster, POD, "shop") for cluster in clusters)
    assert not any(fetch.hides(cluster, SECRET, "dark") or fetch.hides(cluster, POD, None) for cluster in clusters)
    assert _Partial.rounds <= 1


def test_lists_that_are_added_later_are_found() -> None:
    cluster: Any = object()
    fetch = _fetch([])
    assert not fetch.hides(cluster, POD, "dark")

    fetch.partial += [(cluster, POD, Scope(is_partial=True, refused="dark"))]

    assert fetch.hides(cluster, POD, "dark")
    assert not fetch.hides(cluster, POD, "shop")

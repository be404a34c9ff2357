"""A real API server accepts all generated objects, with statuses and without unknown fields."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from demo.fleet.manifest import Manifest
from tests.conftest import running
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.demo.fleet.accepting import refusals
from tests.demo.fleet.worlds import at, objects

pytestmark = pytest.mark.controlplane


@pytest.fixture(scope="module")
def empty_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Yields a separate cluster, so that nothing is left in those that other tests share."""
    for planes in running(request, ControlPlanes(["empty"], living=False)):
        yield planes.cluster("empty")


async def test_every_object_is_one_that_an_api_server_takes(empty_cluster: Cluster) -> None:
    refused = await refusals(empty_cluster, [*objects("prod-eu-1"), *_moved(objects("edge-berlin"))])

    assert refused == []


def _moved(found: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yields the objects of a second cluster with other namespaces and node ports, so that one API server has both.

    Roles, priorities and definitions without a namespace, and of the same name, are those of the first one.
    """
    for each in found:
        moved = _elsewhere(each)
        if each["kind"] == "Namespace":
            moved["metadata"]["name"] = _other(at(each, "metadata.name"))
        yield moved


def _elsewhere(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: _elsewhere(inner, name) for name, inner in value.items()}
        case list():
            return [_elsewhere(inner) for inner in value]
        case str() if key == "namespace":
            return _other(value)
        case int() if key == "nodePort":
            return value + 1
        case _:
            return value


def _other(namespace: str) -> str:
    return f"second-{namespace}"

"""A real API server accepts all generated objects, with statuses and without unknown fields."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import give_up, uncaptured
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.demo.fleet.accepting import refusals
from tests.demo.fleet.worlds import objects

pytestmark = pytest.mark.controlplane

_CLUSTERS = ("prod-eu-1", "edge-berlin")


@pytest.fixture(scope="module")
def empty_clusters(request: pytest.FixtureRequest) -> Iterator[ControlPlanes]:
    """Yields separate clusters, so that nothing is left in those that other tests share."""
    planes = ControlPlanes(_CLUSTERS, living=False)
    with ExitStack() as stack:
        try:
            with uncaptured(request.config):
                stack.enter_context(planes)
        except ControlPlaneUnavailable as error:
            unavailable = error
        else:
            yield planes
            return
    give_up(unavailable)


@pytest.mark.parametrize("cluster", _CLUSTERS)
async def test_every_object_is_one_that_an_api_server_takes(empty_clusters: ControlPlanes, cluster: str) -> None:
    refused = await refusals(empty_clusters.cluster(cluster), objects(cluster))

    assert refused == []

"""Real clusters without a registry."""

from collections.abc import AsyncIterator

import pytest

from graph.engine import Engine
from k8s.transport.limits import ConnectionLimits
from resolvers.limits import OperationLimits
from tests.controlplane.cluster import Cluster
from tests.faults.fleets import TestFleet


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The schema."""
    return Engine()


@pytest.fixture
async def real_fleet(engine: Engine, alpha: Cluster, beta: Cluster, living: Cluster) -> AsyncIterator[TestFleet]:
    """All three clusters, as they are."""
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=10))
    for cluster in (alpha, beta, living):
        fleet.add(cluster.name, cluster, limits=ConnectionLimits())
    yield fleet
    await fleet.close()

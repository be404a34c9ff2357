"""The demo's Prometheus: it answers the queries of `usageOver`, and its figures are those of the metrics."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from demo.fleet.company.profile import PROFILES
from demo.fleet.measuredcontent import MeasuredContent
from demo.fleet.moment import FROZEN_S
from demo.fleet.recordings import PROMETHEUS, RecordedApi
from demo.fleet.usage import measured_pods, pod_usage
from demo.fleet.world import World
from k8s.errors import Invalid, ResourceNotFound
from k8s.prometheus.prometheus import Prometheus
from k8s.prometheus.rangequery import RangeQuery, RecordedSeries, Taking
from k8s.transport.deadline import Deadline
from resolvers.kinds.history.expressions import Narrowing, Per, expression
from resolvers.kinds.history.period import Period
from snapshots.serving.snapshotsender import SnapshotSender

STEP_S = 300
NOW_S = int(FROZEN_S) // STEP_S * STEP_S
START_S = NOW_S - 2 * STEP_S
PERIOD = Period(NOW_S - START_S, STEP_S, ("cpu", "memory"))
MEASURED = next(profile for profile in PROFILES if profile.is_reachable and profile.has_metrics)
UNMEASURED = next(profile for profile in PROFILES if profile.is_reachable and not profile.has_metrics)


@pytest.fixture(scope="module")
def world() -> World:
    return World(MEASURED, FROZEN_S)


def client_of(world: World) -> Prometheus:
    """Returns a client of a cluster's Prometheus."""
    content = MeasuredContent(world, lambda: FROZEN_S)
    return Prometheus(SnapshotSender(world.profile.name, RecordedApi(content, world, lambda: FROZEN_S)), PROMETHEUS)


async def recorded(
    world: World, per: Per, narrowing: Narrowing | None = None
) -> Mapping[tuple[str, ...], Mapping[int, float]]:
    """Returns the points of series by their labels and the resource."""
    query = RangeQuery(expression(per, PERIOD, narrowing or Narrowing()), START_S, NOW_S, STEP_S)
    answer = await client_of(world).series(query, taking=Taking(10_000_000), deadline=Deadline(60))
    series: Sequence[RecordedSeries] = answer.series
    return {(*(one.labels.get(label, "") for label in per.value), one.labels["resource"]): one.points for one in series}


async def test_a_pod_has_the_usage_of_its_containers_since_it_was_created(world: World) -> None:
    pods = list(measured_pods(world.workloads(0.0)))
    by_pod = await recorded(world, Per.POD)

    assert len(by_pod) == 2 * len(pods)
    for workload, pod in pods[::25]:
        points = by_pod[workload.namespace, pod.name, "cpu"]
        assert points == {
            at_s: pytest.approx(sum(used.cpu_u for used in pod_usage(workload, pod, at_s).values()) / 1e6)
            for at_s in range(START_S, NOW_S + 1, STEP_S)
            if at_s >= pod.created_s
        }


async def test_sums_agree_at_every_level(world: World) -> None:
    series = {per: await recorded(world, per) for per in Per}

    for resource in PERIOD.resources:
        totals = {
            per: sum(points[NOW_S] for key, points in of_all.items() if key[-1] == resource)
            for per, of_all in series.items()
        }
        assert totals[Per.CONTAINER] == pytest.approx(totals[Per.POD]) == pytest.approx(totals[Per.NAMESPACE])
        assert totals[Per.NODE] == pytest.approx(totals[Per.CLUSTER])
        assert totals[Per.NODE] > totals[Per.POD]


async def test_a_query_about_some_pods_has_these_only(world: World) -> None:
    workload, pod = next(measured_pods(world.workloads(0.0)))

    by_pod = await recorded(world, Per.POD, Narrowing(namespaces=[workload.namespace], pods=[pod.name]))

    assert by_pod.keys() == {(workload.namespace, pod.name, resource) for resource in PERIOD.resources}


async def test_any_other_query_is_refused_as_prometheus_does(world: World) -> None:
    with pytest.raises(Invalid, match="its Prometheus answered HTTP 400"):
        await client_of(world).check(Deadline(60))


async def test_a_cluster_without_metrics_has_no_prometheus() -> None:
    with pytest.raises(ResourceNotFound):
        await client_of(World(UNMEASURED, FROZEN_S)).check(Deadline(60))


def test_its_address_is_that_of_a_service_of_the_cluster(world: World) -> None:
    services = msgspec.json.decode(msgspec.json.encode([item for item in world.objects() if item["kind"] == "Service"]))

    ports = {
        f"service:{service['metadata']['namespace']}/{service['metadata']['name']}:{port['name']}"
        for service in services
        for port in service["spec"]["ports"]
    }
    assert PROMETHEUS in ports

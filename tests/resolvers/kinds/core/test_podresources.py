"""Requests and limits of pods, by the rules of `PodRequests` and `PodLimits`."""

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.rowdecoders import Row
from resolvers.kinds.amounts import printed
from resolvers.kinds.core.pod import limits, requests
from resolvers.kinds.core.podresources import (
    LIMIT_READS,
    REQUEST_READS,
    pod_limits,
    pod_requests,
    spec_limits,
    spec_requests,
)
from resolvers.kinds.leaves import Quantity, QuantityMap
from resolvers.kinds.resources import ResourceList, Resources
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row


def container(name: str, *, sidecar: bool = False, limits: "JsonObject | None" = None, **requests: str) -> JsonObject:
    """Returns a container with requests and limits."""
    policy: JsonObject = {"restartPolicy": "Always"} if sidecar else {}
    return {"name": name, **policy, "resources": {"requests": {**requests}, "limits": limits or {}}}


def pod(status: "JsonObject | None" = None, **spec: JsonValue) -> Row:
    """Returns a pod."""
    return row(POD, *REQUEST_READS, *LIMIT_READS, spec=spec, **({"status": status} if status else {}))


def texts(amounts: ResourceList) -> dict[str, str | None]:
    """Returns amounts as they are printed."""
    return {name: printed(amount) for name, amount in amounts.items()}


def test_containers_are_added() -> None:
    found = pod(containers=[container("a", cpu="100m", memory="1Gi"), container("b", cpu="1", memory="512Mi")])

    assert texts(pod_requests(found)) == {"cpu": "1100m", "memory": "1536Mi"}


def test_the_largest_init_container_counts() -> None:
    init: list[JsonValue] = [container("x", cpu="3"), container("y", cpu="2", memory="1Ki")]

    found = pod(containers=[container("a", cpu="1"), container("b", cpu="1500m")], initContainers=init)

    assert texts(pod_requests(found)) == {"cpu": "3", "memory": "1Ki"}


def test_sidecars_run_beside_later_init_containers_and_the_others() -> None:
    init: list[JsonValue] = [container("x", cpu="2"), container("s", sidecar=True, cpu="1"), container("y", cpu="2")]

    assert texts(pod_requests(pod(containers=[container("a", cpu="1")], initContainers=init))) == {"cpu": "3"}
    assert texts(pod_requests(pod(containers=[container("a", cpu="4")], initContainers=init))) == {"cpu": "5"}


def test_overhead_is_requested_and_added_to_limits_that_are_there() -> None:
    found = pod(
        containers=[container("a", cpu="1", limits={"cpu": "2", "nvidia.com/gpu": "0"})],
        overhead={"cpu": "250m", "memory": "1Mi", "nvidia.com/gpu": "1"},
    )

    assert texts(pod_requests(found)) == {"cpu": "1250m", "memory": "1Mi", "nvidia.com/gpu": "1"}
    assert texts(pod_limits(found)) == {"cpu": "2250m", "nvidia.com/gpu": "0"}


def test_the_pods_own_resources_replace_those_of_its_containers() -> None:
    own: JsonObject = {
        "requests": {"cpu": "3", "hugepages-2Mi": "4Mi", "nvidia.com/gpu": "8"},
        "limits": {"memory": "1Gi"},
    }
    containers: list[JsonValue] = [container("a", limits={"memory": "5Gi", "cpu": "4"}, memory="1")]

    found = pod(containers=containers, resources=own, overhead={"cpu": "1"})

    assert texts(pod_requests(found)) == {"cpu": "4", "hugepages-2Mi": "4Mi", "memory": "1"}
    assert texts(pod_limits(found)) == {"memory": "1Gi", "cpu": "5"}


def status_of(allocated: str | None, actual: str | None, reason: str | None = None) -> JsonObject:
    """Returns a status with resources of the container `a`."""
    one: JsonObject = {"name": "a"}
    if allocated is not None:
        one["allocatedResources"] = {"cpu": allocated}
    if actual is not None:
        one["resources"] = {"requests": {"cpu": actual}, "limits": {"cpu": actual}}
    condition: JsonValue = {"type": "PodResizePending", "status": "True", "reason": reason}
    return {"containerStatuses": [one], **({"conditions": [condition]} if reason else {})}


@pytest.mark.parametrize(
    ("status", "requested", "limited"),
    [
        (status_of("2", "2"), "2", "2"),
        (status_of("1", "1"), "2", "2"),
        (status_of("3", "1"), "3", "2"),
        (status_of("1", "4"), "4", "4"),
        (status_of(None, "4"), "4", "4"),
        (status_of("4", None), "4", "2"),
        (status_of("1", "1", "Deferred"), "2", "2"),
        (status_of("1", "1", "Infeasible"), "1", "1"),
        (status_of("1", "1500m", "Infeasible"), "1500m", "1500m"),
        (status_of("2", "2", "Infeasible"), "2", "2"),
    ],
)
def test_the_largest_resources_of_a_resize_count(status: JsonObject, requested: str, limited: str) -> None:
    found = pod(status, containers=[container("a", cpu="2", limits={"cpu": "2"})])

    assert texts(pod_requests(found)) == {"cpu": requested}
    assert texts(pod_limits(found)) == {"cpu": limited}
    assert texts(spec_requests(found)) == texts(spec_limits(found)) == {"cpu": "2"}


def test_an_infeasible_resize_without_status_requests_nothing() -> None:
    status: JsonObject = {"conditions": [{"type": "PodResizePending", "reason": "Infeasible"}]}

    assert pod_requests(pod(status, containers=[container("a", cpu="2")])) == {}


def test_a_value_that_is_no_quantity_costs_its_resource_only() -> None:
    found = pod(containers=[container("a", cpu="much", memory="1Gi"), container("b", cpu="1", memory="1Gi")])

    assert requests(found) == Resources(None, Quantity("2Gi"), None, QuantityMap({"memory": Quantity("2Gi")}))


@pytest.mark.parametrize("spec", [{}, {"containers": []}, {"containers": [{"name": "a"}], "resources": {}}])
def test_pods_that_request_nothing(spec: JsonObject) -> None:
    found = row(POD, *REQUEST_READS, *LIMIT_READS, spec=spec)

    assert requests(found) == limits(found) == Resources(None, None, None, QuantityMap({}))


def test_a_pod_with_very_many_containers() -> None:
    found = pod(containers=[container(f"c{number}", cpu="1m") for number in range(12_000)])

    assert texts(pod_requests(found)) == {"cpu": "10"}


def test_a_pod_with_very_many_resources() -> None:
    named: JsonObject = {f"example.com/{number}": "1" for number in range(100_000)}

    found = pod(containers=[{"name": "a", "resources": {"requests": named}}])

    assert len(pod_requests(found)) == 1000

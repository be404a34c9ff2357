"""Generated pods that API servers accept, with all that counts towards their requests."""

from random import Random

from tests.controlplane.json_object import JsonObject, JsonValue

NAMESPACE = "described"
RUNTIME_CLASS = "described-heavy"
OVERHEAD: JsonObject = {"cpu": "110m", "memory": "48Mi"}
NODES = ("described-1", "described-2", "described-3")
_GPU = "example.com/gpu"


def pods(number: int, *, seed: int) -> list[JsonObject]:
    """Returns pods on `NODES`, a few of which have ended."""
    random = Random(seed)  # noqa: S311  test data, the same in every run
    return [_pod(random, f"generated-{place:03}") for place in range(number)]


def _pod(random: Random, name: str) -> JsonObject:
    containers = [_container(random, f"app-{place}") for place in range(random.choice((1, 1, 2, 3)))]
    init = [
        _container(random, f"init-{place}", is_sidecar=random.random() < 0.4)
        for place in range(random.choice((0, 0, 1, 2, 3)))
    ]
    spec: JsonObject = {"nodeName": random.choice(NODES), "containers": [*containers], "initContainers": [*init]}
    if random.random() < 0.25:
        spec |= {"runtimeClassName": RUNTIME_CLASS, "overhead": OVERHEAD}
    if random.random() < 0.25:
        spec["resources"] = {"requests": {"cpu": "24", "memory": "64Gi"}, "limits": {"memory": "96Gi"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
        "status": _status(random, containers, init),
    }


def _container(random: Random, name: str, *, is_sidecar: bool = False) -> JsonObject:
    requests: JsonObject = {}
    limits: JsonObject = {}
    for resource, amounts, limit in (
        ("cpu", ("100m", "0.25", "1", "1500m"), "4"),
        ("memory", ("64Mi", "100M", "1Gi", "131072Ki", "1e8"), "8Gi"),
        ("ephemeral-storage", ("1Gi", "500M"), "4G"),
    ):
        if random.random() < 0.6:
            requests[resource] = random.choice(amounts)
        if random.random() < 0.4:
            limits[resource] = limit
    if random.random() < 0.2:
        requests[_GPU] = limits[_GPU] = random.choice(("1", "2"))
    policy: JsonObject = {"restartPolicy": "Always"} if is_sidecar else {}
    return {"name": name, "image": "app", "resources": {"requests": requests, "limits": limits}, **policy}


def _status(random: Random, containers: list[JsonObject], init: list[JsonObject]) -> JsonObject:
    phase = random.choice(("Running", "Running", "Running", "Pending", "Succeeded", "Failed"))
    status: JsonObject = {
        "phase": phase,
        "containerStatuses": [_container_status(random, one) for one in containers],
        "initContainerStatuses": [_container_status(random, one) for one in init],
    }
    if random.random() < 0.3:
        reason = random.choice(("Infeasible", "Deferred"))
        status["conditions"] = [{"type": "PodResizePending", "status": "True", "reason": reason}]
    return status


def _container_status(random: Random, container: JsonObject) -> JsonObject:
    """Returns a status with the resources of the spec, with those of a resize, or with none."""
    resources: JsonValue = random.choice((container["resources"], _container(random, "other")["resources"], {}))
    assert isinstance(resources, dict)
    status: JsonObject = {"name": container["name"], "image": "app", "imageID": "", "ready": True, "restartCount": 0}
    if resources:
        status |= {"allocatedResources": resources["requests"], "resources": resources}
    return status

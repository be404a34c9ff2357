"""The pods that resource quotas count: by the rules alone, and beside what a real controller manager counts."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from k8s.kinds import builtin as kinds
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.configuration.quotascopes import POD_READS, QUOTA_READS, counted_pod, pod_quota
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.decoded import row
from tests.resolvers.kinds.linkreading import read_raw

NAMESPACE: Final = "quota-pods"
NOW: Final = cast(FleetCluster, SimpleNamespace(taken_at=datetime(2026, 1, 1, 0, 1, tzinfo=UTC)))
PODS: Final[dict[str, Any]] = {
    "plain": {},
    "best-effort": {"status": {"phase": "Running", "qosClass": "BestEffort"}},
    "deadline": {"spec": {"activeDeadlineSeconds": 0}},
    "urgent": {"spec": {"priorityClassName": "high"}},
    "across": {
        "spec": {
            "affinity": {
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": {"namespaces": ["a"]}}]
                }
            }
        }
    },
    "everywhere": {
        "spec": {
            "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"namespaceSelector": {}}]}}
        }
    },
    "ended": {"status": {"phase": "Succeeded"}},
    "stuck": {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30}},
    "leaving": {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 2**40}},
}
ENDED: Final = {"ended", "stuck"}


def priority(operator: str, *values: str) -> JsonObject:
    """Returns the spec of a quota with a selector of priority classes."""
    scope: JsonObject = {"scopeName": "PriorityClass", "operator": operator, "values": [*values]}
    return {"hard": {"pods": "1"}, "scopeSelector": {"matchExpressions": [scope]}}


@pytest.mark.parametrize(
    ("spec", "counted"),
    [
        ({"hard": {"pods": "1"}}, {*PODS} - ENDED),
        ({"hard": {"count/pods": "1"}}, {*PODS}),
        ({"hard": {"services": "1", "requests.storage": "1"}}, set()),
        ({"hard": {"requests.cpu": "1"}}, {*PODS} - ENDED),
        ({"hard": {"limits.ephemeral-storage": "1"}}, {*PODS} - ENDED),
        ({"hard": {"hugepages-2Mi": "1"}}, {*PODS} - ENDED),
        ({"hard": {"requests.example.com/gpu": "1"}}, {*PODS} - ENDED),
        ({"hard": {"limits.example.com/gpu": "1"}}, set()),
        ({"hard": {"gold.storageclass.storage.k8s.io/requests.storage": "1"}}, set()),
        ({"hard": {}}, set()),
        (None, set()),
        ({"hard": {"pods": "1"}, "scopes": ["Terminating"]}, {"deadline"}),
        ({"hard": {"pods": "1"}, "scopes": ["NotTerminating"]}, {*PODS} - ENDED - {"deadline"}),
        ({"hard": {"pods": "1"}, "scopes": ["BestEffort"]}, {"best-effort"}),
        ({"hard": {"pods": "1"}, "scopes": ["BestEffort", "Terminating"]}, set()),
        ({"hard": {"pods": "1"}, "scopes": ["NotBestEffort"]}, {*PODS} - ENDED - {"best-effort"}),
        ({"hard": {"pods": "1"}, "scopes": ["CrossNamespacePodAffinity"]}, {"across", "everywhere"}),
        ({"hard": {"pods": "1"}, "scopes": ["PriorityClass"]}, {"urgent"}),
        ({"hard": {"pods": "1"}, "scopes": ["VolumeAttributesClass"]}, set()),
        (priority("In", "low", "high"), {"urgent"}),
        (priority("In"), set()),
        (priority("NotIn", "high"), {*PODS} - ENDED - {"urgent"}),
        (priority("DoesNotExist"), {*PODS} - ENDED - {"urgent"}),
        (priority("Exists", "high"), set()),
        (priority("Like", "high"), set()),
    ],
)
def test_scopes_and_resources_of_a_quota(spec: Any, counted: set[str]) -> None:
    quota = pod_quota(row(kinds.RESOURCE_QUOTA, *QUOTA_READS, **({"spec": spec} if spec else {})))

    pods = {name: counted_pod(NOW, row(kinds.POD, *POD_READS, **parts)) for name, parts in PODS.items()}

    assert {name for name, pod in pods.items() if quota.holds(pod)} == counted


@pytest.mark.controlplane
async def test_quotas_count_the_pods_that_their_controller_counts(living: Cluster, real_fleet: TestFleet) -> None:
    await create_objects(living, _pods())
    await create_objects(living, _quotas())
    paths = {plural: f"/api/v1/namespaces/{NAMESPACE}/{plural}" for plural in ("resourcequotas", "pods")}
    async with asyncio.timeout(60):
        raw = await read_raw(living, paths)
        while not all("used" in one.get("status", {}) for one in raw.of("resourcequotas")):
            await asyncio.sleep(0.1)
            raw = await read_raw(living, paths)

    reply = await real_fleet.ask(
        f"""{{ cluster(name: "living") {{
          resourceQuotas(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name namespaceObject {{ name }}
            pods {{ totalCount nodes {{ name }} }} }} }}
          pods(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name resourceQuotas {{ nodes {{ name }} }}
            limitRanges {{ nodes {{ name }} }} }} }}
          limitRanges(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name pods {{ totalCount }} }} }} }} }}"""
    )

    assert reply.errors == ()
    found = reply.data["cluster"]
    quotas, pods = found["resourceQuotas"]["nodes"], found["pods"]["nodes"]
    used = {
        one["metadata"]["name"]: sum(int(one["status"]["used"][key]) for key in one["spec"]["hard"])
        for one in raw.of("resourcequotas")
    }
    assert {one["name"]: one["pods"]["totalCount"] for one in quotas} == used
    assert used == {**dict.fromkeys(used, 1), "all": 5, "any": 6, "no-deadline": 4, "no-priority": 4, "sized": 1}
    assert {one["namespaceObject"]["name"] for one in quotas} == {NAMESPACE}
    assert {(quota["name"], pod["name"]) for quota in quotas for pod in quota["pods"]["nodes"]} == {
        (quota["name"], pod["name"]) for pod in pods for quota in pod["resourceQuotas"]["nodes"]
    }
    assert {one["name"]: one["pods"]["totalCount"] for one in found["limitRanges"]["nodes"]} == {
        "containers": len(PODS_MADE),
        "claims": 0,
    }
    assert all([one["name"] for one in pod["limitRanges"]["nodes"]] == ["containers"] for pod in pods)


PODS_MADE: Final[dict[str, Any]] = {
    "plain": {},
    "sized": {"resources": {"requests": {"memory": "1Mi"}}},
    "deadline": {"activeDeadlineSeconds": 100_000},
    "urgent": {"priorityClassName": "system-cluster-critical"},
    "across": {
        "affinity": {
            "podAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"topologyKey": "a", "labelSelector": {}, "namespaceSelector": {}}
                ]
            }
        }
    },
    "ended": {},
}


def _pods() -> list[JsonObject]:
    account: JsonObject = {"apiVersion": "v1", "kind": "ServiceAccount", **_metadata("own")}
    container: JsonObject = {"name": "app", "image": "example.com/app:1"}
    made: list[JsonObject] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, account]
    for name, parts in PODS_MADE.items():
        resources = {"resources": parts["resources"]} if "resources" in parts else {}
        spec: JsonObject = {
            "containers": [{**container, **resources}],
            "serviceAccountName": "own",
            "nodeSelector": {"no": "node"},  # so that nobody changes their phases
            **{key: value for key, value in parts.items() if key != "resources"},
        }
        status: JsonObject = {"status": {"phase": "Failed"}} if name == "ended" else {}
        made.append({"apiVersion": "v1", "kind": "Pod", **_metadata(name), "spec": spec, **status})
    return made


def _quotas() -> list[JsonObject]:
    hard: JsonObject = {"pods": "100"}
    specs: dict[str, JsonObject] = {
        "all": {"hard": hard},
        "any": {"hard": {"count/pods": "100"}},
        "deadline": {"hard": hard, "scopes": ["Terminating"]},
        "no-deadline": {"hard": hard, "scopes": ["NotTerminating"]},
        "sized": {"hard": hard, "scopes": ["NotBestEffort"]},
        "priority": {"hard": hard, "scopes": ["PriorityClass"]},
        "no-priority": {**priority("NotIn", "system-cluster-critical"), "hard": hard},
        "across": {"hard": hard, "scopes": ["CrossNamespacePodAffinity"]},
    }
    limits: dict[str, JsonValue] = {
        "containers": [{"type": "Container", "max": {"cpu": "1"}}],
        "claims": [{"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}],
    }
    return [
        *(
            {"apiVersion": "v1", "kind": "ResourceQuota", **_metadata(name), "spec": spec}
            for name, spec in specs.items()
        ),
        *(
            {"apiVersion": "v1", "kind": "LimitRange", **_metadata(name), "spec": {"limits": items}}
            for name, items in limits.items()
        ),
    ]


def _metadata(name: str) -> JsonObject:
    return {"metadata": {"name": name, "namespace": NAMESPACE}}

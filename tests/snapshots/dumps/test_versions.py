"""Objects of older API versions, served in the version of the schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from k8s.kinds.builtin import BUILT_IN
from snapshots.dumps.checking import require_decodable
from snapshots.dumps.objecttype import ObjectType
from snapshots.dumps.versions import OLDER_TYPES, converted, served_type
from tests.snapshots.dumps.dumping import Read, folder, pod

INGRESS_SPEC = {
    "backend": {"serviceName": "fallback", "servicePort": "http"},
    "rules": [{"host": "a", "http": {"paths": [{"path": "/x", "backend": {"serviceName": "web", "servicePort": 80}}]}}],
}


def _read(tmp_path: Path, api_version: str, kind: str, **rest: object) -> tuple[Any, Read]:
    item = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, **rest}
    read = Read(folder(tmp_path / "dump", {"x.json": json.dumps([item, pod("a")])}))
    found = [items[0] for plural, items in read.objects.items() if plural != "pods" and items]
    return (found[0] if found else None), read


@pytest.mark.parametrize(
    ("api_version", "kind", "served"),
    [
        ("batch/v1beta1", "CronJob", "batch/v1"),
        ("policy/v1beta1", "PodDisruptionBudget", "policy/v1"),
        ("extensions/v1beta1", "Deployment", "apps/v1"),
        ("apps/v1beta2", "DaemonSet", "apps/v1"),
        ("extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("rbac.authorization.k8s.io/v1beta1", "Role", "rbac.authorization.k8s.io/v1"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2"),
    ],
)
def test_the_same_structure_is_served_in_the_current_version(
    tmp_path: Path, api_version: str, kind: str, served: str
) -> None:
    item, read = _read(tmp_path, api_version, kind, spec={"unknown": 1})

    assert (item["apiVersion"], item["kind"], item["spec"]) == (served, kind, {"unknown": 1})
    assert all(dumped.kind in BUILT_IN for dumped in read.kinds)


@pytest.mark.parametrize("api_version", ["extensions/v1beta1", "networking.k8s.io/v1beta1"])
def test_backends_of_an_ingress(tmp_path: Path, api_version: str) -> None:
    item, _ = _read(tmp_path, api_version, "Ingress", spec=INGRESS_SPEC)

    web = {"service": {"name": "web", "port": {"number": 80}}}
    assert item["spec"] == {
        "defaultBackend": {"service": {"name": "fallback", "port": {"name": "http"}}},
        "rules": [
            {"host": "a", "http": {"paths": [{"path": "/x", "backend": web, "pathType": "ImplementationSpecific"}]}}
        ],
    }


def test_the_cpu_target_of_an_autoscaler(tmp_path: Path) -> None:
    spec = {"maxReplicas": 3, "targetCPUUtilizationPercentage": 80}
    status = {"currentReplicas": 1, "currentCPUUtilizationPercentage": 7}

    item, _ = _read(tmp_path, "autoscaling/v1", "HorizontalPodAutoscaler", spec=spec, status=status)

    target = {"type": "Utilization", "averageUtilization": 80}
    assert item["spec"] == {
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    assert item["status"]["currentMetrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 7}}}
    ]


@pytest.mark.parametrize("metadata", [{"annotations": {"autoscaling.alpha.kubernetes.io/metrics": "[]"}}])
def test_an_autoscaler_with_other_metrics_is_named_and_not_served_without_them(
    tmp_path: Path, metadata: dict[str, object]
) -> None:
    whole = {"name": "x", "namespace": "shop", **metadata}

    item, read = _read(tmp_path, "autoscaling/v1", "HorizontalPodAutoscaler", metadata=whole)

    assert item is None
    assert read.broken == [
        "x.json:1: [0]: autoscaling/v1 HorizontalPodAutoscaler cannot be converted to autoscaling/v2"
    ]


def test_a_definition_with_one_version_gives_plural_and_scope(tmp_path: Path) -> None:
    spec = {"group": "a.io", "version": "v1", "names": {"kind": "Goose", "plural": "geese"}, "scope": "Namespaced"}
    item, read = _read(
        tmp_path,
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        spec={**spec, "additionalPrinterColumns": [{"name": "A", "JSONPath": ".a"}], "versions": None},
    )

    (version,) = item["spec"]["versions"]
    assert version == {
        "name": "v1",
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [{"name": "A", "jsonPath": ".a"}],
    }
    goose = {"apiVersion": "a.io/v1", "kind": "Goose", "metadata": {"name": "g", "namespace": "shop"}}
    (tmp_path / "dump" / "goose.json").write_text(json.dumps(goose))
    geese = [dumped for dumped in Read(tmp_path / "dump").kinds if dumped.kind.name == "Goose"]
    assert [(dumped.kind.plural, dumped.is_guessed) for dumped in geese] == [("geese", False)]
    assert read.broken == []


def test_zones_of_an_endpoint_slice(tmp_path: Path) -> None:
    topology = {"kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "z", "other": "o"}

    item, _ = _read(tmp_path, "discovery.k8s.io/v1beta1", "EndpointSlice", endpoints=[{"topology": topology}])

    assert item["endpoints"] == [{"zone": "z", "nodeName": "n1", "deprecatedTopology": {"other": "o"}}]


def test_shares_of_a_priority_level(tmp_path: Path) -> None:
    kind, spec = "PriorityLevelConfiguration", {"type": "Limited", "limited": {"assuredConcurrencyShares": 5}}

    item, _ = _read(tmp_path, "flowcontrol.apiserver.k8s.io/v1beta1", kind, spec=spec)

    assert item["spec"]["limited"] == {"nominalConcurrencyShares": 5}


def test_an_empty_list_of_an_older_version_says_that_there_are_none(tmp_path: Path) -> None:
    listed = {"apiVersion": "batch/v1beta1", "kind": "CronJobList", "items": []}

    read = Read(folder(tmp_path / "dump", {"a.json": json.dumps(listed), "b.json": json.dumps(pod("a"))}))

    assert read.names == {"cronjobs.batch": [], "pods": ["a"]}


@pytest.mark.parametrize("rest", [{"spec": [1]}, {"spec": {"rules": [1]}}, {"spec": {"rules": {"a": 1}}}])
def test_a_malformed_object_is_named(tmp_path: Path, rest: dict[str, object]) -> None:
    item, read = _read(tmp_path, "extensions/v1beta1", "Ingress", **rest)

    assert item is None
    assert len(read.broken) == 1


@pytest.mark.parametrize("object_type", OLDER_TYPES, ids=str)
def test_each_older_type_becomes_a_decodable_one_of_the_schema(object_type: ObjectType) -> None:
    served = served_type(object_type)
    (kind,) = [kind for kind in BUILT_IN if (kind.api_version, kind.name) == (served.api_version, served.kind)]
    spec = {"group": "a.io", "version": "v1", "names": {"kind": "A", "plural": "as"}, "scope": "Cluster"}
    rest = {"spec": spec} if object_type.kind == "CustomResourceDefinition" else {}
    item = {"kind": object_type.kind, "apiVersion": object_type.api_version, "metadata": {"name": "x"}, **rest}

    body = converted(json.dumps(item).encode(), object_type)

    require_decodable(kind, body)
    assert json.loads(body)["apiVersion"] == kind.api_version
    assert object_type not in {ObjectType(kind.api_version, kind.name) for kind in BUILT_IN}

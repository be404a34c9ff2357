"""Links of workloads on a living cluster, beside an independent reading of the raw objects and `kubectl describe`."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.faults.fleets import TestFleet
from tests.resolvers.kinds.apps.workloadobjects import NAMESPACE, Raw, fill

pytestmark = pytest.mark.controlplane

_TEMPLATE: Final = "configMaps { name } secrets { name } serviceAccount { name }"
_SELECTED: Final = " ".join(
    f"{name} {{ nodes {{ name }} }}" for name in ("services", "podDisruptionBudgets", "networkPolicies")
)
_SCALED: Final = "horizontalPodAutoscalers { nodes { name } }"
_PODS: Final = "pods { nodes { name } }"
_LINKS: Final = {
    "deployments": f"""{_TEMPLATE} {_SELECTED} {_SCALED} {_PODS} newReplicaSet {{ name }}
        oldReplicaSets {{ nodes {{ name }} }} replicaSets {{ nodes {{ name }} }}""",
    "replicaSets": f"{_TEMPLATE} {_SELECTED} {_SCALED} {_PODS} deployment {{ name }}",
    "replicationControllers": f"{_TEMPLATE} {_SELECTED} {_SCALED} {_PODS}",
    "statefulSets": f"""{_TEMPLATE} {_SELECTED} {_SCALED} {_PODS} service {{ name }}
        controllerRevisions {{ nodes {{ name }} }}""",
    "daemonSets": f"""{_TEMPLATE} {_SELECTED} {_PODS} nodes {{ nodes {{ name }} }}
        controllerRevisions {{ nodes {{ name }} }}""",
    "controllerRevisions": "daemonSet { name } statefulSet { name } namespaceObject { name }",
    "jobs": f"{_TEMPLATE} {_SELECTED} {_PODS} cronJob {{ name }}",
    "podDisruptionBudgets": f"{_PODS} workloads {{ kind name }}",
    "horizontalPodAutoscalers": f"{_PODS} target {{ kind name }}",
    "services": "statefulSets { nodes { name } } workloads { kind name }",
}
_QUERY: Final = (
    '{ cluster(name: "living") {'
    + " ".join(
        f'{plural}(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name {links} }} clusters {{ error {{ message }} }} }}'
        for plural, links in _LINKS.items()
    )
    + "} }"
)


async def test_links_are_those_of_the_raw_objects(
    newest_kubectl: Path, living: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    raw = await fill(living)

    reply = await real_fleet.ask(_QUERY)

    found = {
        plural: {one["name"]: _names(one) for one in listed["nodes"]}
        for plural, listed in reply.data["cluster"].items()
    }
    assert found == _expected(raw)
    old, new = _described(newest_kubectl, write_kubeconfig(tmp_path / "k", [living]))
    assert (found["deployments"]["web"]["oldReplicaSets"], found["deployments"]["web"]["newReplicaSet"]) == (old, new)


def _names(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _flat(value) for key, value in node.items() if key != "name"}


def _flat(value: Any) -> Any:
    if isinstance(value, dict) and "nodes" in value:
        value = value["nodes"]
    if isinstance(value, list):
        return sorted(map(_flat, value))
    return "/".join(value[key] for key in ("kind", "name") if key in value) if value is not None else None


def _expected(raw: Raw) -> dict[str, dict[str, dict[str, Any]]]:
    workloads = {
        "deployments": "Deployment",
        "replicaSets": "ReplicaSet",
        "replicationControllers": "ReplicationController",
        "statefulSets": "StatefulSet",
        "daemonSets": "DaemonSet",
        "jobs": "Job",
    }
    expected: dict[str, dict[str, dict[str, Any]]] = {
        plural: {_name(one): _of_workload(raw, one, kind) for one in raw[plural.lower()]}
        for plural, kind in workloads.items()
    }
    for one in raw["deployments"]:
        sets = [replicas for replicas in raw["replicasets"] if _owner(replicas) == one["metadata"]["uid"]]
        image = one["spec"]["template"]["spec"]["containers"][0]["image"]
        by_image = {set_["spec"]["template"]["spec"]["containers"][0]["image"]: _name(set_) for set_ in sets}
        new = by_image.pop(image)
        links = {"newReplicaSet": new, "oldReplicaSets": sorted(by_image.values()), "replicaSets": _sorted(sets)}
        own = {_name(pod) for set_ in sets for pod in _owned(raw, set_)}
        expected["deployments"][_name(one)] |= {**links, "pods": sorted(own)}
    for one in raw["replicasets"]:
        owners = [
            _name(deployment) for deployment in raw["deployments"] if _owner(one) == deployment["metadata"]["uid"]
        ]
        expected["replicaSets"][_name(one)]["deployment"] = owners[0] if owners else None
    for plural in ("statefulSets", "daemonSets"):
        for one in raw[plural.lower()]:
            revisions = [own for own in raw["controllerrevisions"] if _owner(own) == one["metadata"]["uid"]]
            expected[plural][_name(one)]["controllerRevisions"] = _sorted(revisions)
    revised = {one["metadata"]["uid"]: _name(one) for one in (*raw["daemonsets"], *raw["statefulsets"])}
    expected["controllerRevisions"] = {
        _name(one): {
            "daemonSet": revised[str(_owner(one))] if "agent" in _name(one) else None,
            "statefulSet": revised[str(_owner(one))] if "db" in _name(one) else None,
            "namespaceObject": NAMESPACE,
        }
        for one in raw["controllerrevisions"]
    }
    for one in raw["statefulsets"]:
        expected["statefulSets"][_name(one)]["service"] = one["spec"]["serviceName"]
    for one in raw["daemonsets"]:
        nodes = {pod["spec"]["nodeName"] for pod in _owned(raw, one)}
        expected["daemonSets"][_name(one)]["nodes"] = sorted(nodes)
    for one in raw["jobs"]:
        expected["jobs"][_name(one)]["cronJob"] = None
    for plural in ("daemonSets", "jobs"):
        for links in expected[plural].values():
            del links["horizontalPodAutoscalers"]
    budgets = {"some": {"web", "db"}, "every": {"web", "db", "bare", "old", "agent", "once"}, "none": set[str]()}
    kinds = {"web": "Deployment", "bare": "ReplicaSet", "old": "ReplicationController", "db": "StatefulSet"}
    kinds |= {"agent": "DaemonSet", "once": "Job"}
    expected["podDisruptionBudgets"] = {
        name: {"pods": _pods_of(raw, apps), "workloads": sorted(f"{kinds[app]}/{app}" for app in apps)}
        for name, apps in budgets.items()
    }
    expected["horizontalPodAutoscalers"] = {
        "web": {"pods": _pods_of(raw, {"web"}), "target": "Deployment/web"},
        "lost": {"pods": None, "target": None},
    }
    of_services = {"web": ["Deployment/web"], "db": ["StatefulSet/db"], "nothing": []}
    expected["services"] = {
        name: {"statefulSets": ["db"] if name == "db" else [], "workloads": workloads_of}
        for name, workloads_of in of_services.items()
    }
    return expected


def _of_workload(raw: Raw, one: Any, kind: str) -> dict[str, Any]:
    app = one["spec"]["template"]["metadata"]["labels"]["app"]
    scalers = [
        _name(scaler)
        for scaler in raw["horizontalpodautoscalers"]
        if (target := scaler["spec"]["scaleTargetRef"])["kind"] == kind and target["name"] == _name(one)
    ]
    return {
        "configMaps": ["settings"],
        "secrets": ["token"],
        "serviceAccount": "worker",
        "networkPolicies": ["web"] if app == "web" else [],
        "services": [app] if app in {"web", "db"} else [],
        "podDisruptionBudgets": ["every", *(["some"] if app in {"web", "db"} else [])],
        "horizontalPodAutoscalers": scalers,
        "pods": _sorted(_owned(raw, one)),
    }


def _owned(raw: Raw, owner: Any) -> list[Any]:
    return [pod for pod in raw["pods"] if _owner(pod) == owner["metadata"]["uid"]]


def _owner(one: Any) -> str | None:
    references = one["metadata"].get("ownerReferences", [])
    return next((str(reference["uid"]) for reference in references if reference.get("controller")), None)


def _pods_of(raw: Raw, apps: Iterable[str]) -> list[str]:
    return sorted(_name(pod) for pod in raw["pods"] if pod["metadata"]["labels"].get("app") in {*apps})


def _sorted(objects: Iterable[Any]) -> list[str]:
    return sorted(map(_name, objects))


def _name(one: Any) -> str:
    return str(one["metadata"]["name"])


def _described(kubectl: Path, kubeconfig: Path) -> tuple[list[str], str]:
    """Returns the old and the new replica sets that `kubectl describe` shows."""
    where = [f"--kubeconfig={kubeconfig}", "--context=living", f"--namespace={NAMESPACE}"]
    command = [str(kubectl), *where, "describe", "deployment", "web"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    old, new = (
        re.findall(r"([-a-z0-9]+) \(", found[1]) if (found := re.search(rf"^{name}:(.*)$", text, re.MULTILINE)) else []
        for name in ("OldReplicaSets", "NewReplicaSet")
    )
    [one] = new
    return old, one

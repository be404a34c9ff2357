"""Pods and all that belongs to them, and a reading of their relations from the raw objects."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tests.controlplane.json_object import JsonObject, JsonValue

HERE: Final = "podlinks"
THERE: Final = "podlinks-other"
DRIVER: Final = "podlinks.example.com"

Json = Any
"""Objects as the API server sends them."""
Lists = Mapping[str, Sequence[Json]]
"""Objects by plural."""


def objects() -> list[JsonObject]:
    """Returns the objects, those that others name first."""
    return [*_classes(), *_homes(), *_named(), *_controllers(), *_selecting(), *_pods()]


def _object(
    api_version: str, kind: str, name: str, *, namespace: str | None = HERE, labels: str = "", **parts: JsonValue
) -> JsonObject:
    metadata: JsonObject = {"name": name, **({"namespace": namespace} if namespace else {})}
    if labels:
        metadata["labels"] = _labels(labels)
    owners = parts.pop("owners", None)
    metadata |= {"ownerReferences": owners} if owners else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def _labels(text: str) -> JsonObject:
    pairs: list[list[JsonValue]] = [[*pair.split("=")] for pair in text.split(",")]
    return {str(key): value for key, value in pairs}


def _classes() -> Iterator[JsonObject]:
    yield _object("scheduling.k8s.io/v1", "PriorityClass", "podlinks-high", namespace=None, value=1000)
    yield _object("node.k8s.io/v1", "RuntimeClass", "podlinks-fast", namespace=None, handler="fast")
    yield _object(
        "storage.k8s.io/v1", "CSIDriver", DRIVER, namespace=None, spec={"volumeLifecycleModes": ["Ephemeral"]}
    )


def _homes() -> Iterator[JsonObject]:
    for name in (HERE, THERE):
        yield _object("v1", "Namespace", name, namespace=None)


def _named() -> Iterator[JsonObject]:
    for namespace in (HERE, THERE):
        for name in ("volume", "projected", "all", "one", "init", "unused"):
            yield _object("v1", "ConfigMap", name, namespace=namespace)
        for name in ("volume", "projected", "all", "one", "init", "pull", "unused"):
            yield _object("v1", "Secret", name, namespace=namespace)
        for name in ("default", "robot"):
            yield _object("v1", "ServiceAccount", name, namespace=namespace)
    storage: JsonObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    for name in ("data", "everything-scratch", "unused"):
        yield _object("v1", "PersistentVolumeClaim", name, spec=storage)
    requests: list[JsonValue] = [{"name": "gpu", "exactly": {"deviceClassName": "gpu.example.com"}}]
    for name in ("gpu", "made-for-it", "unused"):
        yield _object("resource.k8s.io/v1", "ResourceClaim", name, spec={"devices": {"requests": requests}})


def _controllers() -> Iterator[JsonObject]:
    chosen: JsonObject = {"selector": {"matchLabels": {"app": "web"}}, "template": _template()}
    yield _object("apps/v1", "Deployment", "web", spec=chosen)
    yield _object("apps/v1", "ReplicaSet", "web-1", spec=chosen, owners=[_owner("apps/v1", "Deployment", "web")])
    yield _object("apps/v1", "ReplicaSet", "alone", spec=chosen)
    yield _object("apps/v1", "StatefulSet", "db", spec={**chosen, "serviceName": "db"})
    yield _object("apps/v1", "DaemonSet", "agent", spec=chosen)
    plain: JsonObject = {"selector": {"app": "web"}, "template": _template()}
    yield _object("v1", "ReplicationController", "old", spec=plain)
    once: JsonObject = {"template": _template(restartPolicy="Never")}
    yield _object("batch/v1", "CronJob", "nightly", spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": once}})
    yield _object("batch/v1", "Job", "nightly-1", spec=once, owners=[_owner("batch/v1", "CronJob", "nightly")])
    for kind, name in (("Deployment", "web"), ("StatefulSet", "db"), ("ReplicaSet", "alone"), ("Deployment", "db")):
        target: JsonObject = {"apiVersion": "apps/v1", "kind": kind, "name": name}
        spec: JsonObject = {"scaleTargetRef": target, "maxReplicas": 3}
        yield _object("autoscaling/v2", "HorizontalPodAutoscaler", f"{kind}-{name}".lower(), spec=spec)


def _owner(api_version: str, kind: str, name: str) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "name": name, "controller": True}


def _template(**spec: JsonValue) -> JsonObject:
    containers: list[JsonValue] = [{"name": "app", "image": "example.com/app:1"}]
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers, **spec}}


def _selecting() -> Iterator[JsonObject]:
    ports: list[JsonValue] = [{"port": 80}]
    for namespace in (HERE, THERE):
        yield _object("v1", "Service", "web", namespace=namespace, spec={"selector": {"app": "web"}, "ports": ports})
    yield _object("v1", "Service", "blue", spec={"selector": {"app": "web", "color": "blue"}, "ports": ports})
    yield _object("v1", "Service", "unselecting", spec={"ports": ports})
    elsewhere: JsonObject = {"type": "ExternalName", "externalName": "example.com", "selector": {"app": "web"}}
    yield _object("v1", "Service", "elsewhere", spec=elsewhere)
    for name, selector in _SELECTORS.items():
        yield _object("networking.k8s.io/v1", "NetworkPolicy", name, spec={"podSelector": selector})
        yield _object("policy/v1", "PodDisruptionBudget", name, spec={"selector": selector, "maxUnavailable": 1})
    yield _object("policy/v1", "PodDisruptionBudget", "missing", spec={"maxUnavailable": 1})
    target: JsonObject = {"kind": "Pod", "namespace": HERE, "name": "served"}
    endpoints: list[JsonValue] = [
        {"addresses": ["10.0.0.1"], "targetRef": target},
        {"addresses": ["10.0.0.2"], "targetRef": {"kind": "Node", "name": "db-0"}},
        {"addresses": ["10.0.0.3"]},
    ]
    yield _object("discovery.k8s.io/v1", "EndpointSlice", "web-1", addressType="IPv4", endpoints=endpoints, ports=[])
    subsets: list[JsonValue] = [
        {"addresses": [{"ip": "10.0.0.1", "targetRef": target}], "notReadyAddresses": [{"ip": "10.0.0.2"}]},
        {"notReadyAddresses": [{"ip": "10.0.0.3", "targetRef": {"kind": "Node", "name": "db-0"}}]},
    ]
    yield _object("v1", "Endpoints", "web-1", subsets=subsets)


_SELECTORS: Final[Mapping[str, JsonObject]] = {
    "empty": {},
    "labels": {"matchLabels": {"app": "web", "color": "blue"}},
    "in": {"matchExpressions": [{"key": "color", "operator": "In", "values": ["blue", "green"]}]},
    "not-in": {"matchExpressions": [{"key": "color", "operator": "NotIn", "values": ["blue"]}]},
    "exists": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "color", "operator": "Exists"}]},
    "absent": {"matchExpressions": [{"key": "color", "operator": "DoesNotExist"}]},
}


def _pods() -> Iterator[JsonObject]:
    owned: Mapping[str, JsonObject] = {
        "web-1-a": _owner("apps/v1", "ReplicaSet", "web-1"),
        "alone-a": _owner("apps/v1", "ReplicaSet", "alone"),
        "db-0": _owner("apps/v1", "StatefulSet", "db"),
        "agent-a": _owner("apps/v1", "DaemonSet", "agent"),
        "old-a": _owner("v1", "ReplicationController", "old"),
        "nightly-1-a": _owner("batch/v1", "Job", "nightly-1"),
    }
    for name, owner in owned.items():
        yield _pod(name, labels="app=web,color=blue", owners=[owner])
    yield _pod("served", labels="app=web,color=green")
    yield _pod("bare", labels="color=red")
    yield _pod("unlabelled")
    yield _pod("web", namespace=THERE, labels="app=web,color=blue")
    yield {**_pod("everything", more=_everything()), "status": {"resourceClaimStatuses": [_MADE]}}


_MADE: Final[JsonObject] = {"name": "made", "resourceClaimName": "made-for-it"}


def _pod(
    name: str,
    *,
    namespace: str = HERE,
    labels: str = "",
    owners: list[JsonValue] | None = None,
    more: Mapping[str, JsonValue] = MappingProxyType({}),
) -> JsonObject:
    containers: list[JsonValue] = [{"name": "app", "image": "example.com/app:1"}]
    spec: JsonObject = {"automountServiceAccountToken": False, "containers": containers, **more}
    return _object("v1", "Pod", name, namespace=namespace, labels=labels, owners=owners, spec=spec)


def _everything() -> JsonObject:
    """Returns the spec of a pod that names objects in every way."""
    storage: JsonObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    sources: list[JsonValue] = [{"configMap": {"name": "projected"}}, {"secret": {"name": "projected"}}]
    volumes: list[JsonValue] = [
        {"name": "a", "configMap": {"name": "volume"}},
        {"name": "b", "secret": {"secretName": "volume"}},
        {"name": "c", "projected": {"sources": sources}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "e", "persistentVolumeClaim": {"claimName": "gone"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": storage}}},
        {"name": "f", "csi": {"driver": DRIVER, "nodePublishSecretRef": {"name": "volume"}}},
        {"name": "g", "configMap": {"name": "gone", "optional": True}},
    ]
    environment: list[JsonValue] = [
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "one", "key": "a"}}},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "one", "key": "a"}}},
        {"name": "C", "value": "c"},
    ]
    everywhere: list[JsonValue] = [{"configMapRef": {"name": "all"}}, {"secretRef": {"name": "all"}}]
    at_first: list[JsonValue] = [{"configMapRef": {"name": "init"}}, {"secretRef": {"name": "init"}}]
    return {
        "containers": [{"name": "app", "image": "example.com/app:1", "env": environment, "envFrom": everywhere}],
        "initContainers": [{"name": "first", "image": "example.com/app:1", "envFrom": at_first}],
        "imagePullSecrets": [{"name": "pull"}],
        "priorityClassName": "podlinks-high",
        "resourceClaims": [
            {"name": "named", "resourceClaimName": "gpu"},
            {"name": "made", "resourceClaimTemplateName": "template"},
        ],
        "runtimeClassName": "podlinks-fast",
        "serviceAccountName": "robot",
        "volumes": volumes,
    }


def expected(pod: Json, lists: Lists) -> Mapping[str, object]:
    """Returns the names of the objects to which each link of a pod leads."""
    spec, home = pod["spec"], pod["metadata"]["namespace"]

    def here(plural: str) -> list[Json]:
        return [one for one in lists[plural] if one["metadata"].get("namespace") in (None, home)]

    def existing(plural: str, names: set[str]) -> list[str]:
        return sorted(names & {one["metadata"]["name"] for one in here(plural)})

    def where(plural: str, holds: Callable[[Json], bool]) -> list[str]:
        return sorted(one["metadata"]["name"] for one in here(plural) if holds(one))

    def controlling(owned: Json | None, plural: str) -> Json | None:
        uids = [one["uid"] for one in owned["metadata"].get("ownerReferences", ())] if owned else []
        return next((one for one in lists[plural] if one["metadata"]["uid"] in uids), None)

    labels = pod["metadata"].get("labels", {})
    replicas, job = controlling(pod, "replicasets"), controlling(pod, "jobs")
    owners = [
        (plural, controlling(owned, plural))
        for owned, plural in (
            (pod, "replicasets"),
            (replicas, "deployments"),
            (pod, "statefulsets"),
            (pod, "daemonsets"),
            (pod, "jobs"),
            (job, "cronjobs"),
            (pod, "replicationcontrollers"),
        )
    ]
    chain = {(_KINDS[plural], owner["metadata"]["name"]) for plural, owner in owners if owner}
    made = {f"{pod['metadata']['name']}-{one['name']}" for one in spec.get("volumes", ()) if "ephemeral" in one}
    claims = {one["name"]: one.get("resourceClaimName") for one in spec.get("resourceClaims", ())}
    claims |= {one["name"]: one["resourceClaimName"] for one in pod["status"].get("resourceClaimStatuses", ())}
    return {
        **{_FIELDS[plural]: owner["metadata"]["name"] if owner else None for plural, owner in owners},
        "services": where(
            "services",
            lambda one: (
                one["spec"]["type"] != "ExternalName"
                and bool(wanted := one["spec"].get("selector"))
                and wanted.items() <= labels.items()
            ),
        ),
        "endpointSlices": where(
            "endpointslices",
            lambda one: (
                ("Pod", pod["metadata"]["name"])
                in [
                    (at.get("targetRef", {}).get("kind"), at.get("targetRef", {}).get("name"))
                    for at in one["endpoints"]
                ]
            ),
        ),
        "endpoints": where("endpoints", lambda one: ("Pod", pod["metadata"]["name"]) in _targets(one)),
        "networkPolicies": where("networkpolicies", lambda one: _selects(one["spec"].get("podSelector", {}), labels)),
        "podDisruptionBudgets": where(
            "poddisruptionbudgets",
            lambda one: "selector" in one["spec"] and _selects(one["spec"]["selector"], labels),
        ),
        "horizontalPodAutoscalers": where(
            "horizontalpodautoscalers",
            lambda one: (one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"]) in chain,
        ),
        "persistentVolumeClaims": existing("persistentvolumeclaims", {*_texts(spec, "claimName"), *made}),
        "configMaps": existing("configmaps", {*_names(spec, "configMap", "configMapRef", "configMapKeyRef")}),
        "secrets": existing(
            "secrets",
            {
                *_texts(spec, "secretName"),
                *_names(spec, "secret", "secretRef", "secretKeyRef", "nodePublishSecretRef", "imagePullSecrets"),
            },
        ),
        "resourceClaims": existing("resourceclaims", {*claims.values()}),
        "csiDrivers": existing("csidrivers", {*_texts(spec, "driver")}),
        "serviceAccount": spec.get("serviceAccountName"),
        "priorityClass": spec.get("priorityClassName"),
        "runtimeClass": spec.get("runtimeClassName"),
    }


_KINDS: Final = {
    "replicasets": "ReplicaSet",
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "jobs": "Job",
    "cronjobs": "CronJob",
    "replicationcontrollers": "ReplicationController",
}
_FIELDS: Final = {plural: kind[0].lower() + kind[1:] for plural, kind in _KINDS.items()}


def _selects(selector: Json, labels: Mapping[str, str]) -> bool:
    """Returns whether a selector matches labels, by the words of the API reference."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions", ()):
        has, value = one["key"] in labels, labels.get(one["key"])
        holds = {
            "In": value in one.get("values", ()),
            "NotIn": value not in one.get("values", ()),
            "Exists": has,
            "DoesNotExist": not has,
        }
        if not holds[one["operator"]]:
            return False
    return True


def _values(value: Json, *keys: str) -> Iterator[Json]:
    """Yields the values of keys anywhere in an object."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in keys:
                yield below
            yield from _values(below, *keys)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, *keys)


def _texts(value: Json, key: str) -> Iterator[str]:
    return (text for text in _values(value, key) if isinstance(text, str))


def _names(value: Json, *keys: str) -> Iterator[str]:
    for found in _values(value, *keys):
        for one in found if isinstance(found, list) else [found]:
            if "name" in one:
                yield one["name"]


def _targets(endpoints: Json) -> list[tuple[str, str]]:
    """Returns the kinds and names of the targets of all addresses of Endpoints."""
    lists = [one.get(key, ()) for one in endpoints.get("subsets", ()) for key in ("addresses", "notReadyAddresses")]
    return [(at["targetRef"]["kind"], at["targetRef"]["name"]) for own in lists for at in own if "targetRef" in at]

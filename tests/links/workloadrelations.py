"""The links between workloads, their pods and what templates name."""

from collections.abc import Iterator
from typing import Final

from tests.links.relation import (
    EVERY_KIND,
    Json,
    LeadsTo,
    Relation,
    World,
    at,
    backward,
    by_kind,
    by_name,
    by_place,
    chosen,
    controlled,
    labels,
    name,
    on_node,
    space,
    through,
)

_TEMPLATES: Final = {
    "CronJob": "spec.jobTemplate.spec.template",
    "PodTemplate": "template",
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"), "spec.template"
    ),
}
_SPECS: Final = {"Pod": "spec", **{kind: f"{path}.spec" for kind, path in _TEMPLATES.items()}}
_CONTROLLERS: Final = {
    "DaemonSet": "daemonSet",
    "Job": "job",
    "ReplicaSet": "replicaSet",
    "ReplicationController": "replicationController",
    "StatefulSet": "statefulSet",
}
"""The kinds that control pods, with the links of pods to them."""
_SELECTED: Final = (*_CONTROLLERS, "Deployment")
_SCALED: Final = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")


def _named_in(*paths: str) -> LeadsTo:
    """Relates objects with pods' specs to what these name."""

    def leads(one: Json, other: Json, _world: World) -> bool:
        specs = at(one, _SPECS[one["kind"]])
        return space(one) == space(other) and any(name(other) in at(spec, path) for spec in specs for path in paths)

    return leads


_config_maps: Final = _named_in(
    "volumes.configMap.name",
    "volumes.projected.sources.configMap.name",
    *(
        f"{role}.{path}.name"
        for role in _CONTAINERS
        for path in ("env.valueFrom.configMapKeyRef", "envFrom.configMapRef")
    ),
)
_secrets: Final = _named_in(
    "volumes.secret.secretName",
    "volumes.projected.sources.secret.name",
    "volumes.csi.nodePublishSecretRef.name",
    "imagePullSecrets.name",
    *(f"{role}.{path}.name" for role in _CONTAINERS for path in ("env.valueFrom.secretKeyRef", "envFrom.secretRef")),
)
_claims_by_name: Final = _named_in("volumes.persistentVolumeClaim.claimName")


def _claims(one: Json, other: Json, world: World) -> bool:
    own = [f"{name(one)}-{volume['name']}" for volume in at(one, "spec.volumes") if "ephemeral" in volume]
    is_own = one["kind"] == "Pod" and name(other) in own and controlled(other, one, world)
    return _claims_by_name(one, other, world) or is_own


def _account(one: Json, other: Json, _world: World) -> bool:
    names = [spec.get("serviceAccountName", _default(one)) for spec in at(one, _SPECS[one["kind"]])]
    return space(one) == space(other) and name(other) in names


def _default(one: Json) -> str | None:
    return None if one["kind"] == "Pod" else "default"


def _uses(one: Json, other: Json, world: World) -> bool:
    """Returns whether the second object uses the first one."""
    kind, user = one["kind"], other["kind"]
    if kind == "Secret" and user == "Ingress":
        return by_name("spec.tls.secretName")(other, one, world)
    if kind == "Secret" and user == "ServiceAccount":
        return by_name("secrets.name", "imagePullSecrets.name")(other, one, world)
    if kind == "Secret" and user == "PersistentVolume":
        return by_place("spec.csi.nodePublishSecretRef")(other, one, world)
    if kind == "Secret" and user == "StorageClass":
        parameters, key = other.get("parameters", {}), "csi.storage.k8s.io/provisioner-secret-"
        return bool((parameters.get(f"{key}namespace"), parameters.get(f"{key}name")) == (space(one), name(one)))
    if kind == "PersistentVolumeClaim" and user == "StatefulSet" and _is_claim_of(one, other, world):
        return True
    leads = {
        "ConfigMap": _config_maps,
        "Secret": _secrets,
        "PersistentVolumeClaim": _claims,
        "ServiceAccount": _account,
    }
    return user in _SPECS and user != "PodTemplate" and leads[kind](other, one, world)


def _used_by_workloads(one: Json, other: Json, world: World) -> bool:
    return other["kind"] not in {"Pod", "PodTemplate"} and _is_free(other, _SPECS) and _uses(one, other, world)


def _is_free(one: Json, controllers: object) -> bool:
    """Returns whether a workload is controlled by no other one."""
    assert isinstance(controllers, dict | tuple)
    owners = one["metadata"].get("ownerReferences", ())
    return one["kind"] in _SPECS and not any(owner["kind"] in controllers for owner in owners)


def _selects(one: Json, other: Json, path: str = "spec.selector") -> bool:
    """Returns whether the selector of the first object matches the labels of the second one's pods."""
    selectors = at(one, path)
    if not selectors or space(one) != space(other):
        return False
    if one["kind"] in {"ReplicationController", "Service"}:
        selectors = [{"matchLabels": selectors[0]}]
    targets = [other] if other["kind"] == "Pod" else at(other, _TEMPLATES[other["kind"]])
    return any(chosen(selectors[0], labels(target)) for target in targets)


def _selecting(path: str = "spec.selector") -> LeadsTo:
    return lambda one, other, _world: _selects(other, one, path)


def _selected_workloads(path: str = "spec.selector") -> LeadsTo:
    return lambda one, other, _world: (
        other["kind"] in _SELECTED and _is_free(other, _SELECTED) and _selects(one, other, path)
    )


def _shop() -> Iterator[Relation]:
    """Yields the links of pods and workloads to what they name, and of what selects them."""
    for kind in _SPECS:
        yield Relation(f"{kind}.configMaps", "ConfigMap", "", _config_maps)
        yield Relation(f"{kind}.secrets", "Secret", "", _secrets)
        if kind != "StatefulSet":
            back = "pods" if kind == "Pod" else ""
            yield Relation(f"{kind}.persistentVolumeClaims", "PersistentVolumeClaim", back, _claims)
        yield Relation(f"{kind}.serviceAccount", "ServiceAccount", "pods" if kind == "Pod" else "", _account)
    for kind in ("ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount"):
        yield Relation(f"{kind}.usedBy", EVERY_KIND, "", _uses)
        yield Relation(f"{kind}.workloads", EVERY_KIND, "", _used_by_workloads)
    for kind, link in _CONTROLLERS.items():
        yield Relation(f"Pod.{link}", kind, "pods", controlled)
    for kind in (*_SELECTED, "Pod"):
        back = "pods" if kind == "Pod" else ""
        yield Relation(f"{kind}.services", "Service", back, _selecting())
        yield Relation(f"{kind}.podDisruptionBudgets", "PodDisruptionBudget", back, _selecting())
        yield Relation(f"{kind}.networkPolicies", "NetworkPolicy", back, _selecting("spec.podSelector"))
    for kind, path in (("Service", ""), ("PodDisruptionBudget", ""), ("NetworkPolicy", "spec.podSelector")):
        yield Relation(f"{kind}.workloads", EVERY_KIND, "", _selected_workloads(path or "spec.selector"))
    for kind in _SCALED:
        yield Relation(f"{kind}.horizontalPodAutoscalers", "HorizontalPodAutoscaler", "", backward(_scales))


_scales: Final = by_kind("spec.scaleTargetRef")


def _scales_pod(one: Json, other: Json, world: World) -> bool:
    """Returns whether an autoscaler is that of an object above the pod."""
    return any(_scales(one, target, world) for target in world.above(other))


def _counted(one: Json, other: Json, world: World) -> bool:
    """Returns whether the pod is selected by what is scaled, or is below it if it is of a custom kind."""
    targets = [target for kind in _SCALED for target in world.of(kind) if _scales(one, target, world)]
    is_custom = "." in one["spec"]["scaleTargetRef"]["apiVersion"]
    return _scales_pod(one, other, world) if is_custom else any(_selects(target, other) for target in targets)


def _image(template: Json) -> Json:
    return {**template, "metadata": {"labels": labels(template)}}


def _is_current(one: Json, other: Json, world: World) -> bool:
    return controlled(other, one, world) and _image(one["spec"]["template"]) == _image(other["spec"]["template"])


def _is_earlier(one: Json, other: Json, world: World) -> bool:
    return controlled(other, one, world) and not _is_current(one, other, world)


def _is_last(one: Json, other: Json, world: World) -> bool:
    jobs = [job for job in world.of("Job") if controlled(job, one, world)]
    return bool(jobs) and other is max(jobs, key=lambda job: str(job["metadata"]["creationTimestamp"]))


def _apps() -> Iterator[Relation]:
    """Yields the links between workloads, their parts and their pods."""
    yield Relation("ReplicaSet.deployment", "Deployment", "replicaSets", controlled)
    yield Relation("Pod.deployment", "Deployment", "pods", through("ReplicaSet", controlled, controlled))
    yield Relation("Job.cronJob", "CronJob", "jobs", controlled)
    yield Relation("Pod.cronJob", "CronJob", "pods", through("Job", controlled, controlled))
    yield Relation("CronJob.activeJobs", "Job", "", by_name("status.active.name"))
    yield Relation("CronJob.lastJob", "Job", "", _is_last)
    yield Relation("Deployment.newReplicaSet", "ReplicaSet", "", _is_current)
    yield Relation("Deployment.oldReplicaSets", "ReplicaSet", "", _is_earlier)
    yield Relation("ControllerRevision.daemonSet", "DaemonSet", "controllerRevisions", controlled)
    yield Relation("ControllerRevision.statefulSet", "StatefulSet", "controllerRevisions", controlled)
    yield Relation("StatefulSet.service", "Service", "statefulSets", by_name("spec.serviceName"))
    yield Relation("PersistentVolumeClaim.statefulSet", "StatefulSet", "persistentVolumeClaims", _is_claim_of)
    yield Relation("DaemonSet.nodes", "Node", "daemonSets", through("Pod", backward(controlled), on_node))
    yield Relation("HorizontalPodAutoscaler.target", EVERY_KIND, "", _scales)
    yield Relation("HorizontalPodAutoscaler.pods", "Pod", "", _counted)
    yield Relation("Pod.horizontalPodAutoscalers", "HorizontalPodAutoscaler", "", backward(_scales_pod))


def _is_claim_of(claim: Json, one: Json, _world: World) -> bool:
    starts = [f"{template}-{name(one)}-" for template in at(one, "spec.volumeClaimTemplates.metadata.name")]
    return space(claim) == space(one) and any(
        name(claim).startswith(start) and name(claim).removeprefix(start).isdigit() for start in starts
    )


WORKLOADS: Final = (*_shop(), *_apps())

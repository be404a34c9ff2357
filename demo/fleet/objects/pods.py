"""Pods as objects: their template, the additions of admission, and the status of the kubelet."""

from collections.abc import Iterator

from demo.fleet.chance import hexadecimal, suffix
from demo.fleet.company.application import Controller
from demo.fleet.machines.workload import PlannedPod, Revision, State, Workload
from demo.fleet.manifest import Manifest, manifest, owner_reference
from demo.fleet.moment import stamp
from demo.fleet.objects.containers import template_spec
from demo.fleet.objects.podstatus import pod_status

_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_PLATFORM_PRIORITY = 1_000_000
_GRACE_S = 30
_LOST_AFTER_S = 300


def pods(workload: Workload) -> Iterator[Manifest]:
    """Yields all pods of a workload; the shared spec of a revision is built once."""
    specs = {revision: _spec(workload, revision) for revision in {pod.revision for pod in workload.pods}}
    for pod in workload.pods:
        yield manifest(
            "v1",
            "Pod",
            metadata=_metadata(workload, pod),
            spec=_own_spec(workload, pod, specs[pod.revision]),
            status=pod_status(workload, pod),
        )


def _spec(workload: Workload, revision: Revision) -> Manifest:
    """Returns the template's spec with the token volume, tolerations and priority that admission adds."""
    application = workload.application
    spec = template_spec(workload.site, application, revision.tag)
    token = f"kube-api-access-{suffix(5, workload.uid, revision.hash)}"
    mount: Manifest = {
        "name": token,
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        "readOnly": True,
    }
    for key in ("containers", "initContainers"):
        containers = spec.get(key)
        if isinstance(containers, list):
            spec[key] = [
                {**container, "volumeMounts": [*container.get("volumeMounts", ()), mount]} for container in containers
            ]
    volumes, tolerations = spec["volumes"], spec.get("tolerations", [])
    assert isinstance(volumes, list)  # noqa: S101  for the type checker: the template has volumes
    assert isinstance(tolerations, list)  # noqa: S101  for the type checker
    spec["volumes"] = [*volumes, token_volume(token)]
    spec["tolerations"] = [*tolerations, *_evictions(workload)]
    spec["enableServiceLinks"] = True
    spec["preemptionPolicy"] = "PreemptLowerPriority"
    spec["priority"] = _priority(application.priority_class)
    return spec


def token_volume(name: str) -> Manifest:
    """Returns the volume with a service account's token that admission adds."""
    sources: list[Manifest] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    return {"name": name, "projected": {"defaultMode": 420, "sources": sources}}


def _own_spec(workload: Workload, pod: PlannedPod, shared: Manifest) -> Manifest:
    spec = {**shared, "nodeName": pod.machine.name} if pod.machine else dict(shared)
    if workload.kind is Controller.STATEFUL_SET:
        spec |= {"hostname": pod.name, "subdomain": f"{workload.name}-headless"}
        if workload.application.storage_gib:
            claim: Manifest = {"name": "data", "persistentVolumeClaim": {"claimName": f"data-{pod.name}"}}
            volumes = shared["volumes"]
            assert isinstance(volumes, list)  # noqa: S101  for the type checker: see `_spec`
            spec["volumes"] = [claim, *volumes]
    return spec


def _metadata(workload: Workload, pod: PlannedPod) -> Manifest:
    metadata: Manifest = {
        "name": pod.name,
        "generateName": f"{_owner_name(workload, pod)}-",
        "namespace": workload.namespace,
        "uid": workload.site.uid("Pod", workload.namespace, pod.name),
        "creationTimestamp": stamp(pod.created_s),
        "labels": {**pod_labels(workload, pod.revision), **_own_labels(workload, pod)},
        "annotations": _annotations(workload, pod),
        "ownerReferences": [_owner(workload, pod)],
    }
    if not pod.is_active:
        grace_s = _LOST_AFTER_S + _GRACE_S if pod.state is State.LOST else _GRACE_S
        metadata["deletionTimestamp"] = stamp(pod.condition.at_s + grace_s)
        metadata["deletionGracePeriodSeconds"] = _GRACE_S
    return metadata


def pod_labels(workload: Workload, revision: Revision) -> dict[str, str]:
    """Returns the labels of a revision's pods, as in its replica set's template."""
    labels = {**workload.labels(), "app.kubernetes.io/version": revision.tag}
    is_deployment = workload.kind is Controller.DEPLOYMENT
    return labels | {"pod-template-hash" if is_deployment else "controller-revision-hash": revision.hash}


def _own_labels(workload: Workload, pod: PlannedPod) -> dict[str, str]:
    if workload.kind is not Controller.STATEFUL_SET:
        return {}
    return {"statefulset.kubernetes.io/pod-name": pod.name, "apps.kubernetes.io/pod-index": str(pod.ordinal)}


def _annotations(workload: Workload, pod: PlannedPod) -> dict[str, str]:
    annotations = {"checksum/config": hexadecimal(64, workload.uid, pod.revision.tag)}
    if workload.application.port_name == "http":
        annotations |= {"prometheus.io/scrape": "true", "prometheus.io/port": str(workload.application.port)}
    return annotations


def _owner_name(workload: Workload, pod: PlannedPod) -> str:
    return f"{workload.name}-{pod.revision.hash}" if workload.kind is Controller.DEPLOYMENT else workload.name


def _owner(workload: Workload, pod: PlannedPod) -> Manifest:
    if workload.kind is Controller.DEPLOYMENT:
        name = _owner_name(workload, pod)
        uid = workload.site.uid("ReplicaSet", workload.namespace, name)
        return owner_reference("apps/v1", "ReplicaSet", name, uid=uid)
    return owner_reference("apps/v1", workload.kind, workload.name, uid=workload.uid)


def _priority(priority_class: str) -> int:
    return _PRIORITIES.get(priority_class, _PLATFORM_PRIORITY if priority_class else 0)


def _evictions(workload: Workload) -> list[Manifest]:
    is_daemon = workload.kind is Controller.DAEMON_SET
    patience: Manifest = {} if is_daemon else {"tolerationSeconds": _LOST_AFTER_S}
    return [
        {"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": "NoExecute", **patience}
        for taint in ("not-ready", "unreachable")
    ]

"""Deployments with their replica sets, stateful sets and daemon sets, with a status computed from their pods."""

from collections.abc import Iterator

from demo.fleet.company.application import Controller
from demo.fleet.machines.workload import Revision, Workload
from demo.fleet.manifest import Manifest, condition, manifest, owner_reference
from demo.fleet.moment import HOUR_S, stamp
from demo.fleet.objects.containers import template_spec
from demo.fleet.objects.pods import pod_labels

_HISTORY = 3
_DEADLINE_S = 600


def controllers(workload: Workload) -> Iterator[Manifest]:
    """Yields the controller of a workload, with its replica sets or revisions."""
    if workload.kind is Controller.DEPLOYMENT:
        yield _deployment(workload)
        for revision in workload.revisions:
            yield _replica_set(workload, revision)
    else:
        yield _stateful_set(workload) if workload.kind is Controller.STATEFUL_SET else _daemon_set(workload)
        for revision in workload.revisions[:2]:
            yield _controller_revision(workload, revision)


def _metadata(workload: Workload, annotations: dict[str, str] | None = None) -> Manifest:
    return {
        "name": workload.name,
        "namespace": workload.namespace,
        "uid": workload.uid,
        "generation": workload.revisions[0].number,
        "creationTimestamp": stamp(workload.created_s),
        "labels": workload.labels(),
        "annotations": {
            **workload.tracked(f"apps/{workload.kind}", workload.name),
            **(annotations or {}),
        },
    }


def _template(workload: Workload, revision: Revision, labels: dict[str, str]) -> Manifest:
    return {
        "metadata": {"labels": labels},
        "spec": template_spec(workload.site, workload.application, revision.tag),
    }


def _deployment(workload: Workload) -> Manifest:
    newest = workload.revisions[0]
    spec: Manifest = {
        "replicas": workload.desired,
        "selector": {"matchLabels": workload.selector()},
        "template": _template(workload, newest, workload.labels()),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "revisionHistoryLimit": _HISTORY,
        "progressDeadlineSeconds": _DEADLINE_S,
    }
    metadata = _metadata(workload, {"deployment.kubernetes.io/revision": str(newest.number)})
    return manifest("apps/v1", "Deployment", metadata=metadata, spec=spec, status=_deployment_status(workload))


def _deployment_status(workload: Workload) -> Manifest:
    existing, ready = len(workload.active), workload.ready
    counts = {
        "replicas": existing,
        "updatedReplicas": workload.updated,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(0, max(existing, workload.desired) - ready),
    }
    return {
        "observedGeneration": workload.revisions[0].number,
        **_present(counts),
        "conditions": [_available(workload), _progressing(workload)],
    }


def _available(workload: Workload) -> Manifest:
    """Returns the condition `Available`: at least three quarters of the replicas, as in `maxUnavailable`."""
    holds = workload.ready >= workload.desired - workload.desired // 4
    reason = "MinimumReplicasAvailable" if holds else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if holds else 'does not have'} minimum availability."
    since_s = workload.created_s + 40 if holds else workload.site.start_s - HOUR_S
    return _updated(condition("Available", holds, stamp(since_s), reason=reason, message=message), since_s)


def _progressing(workload: Workload) -> Manifest:
    newest = workload.revisions[0]
    name = f'ReplicaSet "{workload.name}-{newest.hash}"'
    if workload.is_stalled:
        reason, message = "ProgressDeadlineExceeded", f"{name} has timed out progressing."
        since_s = newest.created_s + _DEADLINE_S
    elif workload.updated < workload.desired or len(workload.active) > workload.updated:
        reason, message, since_s = "ReplicaSetUpdated", f"{name} is progressing.", newest.created_s
    else:
        reason, message = "NewReplicaSetAvailable", f"{name} has successfully progressed."
        since_s = newest.created_s + 45
    progressing = condition("Progressing", not workload.is_stalled, stamp(since_s), reason=reason, message=message)
    return _updated(progressing, since_s)


def _updated(state: Manifest, since_s: float) -> Manifest:
    return {**state, "lastUpdateTime": stamp(since_s)}


def _replica_set(workload: Workload, revision: Revision) -> Manifest:
    name = f"{workload.name}-{revision.hash}"
    labels = pod_labels(workload, revision)
    own = [pod for pod in workload.active if pod.revision == revision]
    ready = sum(pod.is_ready for pod in own)
    metadata: Manifest = {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid("ReplicaSet", workload.namespace, name),
        "generation": 2,
        "creationTimestamp": stamp(revision.created_s),
        "labels": labels,
        "annotations": {
            "deployment.kubernetes.io/desired-replicas": str(workload.desired),
            "deployment.kubernetes.io/max-replicas": str(workload.desired + -(-workload.desired // 4)),
            "deployment.kubernetes.io/revision": str(revision.number),
        },
        "ownerReferences": [owner_reference("apps/v1", "Deployment", workload.name, uid=workload.uid)],
    }
    spec: Manifest = {
        "replicas": len(own),
        "selector": {"matchLabels": {**workload.selector(), "pod-template-hash": revision.hash}},
        "template": _template(workload, revision, labels),
    }
    counts = {"fullyLabeledReplicas": len(own), "readyReplicas": ready, "availableReplicas": ready}
    status: Manifest = {"replicas": len(own), **_present(counts), "observedGeneration": 2}
    return manifest("apps/v1", "ReplicaSet", metadata=metadata, spec=spec, status=status)


def _stateful_set(workload: Workload) -> Manifest:
    newest = workload.revisions[0]
    revision = f"{workload.name}-{newest.hash}"
    spec: Manifest = {
        "replicas": workload.desired,
        "selector": {"matchLabels": workload.selector()},
        "serviceName": f"{workload.name}-headless",
        "podManagementPolicy": "Parallel",
        "template": _template(workload, newest, workload.labels()),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        **_claims(workload),
    }
    status: Manifest = {
        "observedGeneration": newest.number,
        "replicas": len(workload.pods),
        "readyReplicas": workload.ready,
        "availableReplicas": workload.ready,
        "currentReplicas": len(workload.active),
        "updatedReplicas": len(workload.active),
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
    }
    return manifest("apps/v1", "StatefulSet", metadata=_metadata(workload), spec=spec, status=status)


def _claims(workload: Workload) -> Manifest:
    if not workload.application.storage_gib:
        return {}
    claim: Manifest = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{workload.application.storage_gib}Gi"}},
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    }
    return {"volumeClaimTemplates": [claim]}


def _daemon_set(workload: Workload) -> Manifest:
    newest = workload.revisions[0]
    spec: Manifest = {
        "selector": {"matchLabels": workload.selector()},
        "template": _template(workload, newest, workload.labels()),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "10%"}},
        "revisionHistoryLimit": 10,
    }
    status: Manifest = {
        "currentNumberScheduled": len(workload.active),
        "desiredNumberScheduled": workload.desired,
        "numberMisscheduled": 0,
        "numberReady": workload.ready,
        "updatedNumberScheduled": workload.updated,
        "observedGeneration": newest.number,
        **_present({"numberAvailable": workload.ready, "numberUnavailable": workload.desired - workload.ready}),
    }
    return manifest("apps/v1", "DaemonSet", metadata=_metadata(workload), spec=spec, status=status)


def _controller_revision(workload: Workload, revision: Revision) -> Manifest:
    name = f"{workload.name}-{revision.hash}"
    labels = {**workload.selector(), "controller-revision-hash": revision.hash}
    metadata: Manifest = {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid("ControllerRevision", workload.namespace, name),
        "creationTimestamp": stamp(revision.created_s),
        "labels": labels,
        "ownerReferences": [owner_reference("apps/v1", workload.kind, workload.name, uid=workload.uid)],
    }
    template = {"$patch": "replace", **_template(workload, revision, pod_labels(workload, revision))}
    data: Manifest = {"spec": {"template": template}}
    return manifest(
        "apps/v1", "ControllerRevision", metadata=metadata, data=data, revision=revision.number
    )  # fmt: skip


def _present(counts: dict[str, int]) -> Manifest:
    """Returns counts as in the API, without zeros."""
    return {name: count for name, count in counts.items() if count}

"""Disks: storage classes, claims of stateful sets, their volumes, and the attachments of these."""

from collections.abc import Iterator

from demo.fleet.chance import hexadecimal
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import PlannedPod, State, Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import MINUTE_S, stamp

_PROVISIONERS = {True: ("gp3", "ebs.csi.aws.com"), False: ("local-path", "rancher.io/local-path")}
PENDING_FOR_S = 38 * MINUTE_S


def storage_classes(site: Site) -> Iterator[Manifest]:
    """Yields the default class, and its driver."""
    name, provisioner = _PROVISIONERS[site.is_cloud]
    metadata = {
        **_metadata(site, "StorageClass", name),
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    }
    yield manifest(
        "storage.k8s.io/v1",
        "StorageClass",
        metadata=metadata,
        provisioner=provisioner,
        parameters={"type": "gp3", "encrypted": "true"} if site.is_cloud else None,
        reclaimPolicy="Delete",
        volumeBindingMode="WaitForFirstConsumer" if site.is_cloud else "Immediate",
        allowVolumeExpansion=site.is_cloud,
    )
    if site.is_cloud:
        spec: Manifest = {
            "attachRequired": True,
            "podInfoOnMount": False,
            "volumeLifecycleModes": ["Persistent"],
            "fsGroupPolicy": "ReadWriteOnceWithFSType",
        }
        yield manifest("storage.k8s.io/v1", "CSIDriver", metadata=_metadata(site, "CSIDriver", provisioner), spec=spec)


def volumes(workload: Workload) -> Iterator[Manifest]:
    """Yields a claim for each pod, and the volume and attachment of bound ones."""
    if not workload.application.storage_gib:
        return
    for pod in workload.pods:
        yield _claim(workload, pod)
        if is_bound(pod):
            yield _volume(workload, pod)
            if workload.site.is_cloud and pod.machine:
                yield _attachment(workload, pod)


def is_bound(pod: PlannedPod) -> bool:
    """Returns whether a pod's claim is bound to a volume."""
    return pod.state is not State.UNSCHEDULABLE


def _metadata(site: Site, kind: str, name: str) -> Manifest:
    return {"name": name, "uid": site.uid(kind, "", name), "creationTimestamp": stamp(site.created_s)}


def _claim_name(pod: PlannedPod) -> str:
    return f"data-{pod.name}"


def _volume_name(workload: Workload, pod: PlannedPod) -> str:
    uid = workload.site.uid("PersistentVolumeClaim", workload.namespace, _claim_name(pod))
    return f"pvc-{uid}"


def _size(workload: Workload) -> dict[str, str]:
    return {"storage": f"{workload.application.storage_gib}Gi"}


def _claim(workload: Workload, pod: PlannedPod) -> Manifest:
    name, is_claimed = _claim_name(pod), is_bound(pod)
    storage_class, provisioner = _PROVISIONERS[workload.site.is_cloud]
    created_s = workload.created_s if is_claimed else workload.site.start_s - PENDING_FOR_S
    bound = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
    annotations = {"volume.kubernetes.io/storage-provisioner": provisioner, **(bound if is_claimed else {})}
    metadata: Manifest = {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid("PersistentVolumeClaim", workload.namespace, name),
        "creationTimestamp": stamp(created_s),
        "labels": workload.selector(),
        "annotations": annotations,
        "finalizers": ["kubernetes.io/pvc-protection"],
    }
    spec: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": _size(workload)},
        "storageClassName": storage_class,
        "volumeMode": "Filesystem",
        **({"volumeName": _volume_name(workload, pod)} if is_claimed else {}),
    }
    bound_status: Manifest = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": _size(workload)}
    return manifest(
        "v1",
        "PersistentVolumeClaim",
        metadata=metadata,
        spec=spec,
        status=bound_status if is_claimed else {"phase": "Pending"},
    )


def _volume(workload: Workload, pod: PlannedPod) -> Manifest:
    site, name = workload.site, _volume_name(workload, pod)
    storage_class, provisioner = _PROVISIONERS[site.is_cloud]
    claim: Manifest = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": workload.namespace,
        "name": _claim_name(pod),
        "uid": name.removeprefix("pvc-"),
    }
    handle = f"vol-0{hexadecimal(16, site.profile.name, name)}"
    source: Manifest = {"csi": {"driver": provisioner, "volumeHandle": handle, "fsType": "ext4"}}
    if not site.is_cloud:
        source = {"hostPath": {"path": f"/var/lib/rancher/k3s/storage/{name}", "type": "DirectoryOrCreate"}}
    spec: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": _size(workload),
        "claimRef": claim,
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": storage_class,
        "volumeMode": "Filesystem",
        **source,
        **_affinity(pod),
    }
    metadata: Manifest = {
        "name": name,
        "uid": site.uid("PersistentVolume", "", name),
        "creationTimestamp": stamp(workload.created_s + 8),
        "annotations": {"pv.kubernetes.io/provisioned-by": provisioner},
        "finalizers": ["kubernetes.io/pv-protection"],
    }
    status: Manifest = {"phase": "Bound", "lastPhaseTransitionTime": stamp(workload.created_s + 8)}
    return manifest("v1", "PersistentVolume", metadata=metadata, spec=spec, status=status)


def _affinity(pod: PlannedPod) -> Manifest:
    if pod.machine is None:
        return {}
    zone: Manifest = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [pod.machine.zone]}
    return {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}}}


def _attachment(workload: Workload, pod: PlannedPod) -> Manifest:
    site, volume = workload.site, _volume_name(workload, pod)
    name = f"csi-{hexadecimal(64, site.profile.name, volume, pod.machine)}"
    spec: Manifest = {
        "attacher": "ebs.csi.aws.com",
        "nodeName": pod.machine.name if pod.machine else "",
        "source": {"persistentVolumeName": volume},
    }
    metadata: Manifest = {
        "name": name,
        "uid": site.uid("VolumeAttachment", "", name),
        "creationTimestamp": stamp(pod.created_s + 1),
    }
    return manifest(
        "storage.k8s.io/v1", "VolumeAttachment", metadata=metadata, spec=spec, status={"attached": True}
    )  # fmt: skip

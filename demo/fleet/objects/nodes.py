"""Nodes with the reports of their kubelets and their storage drivers; the leases of nodes and of leaders."""

from collections.abc import Iterable, Iterator

from demo.fleet.chance import hexadecimal, uid
from demo.fleet.machines.site import Machine, Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import LOST_FOR_S, MINUTE_S, floored, micro_stamp, stamp

_HEARTBEAT_S = 5 * MINUTE_S
_LEASE_PERIOD_S = 10
_ELECTION_PERIOD_S = 2
_UNREACHABLE = "node.kubernetes.io/unreachable"
LEADER_LEASES = {
    "cert-manager": "cert-manager-controller",
    "cluster-autoscaler": "cluster-autoscaler",
    "ebs-csi-controller": "ebs-csi-aws-com",
    "ingress-nginx-controller": "ingress-nginx-leader",
}
"""Controllers that elect a leader, and their leases."""

_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def nodes(site: Site, now_s: float) -> Iterator[Manifest]:
    """Yields all nodes at a time."""
    for machine in site.machines:
        yield manifest(
            "v1", "Node", metadata=_metadata(site, machine), spec=_spec(site, machine),
            status=_status(site, machine, now_s),
        )  # fmt: skip


def leases(site: Site, now_s: float) -> Iterator[Manifest]:
    """Yields the lease of each node, which its kubelet renews every ten seconds."""
    for machine in site.machines:
        beat_s = floored(now_s - machine.index * 0.37, _LEASE_PERIOD_S) + machine.index * 0.37
        renewed_s = site.start_s - LOST_FOR_S if machine.is_lost else beat_s
        name, namespace = machine.name, "kube-node-lease"
        yield manifest(
            "coordination.k8s.io/v1",
            "Lease",
            metadata={
                "name": name,
                "namespace": namespace,
                "uid": site.uid("Lease", namespace, name),
                "creationTimestamp": stamp(machine.created_s),
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Node", "name": name, "uid": site.uid("Node", "", name)}
                ],
            },
            spec={"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": micro_stamp(renewed_s)},
        )


def leader_leases(workloads: Iterable[Workload], now_s: float) -> Iterator[Manifest]:
    """Yields the lease of each controller that elects one of its pods as the leader."""
    for workload in workloads:
        name = LEADER_LEASES.get(workload.name)
        if name is None:
            continue
        leader = min(workload.active, key=lambda pod: pod.created_s)
        acquired_s = leader.created_s + 15
        yield manifest(
            "coordination.k8s.io/v1",
            "Lease",
            metadata={
                "name": name,
                "namespace": workload.namespace,
                "uid": workload.site.uid("Lease", workload.namespace, name),
                "creationTimestamp": stamp(workload.created_s),
            },
            spec={
                "holderIdentity": f"{leader.name}_{uid(workload.uid, 'leader')}",
                "leaseDurationSeconds": 15,
                "acquireTime": micro_stamp(acquired_s),
                "renewTime": micro_stamp(floored(now_s - acquired_s, _ELECTION_PERIOD_S) + acquired_s),
                "leaseTransitions": workload.revisions[0].number,
            },
        )


def storage_drivers(site: Site) -> Iterator[Manifest]:
    """Yields a CSINode for each node of a cloud."""
    for machine in site.machines if site.is_cloud else ():
        driver: Manifest = {
            "name": "ebs.csi.aws.com",
            "nodeID": f"i-0{hexadecimal(16, site.profile.name, machine.name)}",
            "topologyKeys": ["kubernetes.io/os", "topology.ebs.csi.aws.com/zone", "topology.kubernetes.io/zone"],
            "allocatable": {"count": 25},
        }
        metadata: Manifest = {
            "name": machine.name,
            "uid": site.uid("CSINode", "", machine.name),
            "creationTimestamp": stamp(machine.created_s + 20),
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Node", "name": machine.name, "uid": site.uid("Node", "", machine.name)}
            ],
        }
        yield manifest("storage.k8s.io/v1", "CSINode", metadata=metadata, spec={"drivers": [driver]})


def _metadata(site: Site, machine: Machine) -> Manifest:
    labels = {
        "beta.kubernetes.io/arch": machine.pool.arch,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine.pool.arch,
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine.pool.instance_type,
        "pool": machine.pool.name,
        "topology.kubernetes.io/region": site.profile.region,
        "topology.kubernetes.io/zone": machine.zone,
    }
    if site.is_cloud:
        labels["eks.amazonaws.com/nodegroup"] = machine.pool.name
        labels["eks.amazonaws.com/capacityType"] = "ON_DEMAND"
    elif machine.index < 3:
        labels["node-role.kubernetes.io/control-plane"] = "true"
        labels["node-role.kubernetes.io/etcd"] = "true"
    return {
        "name": machine.name,
        "uid": site.uid("Node", "", machine.name),
        "creationTimestamp": stamp(machine.created_s),
        "labels": labels,
        "annotations": {
            "alpha.kubernetes.io/provided-node-ip": machine.ip,
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        },
    }


def _spec(site: Site, machine: Machine) -> Manifest:
    taints: list[Manifest] = []
    if machine.pool.is_dedicated:
        taints.append({"key": "dedicated", "value": machine.pool.name, "effect": "NoSchedule"})
    if machine.is_cordoned:
        added = stamp(site.start_s - 95 * MINUTE_S)
        taints.append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": added})
    if machine.is_lost:
        added = stamp(site.start_s - LOST_FOR_S + 40)
        taints += [
            {"key": _UNREACHABLE, "effect": effect, "timeAdded": added} for effect in ("NoSchedule", "NoExecute")
        ]
    provider = f"aws:///{machine.zone}/i-0{hexadecimal(16, site.profile.name, machine.name)}"
    spec: Manifest = {"providerID": provider if site.is_cloud else f"k3s://{machine.name}"}
    if machine.is_cordoned:
        spec["unschedulable"] = True
    return {**spec, "taints": taints} if taints else spec


def _status(site: Site, machine: Machine, now_s: float) -> Manifest:
    pool = machine.pool
    resources = {"cpu": str(pool.cpu), "memory": f"{pool.memory_mib * 1024 - 524_288}Ki", "pods": "110"}
    disk = {"ephemeral-storage": "104845292Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0"}
    gpu = {"nvidia.com/gpu": "1"} if pool.name == "gpu" else {}
    left = {"cpu": f"{pool.cpu * 1000 - 90}m", "memory": f"{pool.memory_mib * 1024 - 1_572_864}Ki", "pods": "110"}
    return {
        "addresses": [
            {"type": "InternalIP", "address": machine.ip},
            {"type": "InternalDNS" if site.is_cloud else "Hostname", "address": machine.name},
        ],
        "capacity": {**resources, **disk, **gpu},
        "allocatable": {**left, **disk, "ephemeral-storage": "95551679124", **gpu},
        "conditions": _conditions(site, machine, now_s),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": _info(site, machine),
    }


def _conditions(site: Site, machine: Machine, now_s: float) -> list[Manifest]:
    lost_s = site.start_s - LOST_FOR_S
    beat_s = lost_s if machine.is_lost else floored(now_s - machine.index * 11, _HEARTBEAT_S) + machine.index * 11
    ready = ("Ready", "KubeletReady", "kubelet is posting ready status")
    conditions = []
    for kind, reason, message in (*_PRESSURES, ready):
        since = stamp(lost_s + 40 if machine.is_lost else machine.created_s + (30 if kind == "Ready" else 0))
        holds = None if machine.is_lost else kind == "Ready"
        if machine.is_lost:
            reason, message = "NodeStatusUnknown", "Kubelet stopped posting node status."
        state = condition(kind, holds, since, reason=reason, message=message)
        conditions.append({**state, "lastHeartbeatTime": stamp(beat_s)})
    return conditions


def _info(site: Site, machine: Machine) -> Manifest:
    name = site.profile.name
    os_image = f"Bottlerocket OS 1.51.0 (aws-k8s-{site.profile.minor})" if site.is_cloud else "Ubuntu 24.04.3 LTS"
    return {
        "architecture": machine.pool.arch,
        "bootID": uid(name, "boot", machine.name),
        "containerRuntimeVersion": "containerd://2.1.5" if site.is_cloud else "containerd://2.0.5-k3s2",
        "kernelVersion": "6.12.53" if site.is_cloud else "6.8.0-87-generic",
        "kubeProxyVersion": "",
        "kubeletVersion": site.profile.version,
        "machineID": hexadecimal(32, name, "machine", machine.name),
        "operatingSystem": "linux",
        "osImage": os_image,
        "systemUUID": uid(name, "system", machine.name),
    }

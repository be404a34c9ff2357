"""Plausible objects of a cluster, the same for the same seed: namespaces, nodes, deployments, replica sets, pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.pods import PodPlace, pod

APPS = ("api", "billing", "cart", "checkout", "gateway", "inventory", "mailer", "search", "sessions", "worker")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
TIERS = ("frontend", "backend", "batch")


@dataclass(frozen=True)
class FleetSize:
    """The number of objects of each kind in one cluster."""

    namespaces: int = 10
    nodes: int = 20
    deployments: int = 50
    pods: int = 500

    def __post_init__(self) -> None:
        if min(self.namespaces, self.nodes, self.deployments) < 1 or self.pods < 0:
            raise ValueError("every pod needs a namespace, a node and a deployment")


def generate(size: FleetSize, seed: int = 0, *, prefix: str = "team") -> list[JsonObject]:
    """Returns the objects of one cluster, owners before their dependents.

    Pods are spread evenly over the deployments; about one in twelve is not simply running (pending, succeeded, failed,
    crash looping, restarted). ownerReferences have no uid: `create_objects` fills it in.

    Args:
        size: The number of each kind; there are as many replica sets as deployments.
        seed: Equal seeds give equal objects.
        prefix: The prefix of the names of namespaces and nodes.
    """
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    namespaces = [f"{prefix}-{i:03d}" for i in range(size.namespaces)]
    nodes = [f"{prefix}-node-{i:03d}" for i in range(size.nodes)]
    workloads = [_Workload.nth(i, namespaces, size=size) for i in range(size.deployments)]
    return [
        *(_namespace(name, i) for i, name in enumerate(namespaces)),
        *(_node(name, i) for i, name in enumerate(nodes)),
        *(workload.deployment() for workload in workloads),
        *(workload.replica_set() for workload in workloads),
        *(pod for workload in workloads for pod in workload.pods(nodes, random)),
    ]


@dataclass(frozen=True)
class _Workload:
    """A deployment with its one replica set and its pods."""

    namespace: str
    name: str
    app: str
    tier: str
    replicas: int
    hash: str
    image: str

    @classmethod
    def nth(cls, index: int, namespaces: list[str], *, size: FleetSize) -> _Workload:
        app = APPS[index % len(APPS)]
        even, left = divmod(size.pods, size.deployments)
        return cls(
            namespace=namespaces[index % len(namespaces)],
            name=f"{app}-{index:03d}",
            app=app,
            tier=TIERS[index % len(TIERS)],
            replicas=even + (1 if index < left else 0),
            hash=f"{0x6D5F7C0000 + index * 7919:x}"[:10],
            image=f"registry.example.com/{app}:1.{index % 7}.{index % 13}",
        )

    @property
    def labels(self) -> dict[str, JsonValue]:
        return {"app.kubernetes.io/name": self.app, "app.kubernetes.io/instance": self.name, "tier": self.tier}

    @property
    def pod_labels(self) -> dict[str, JsonValue]:
        return {**self.labels, "pod-template-hash": self.hash}

    def deployment(self) -> JsonObject:
        counts: JsonObject = {
            "observedGeneration": 1,
            "replicas": self.replicas,
            "updatedReplicas": self.replicas,
            "readyReplicas": self.replicas,
            "availableReplicas": self.replicas,
            "conditions": [
                {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            ],
        }
        annotations: JsonObject = {"deployment.kubernetes.io/revision": "1"}
        metadata = {**self._metadata(self.name, self.labels), "annotations": annotations}
        return _object("apps/v1", "Deployment", metadata=metadata, spec=self._spec(self.labels), status=counts)

    def replica_set(self) -> JsonObject:
        counts: JsonObject = {
            "observedGeneration": 1,
            "replicas": self.replicas,
            "fullyLabeledReplicas": self.replicas,
            "readyReplicas": self.replicas,
            "availableReplicas": self.replicas,
        }
        owner = _owner("apps/v1", "Deployment", self.name)
        metadata = self._metadata(f"{self.name}-{self.hash}", self.pod_labels) | {"ownerReferences": [owner]}
        return _object("apps/v1", "ReplicaSet", metadata=metadata, spec=self._spec(self.pod_labels), status=counts)

    def pods(self, nodes: list[str], random: Random) -> Iterator[JsonObject]:
        owner = _owner("apps/v1", "ReplicaSet", f"{self.name}-{self.hash}")
        for _ in range(self.replicas):
            suffix = "".join(random.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
            metadata = self._metadata(f"{self.name}-{self.hash}-{suffix}", self.pod_labels)
            ip = f"10.{random.randrange(64, 128)}.{random.randrange(256)}.{random.randrange(1, 255)}"
            place = PodPlace(random.choice(nodes), ip)
            yield pod(metadata | {"ownerReferences": [owner]}, self.image, place=place, random=random)

    def _metadata(self, name: str, labels: dict[str, JsonValue]) -> JsonObject:
        return {"name": name, "namespace": self.namespace, "labels": labels}

    def _spec(self, labels: dict[str, JsonValue]) -> JsonObject:
        template: JsonObject = {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "app", "image": self.image}]},
        }
        return {"replicas": self.replicas, "selector": {"matchLabels": labels}, "template": template}


def _namespace(name: str, index: int) -> JsonObject:
    labels: JsonObject = {"env": "prod" if index % 2 == 0 else "staging", "team": f"team-{index % 5}"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _node(name: str, index: int) -> JsonObject:
    labels: JsonObject = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64" if index % 4 else "arm64",
        "topology.kubernetes.io/zone": ZONES[index % len(ZONES)],
        "node.kubernetes.io/instance-type": "m7i.2xlarge",
        "node-role.kubernetes.io/control-plane" if index == 0 else "node-role.kubernetes.io/worker": "",
    }
    spec: JsonObject = {"podCIDR": f"10.{64 + index // 256}.{index % 256}.0/24", "taints": []}
    metadata: JsonObject = {"name": name, "labels": labels}
    return _object("v1", "Node", metadata=metadata, spec=spec, status=_node_status(name, index))


def _node_status(name: str, index: int) -> JsonObject:
    is_ready = index % 25 != 24
    address = f"10.0.{index // 250}.{index % 250 + 1}"
    return {
        "capacity": {"cpu": "8", "memory": "32617240Ki", "pods": "110", "ephemeral-storage": "209702892Ki"},
        "allocatable": {"cpu": "7910m", "memory": "31482Mi", "pods": "110", "ephemeral-storage": "193200000000"},
        "addresses": [
            {"type": "InternalIP", "address": address},
            {"type": "ExternalIP", "address": f"203.0.113.{index % 250 + 1}"},
            {"type": "Hostname", "address": name},
        ],
        "conditions": [
            {"type": "MemoryPressure", "status": "False", "reason": "KubeletHasSufficientMemory"},
            {
                "type": "Ready",
                "status": "True" if is_ready else "Unknown",
                "reason": "KubeletReady" if is_ready else "NodeStatusUnknown",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            },
        ],
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": f"boot-{index}",
            "containerRuntimeVersion": "containerd://2.2.0",
            "kernelVersion": "6.12.0",
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.37.2",
            "machineID": f"machine-{index}",
            "operatingSystem": "linux",
            "osImage": "Flatcar Container Linux",
            "systemUUID": f"system-{index}",
        },
    }


def _owner(api_version: str, kind: str, name: str) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "name": name, "controller": True, "blockOwnerDeletion": True}


def _object(api_version: str, kind: str, *, metadata: JsonObject, spec: JsonObject, status: JsonObject) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": status}

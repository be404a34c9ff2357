"""Links of Cluster API. A Machine's Node is in the cluster that it manages; here it is found if that is the same one.

Source: the API reference of sigs.k8s.io/cluster-api.
"""

from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_GROUP: Final = "cluster.x-k8s.io"
_CLUSTER: Final = GroupKind(_GROUP, "Cluster")
_MACHINE: Final = GroupKind(_GROUP, "Machine")
_SET: Final = GroupKind(_GROUP, "MachineSet")
_DEPLOYMENT: Final = GroupKind(_GROUP, "MachineDeployment")
_HEALTH_CHECK: Final = GroupKind(_GROUP, "MachineHealthCheck")
_CONTROL_PLANE: Final = GroupKind("controlplane.cluster.x-k8s.io", "KubeadmControlPlane")
_CONFIG: Final = GroupKind("bootstrap.cluster.x-k8s.io", "KubeadmConfig")
_OF_CLUSTERS: Final = {
    _MACHINE: "machines",
    _SET: "machineSets",
    _DEPLOYMENT: "machineDeployments",
    _HEALTH_CHECK: "machineHealthChecks",
}

CLUSTER_API: Final = (
    *(CustomLink(of, _CLUSTER, "machineCluster", back, "spec.clusterName") for of, back in _OF_CLUSTERS.items()),
    CustomLink(_CLUSTER, _CONTROL_PLANE, "controlPlane", "machineClusters", "spec.controlPlaneRef", by=By.REFERENCE),
    CustomLink(_MACHINE, GroupKind("", "Node"), "node", "machines", "status.nodeRef.name"),
    CustomLink(_MACHINE, GroupKind("", "Secret"), "bootstrapSecret", "machines", "spec.bootstrap.dataSecretName"),
    CustomLink(_MACHINE, _CONFIG, "bootstrapConfig", "machines", "spec.bootstrap.configRef", by=By.REFERENCE),
    CustomLink(_MACHINE, _SET, "machineSet", "machines", by=By.CONTROLLER),
    CustomLink(_MACHINE, _CONTROL_PLANE, "controlPlane", "machines", by=By.CONTROLLER),
    CustomLink(_SET, _DEPLOYMENT, "machineDeployment", "machineSets", by=By.CONTROLLER),
)
"""Machines with their nodes, sets, deployments and clusters."""

"""The families of built-in kinds: those with derived fields or links of their own.

A new family is one more entry here. Two families of the same kind are joined; the order is that of the schema.
"""

from resolvers.access.revealing import SECRETS
from resolvers.kinds.apps.daemonset import DAEMON_SETS
from resolvers.kinds.apps.deployment import DEPLOYMENTS
from resolvers.kinds.apps.deploymentsets import DEPLOYMENT_SETS
from resolvers.kinds.apps.replicaset import REPLICA_SETS, REPLICATION_CONTROLLERS
from resolvers.kinds.apps.statefulset import STATEFUL_SETS
from resolvers.kinds.autoscaling.horizontalpodautoscaler import HORIZONTAL_POD_AUTOSCALERS
from resolvers.kinds.batch.cronjob import CRON_JOBS
from resolvers.kinds.batch.job import JOBS
from resolvers.kinds.cluster import NAMESPACES
from resolvers.kinds.core.endpoints import ENDPOINTS
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.core.podlinks import POD_LINKS
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.discovery.endpointslice import ENDPOINT_SLICES
from resolvers.kinds.networking.ingress import INGRESSES
from resolvers.kinds.networking.ingressclass import INGRESS_CLASSES
from resolvers.kinds.networking.ipaddress import IP_ADDRESSES
from resolvers.kinds.networking.networkpolicy import NETWORK_POLICIES
from resolvers.kinds.podspecs.templates import POD_TEMPLATES
from resolvers.kinds.policy.poddisruptionbudget import POD_DISRUPTION_BUDGETS
from resolvers.kinds.scheduling.podgroup import COMPOSITE_POD_GROUPS, GROUPED_PODS, POD_GROUPS
from resolvers.kinds.scheduling.workload import WORKLOADS
from resolvers.kinds.storage.classes import STORAGE_CLASSES, VOLUME_ATTRIBUTES_CLASSES
from resolvers.kinds.storage.csi import CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES, VOLUME_ATTACHMENTS
from resolvers.kinds.storage.persistentvolume import PERSISTENT_VOLUMES
from resolvers.kinds.storage.persistentvolumeclaim import PERSISTENT_VOLUME_CLAIMS
from resolvers.links.members import Family

FAMILIES: tuple[Family, ...] = (
    PODS,
    POD_LINKS,
    NODES,
    DEPLOYMENTS,
    NAMESPACES,
    SECRETS,
    CORE_EVENTS,
    NEWER_EVENTS,
    SERVICES,
    ENDPOINTS,
    ENDPOINT_SLICES,
    INGRESSES,
    INGRESS_CLASSES,
    NETWORK_POLICIES,
    IP_ADDRESSES,
    PERSISTENT_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VOLUME_ATTRIBUTES_CLASSES,
    VOLUME_ATTACHMENTS,
    CSI_DRIVERS,
    CSI_NODES,
    CSI_STORAGE_CAPACITIES,
    DAEMON_SETS,
    DEPLOYMENT_SETS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    STATEFUL_SETS,
    HORIZONTAL_POD_AUTOSCALERS,
    CRON_JOBS,
    JOBS,
    POD_TEMPLATES,
    POD_DISRUPTION_BUDGETS,
    COMPOSITE_POD_GROUPS,
    GROUPED_PODS,
    POD_GROUPS,
    WORKLOADS,
)
"""The hand-written families of kinds."""

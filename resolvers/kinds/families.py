"""The families of built-in kinds: those with derived fields or links of their own.

A new family is one more entry here. Two families of the same kind are joined; the order is that of the schema.
"""

from resolvers.access.revealing import SECRETS as REVEALING
from resolvers.kinds.admission.policy import (
    MUTATING_POLICIES,
    MUTATING_POLICY_BINDINGS,
    VALIDATING_POLICIES,
    VALIDATING_POLICY_BINDINGS,
)
from resolvers.kinds.admission.webhook import MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, WEBHOOK_SERVICES
from resolvers.kinds.apis.apiservice import API_SERVICES, SERVICES_OF_APIS
from resolvers.kinds.apis.customresourcedefinition import CONVERTING_SERVICES, DEFINITIONS
from resolvers.kinds.apis.storageversion import MIGRATIONS, STORAGE_VERSIONS
from resolvers.kinds.apps.daemonset import DAEMON_SETS, REVISIONS_OF_DAEMON_SETS
from resolvers.kinds.apps.deployment import DEPLOYMENTS
from resolvers.kinds.apps.deploymentsets import DEPLOYMENT_SETS
from resolvers.kinds.apps.replicaset import REPLICA_SETS, REPLICATION_CONTROLLERS
from resolvers.kinds.apps.statefulset import REVISIONS_OF_STATEFUL_SETS, STATEFUL_SETS
from resolvers.kinds.autoscaling.horizontalpodautoscaler import HORIZONTAL_POD_AUTOSCALERS
from resolvers.kinds.batch.cronjob import CRON_JOBS
from resolvers.kinds.batch.job import JOBS
from resolvers.kinds.certificates.podcertificaterequest import (
    POD_CERTIFICATE_REQUESTS,
    REQUESTED_FOR_ACCOUNTS,
    REQUESTED_FOR_PODS,
    REQUESTED_ON_NODES,
    TRUSTING_PODS,
)
from resolvers.kinds.certificates.signingrequest import REQUESTING_ACCOUNTS, REQUESTING_NODES, SIGNING_REQUESTS
from resolvers.kinds.certificates.trustbundle import TRUST_BUNDLES
from resolvers.kinds.cluster import NAMESPACES
from resolvers.kinds.configuration.componentstatus import COMPONENT_STATUSES
from resolvers.kinds.configuration.configmap import CONFIG_MAPS
from resolvers.kinds.configuration.limitrange import LIMIT_RANGES, LIMITED_PODS
from resolvers.kinds.configuration.namespace import NAMESPACE_DELETIONS
from resolvers.kinds.configuration.podclasses import NODES_OF_CLASSES, PRIORITY_CLASSES, RUNTIME_CLASSES
from resolvers.kinds.configuration.quotapods import COUNTED_PODS
from resolvers.kinds.configuration.resourcequota import RESOURCE_QUOTAS
from resolvers.kinds.configuration.secret import SECRETS
from resolvers.kinds.configuration.serviceaccount import SERVICE_ACCOUNTS
from resolvers.kinds.configuration.tlscertificate import TLS_SECRETS
from resolvers.kinds.coordination.lease import LEASE_CANDIDATES, LEASES, NODES_WITH_LEASES, PODS_WITH_LEASES
from resolvers.kinds.core.endpoints import ENDPOINTS
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.core.podlinks import POD_LINKS
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.devices.claim import CLAIM_TEMPLATES, CLAIMS, DEVICE_CLASSES, TEMPLATE_PODS
from resolvers.kinds.devices.poolstatus import POOL_STATUS_REQUESTS, REPORTED_NODES, REPORTED_SLICES
from resolvers.kinds.devices.slice import ALLOCATED_CLAIMS, NODES_WITH_DEVICES, SLICES, TAINT_RULES
from resolvers.kinds.discovery.endpointslice import ENDPOINT_SLICES
from resolvers.kinds.environment.reading import ENVIRONMENTS
from resolvers.kinds.flowcontrol.flowschema import ACCOUNTS_OF_FLOWS, FLOW_SCHEMAS, PRIORITY_LEVELS
from resolvers.kinds.history.nodes import NODE_HISTORY
from resolvers.kinds.history.pods import POD_HISTORY
from resolvers.kinds.history.totals import NAMESPACE_HISTORY
from resolvers.kinds.history.workloads import WORKLOAD_HISTORY
from resolvers.kinds.lifecycle.eviction import EVICTED_PODS, EVICTION_REQUESTS, EVICTIONS
from resolvers.kinds.networking.ingress import INGRESSES
from resolvers.kinds.networking.ingressclass import INGRESS_CLASSES
from resolvers.kinds.networking.ipaddress import IP_ADDRESSES
from resolvers.kinds.networking.networkpolicy import NETWORK_POLICIES
from resolvers.kinds.networking.servicecidr import SERVICE_CIDRS
from resolvers.kinds.podspecs.templates import POD_TEMPLATES
from resolvers.kinds.podspecs.workloads import NETWORK_POLICY_WORKLOADS, SERVICE_WORKLOADS
from resolvers.kinds.policy.poddisruptionbudget import POD_DISRUPTION_BUDGETS
from resolvers.kinds.rbac.role import CLUSTER_ROLES, ROLES
from resolvers.kinds.rbac.rolebinding import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS
from resolvers.kinds.scheduling.podgroup import COMPOSITE_POD_GROUPS, GROUPED_PODS, POD_GROUPS
from resolvers.kinds.scheduling.workload import DESCRIBED, WORKLOADS
from resolvers.kinds.storage.classes import STORAGE_CLASSES, VOLUME_ATTRIBUTES_CLASSES
from resolvers.kinds.storage.csi import CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES, VOLUME_ATTACHMENTS
from resolvers.kinds.storage.persistentvolume import PERSISTENT_VOLUMES
from resolvers.kinds.storage.persistentvolumeclaim import PERSISTENT_VOLUME_CLAIMS
from resolvers.kinds.storage.statefulclaims import CLAIMING_SETS
from resolvers.kinds.totals.ofclusters import NAMESPACE_TOTALS
from resolvers.kinds.totals.ofnodes import NODE_TOTALS
from resolvers.kinds.totals.ofworkloads import WORKLOAD_TOTALS
from resolvers.kinds.usage.nodes import NODE_USAGE
from resolvers.kinds.usage.pods import POD_USAGE
from resolvers.kinds.usage.totals import NAMESPACE_USAGE
from resolvers.kinds.usage.workloads import WORKLOAD_USAGE
from resolvers.links.members import Family

FAMILIES: tuple[Family, ...] = (
    PODS,
    POD_LINKS,
    NODES,
    DEPLOYMENTS,
    NAMESPACES,
    REVEALING,
    SECRETS,
    TLS_SECRETS,
    CONFIG_MAPS,
    SERVICE_ACCOUNTS,
    NAMESPACE_DELETIONS,
    RESOURCE_QUOTAS,
    COUNTED_PODS,
    LIMIT_RANGES,
    LIMITED_PODS,
    COMPONENT_STATUSES,
    ROLES,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLE_BINDINGS,
    MUTATING_POLICIES,
    MUTATING_POLICY_BINDINGS,
    VALIDATING_POLICIES,
    VALIDATING_POLICY_BINDINGS,
    MUTATING_WEBHOOKS,
    VALIDATING_WEBHOOKS,
    WEBHOOK_SERVICES,
    MIGRATIONS,
    STORAGE_VERSIONS,
    API_SERVICES,
    SERVICES_OF_APIS,
    CONVERTING_SERVICES,
    DEFINITIONS,
    POD_CERTIFICATE_REQUESTS,
    REQUESTED_FOR_ACCOUNTS,
    REQUESTED_FOR_PODS,
    REQUESTED_ON_NODES,
    TRUST_BUNDLES,
    TRUSTING_PODS,
    REQUESTING_ACCOUNTS,
    REQUESTING_NODES,
    SIGNING_REQUESTS,
    NODES_OF_CLASSES,
    PRIORITY_CLASSES,
    RUNTIME_CLASSES,
    LEASE_CANDIDATES,
    LEASES,
    NODES_WITH_LEASES,
    PODS_WITH_LEASES,
    CLAIM_TEMPLATES,
    CLAIMS,
    DEVICE_CLASSES,
    TEMPLATE_PODS,
    POOL_STATUS_REQUESTS,
    REPORTED_NODES,
    REPORTED_SLICES,
    ALLOCATED_CLAIMS,
    NODES_WITH_DEVICES,
    SLICES,
    TAINT_RULES,
    ACCOUNTS_OF_FLOWS,
    FLOW_SCHEMAS,
    PRIORITY_LEVELS,
    EVICTED_PODS,
    EVICTION_REQUESTS,
    EVICTIONS,
    CORE_EVENTS,
    NEWER_EVENTS,
    SERVICES,
    ENDPOINTS,
    ENDPOINT_SLICES,
    INGRESSES,
    INGRESS_CLASSES,
    NETWORK_POLICIES,
    IP_ADDRESSES,
    SERVICE_CIDRS,
    PERSISTENT_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    CLAIMING_SETS,
    STORAGE_CLASSES,
    VOLUME_ATTRIBUTES_CLASSES,
    VOLUME_ATTACHMENTS,
    CSI_DRIVERS,
    CSI_NODES,
    CSI_STORAGE_CAPACITIES,
    NODE_TOTALS,
    NAMESPACE_TOTALS,
    POD_USAGE,
    NODE_USAGE,
    NAMESPACE_USAGE,
    *WORKLOAD_TOTALS,
    *WORKLOAD_USAGE,
    POD_HISTORY,
    NODE_HISTORY,
    NAMESPACE_HISTORY,
    *WORKLOAD_HISTORY,
    DAEMON_SETS,
    DEPLOYMENT_SETS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    STATEFUL_SETS,
    REVISIONS_OF_DAEMON_SETS,
    REVISIONS_OF_STATEFUL_SETS,
    HORIZONTAL_POD_AUTOSCALERS,
    CRON_JOBS,
    JOBS,
    POD_TEMPLATES,
    SERVICE_WORKLOADS,
    NETWORK_POLICY_WORKLOADS,
    POD_DISRUPTION_BUDGETS,
    COMPOSITE_POD_GROUPS,
    GROUPED_PODS,
    POD_GROUPS,
    WORKLOADS,
    *DESCRIBED,
)
"""The hand-written families of kinds."""

FURTHER: tuple[Family, ...] = (ENVIRONMENTS,)
"""Families with further members of types that are no kinds, such as containers."""

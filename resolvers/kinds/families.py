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
from resolvers.kinds.apps.deployment import DEPLOYMENTS
from resolvers.kinds.certificates.podcertificaterequest import (
    POD_CERTIFICATE_REQUESTS,
    REQUESTED_FOR_ACCOUNTS,
    REQUESTED_FOR_PODS,
    REQUESTED_ON_NODES,
    TRUST_BUNDLES,
    TRUSTING_PODS,
)
from resolvers.kinds.certificates.signingrequest import REQUESTING_ACCOUNTS, REQUESTING_NODES, SIGNING_REQUESTS
from resolvers.kinds.cluster import NAMESPACES
from resolvers.kinds.configuration.componentstatus import COMPONENT_STATUSES
from resolvers.kinds.configuration.configmap import CONFIG_MAPS
from resolvers.kinds.configuration.limitrange import LIMIT_RANGES
from resolvers.kinds.configuration.namespace import NAMESPACE_DELETIONS
from resolvers.kinds.configuration.podclasses import PRIORITY_CLASSES, RUNTIME_CLASSES
from resolvers.kinds.configuration.resourcequota import RESOURCE_QUOTAS
from resolvers.kinds.configuration.secret import SECRETS
from resolvers.kinds.configuration.serviceaccount import SERVICE_ACCOUNTS
from resolvers.kinds.coordination.lease import LEASE_CANDIDATES, LEASES, NODES_WITH_LEASES, PODS_WITH_LEASES
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.core.podlinks import POD_LINKS
from resolvers.kinds.devices.claim import CLAIM_TEMPLATES, CLAIMS, DEVICE_CLASSES, TEMPLATE_PODS
from resolvers.kinds.devices.poolstatus import POOL_STATUS_REQUESTS
from resolvers.kinds.devices.slice import ALLOCATED_CLAIMS, NODES_WITH_DEVICES, SLICES, TAINT_RULES
from resolvers.kinds.flowcontrol.flowschema import FLOW_SCHEMAS, PRIORITY_LEVELS
from resolvers.kinds.lifecycle.eviction import EVICTED_PODS, EVICTION_REQUESTS, EVICTIONS
from resolvers.kinds.rbac.role import CLUSTER_ROLES, ROLES
from resolvers.kinds.rbac.rolebinding import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS
from resolvers.links.members import Family

FAMILIES: tuple[Family, ...] = (
    PODS,
    POD_LINKS,
    NODES,
    DEPLOYMENTS,
    NAMESPACES,
    REVEALING,
    SECRETS,
    CONFIG_MAPS,
    SERVICE_ACCOUNTS,
    NAMESPACE_DELETIONS,
    RESOURCE_QUOTAS,
    LIMIT_RANGES,
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
    ALLOCATED_CLAIMS,
    NODES_WITH_DEVICES,
    SLICES,
    TAINT_RULES,
    FLOW_SCHEMAS,
    PRIORITY_LEVELS,
    EVICTED_PODS,
    EVICTION_REQUESTS,
    EVICTIONS,
    CORE_EVENTS,
    NEWER_EVENTS,
)
"""The hand-written families of kinds."""

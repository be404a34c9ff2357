"""The families of built-in kinds: those with derived fields or links of their own.

A new family is one more entry here. Two families of the same kind are joined; the order is that of the schema.
"""

from resolvers.access.revealing import SECRETS as REVEALING
from resolvers.kinds.apps.deployment import DEPLOYMENTS
from resolvers.kinds.cluster import NAMESPACES
from resolvers.kinds.core.componentstatus import COMPONENT_STATUSES
from resolvers.kinds.core.configmap import CONFIG_MAPS
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.kinds.core.limitrange import LIMIT_RANGES
from resolvers.kinds.core.namespace import NAMESPACE_DELETIONS
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.core.podlinks import POD_LINKS
from resolvers.kinds.core.resourcequota import RESOURCE_QUOTAS
from resolvers.kinds.core.secret import SECRETS
from resolvers.kinds.core.serviceaccount import SERVICE_ACCOUNTS
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
    CORE_EVENTS,
    NEWER_EVENTS,
)
"""The hand-written families of kinds."""

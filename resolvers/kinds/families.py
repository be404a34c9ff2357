"""The families of built-in kinds: those with derived fields or links of their own.

A new family is one more entry here. Two families of the same kind are joined; the order is that of the schema.
"""

from resolvers.access.revealing import SECRETS
from resolvers.kinds.apps.deployment import DEPLOYMENTS
from resolvers.kinds.cluster import NAMESPACES
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.core.podlinks import POD_LINKS
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
    SECRETS,
    CORE_EVENTS,
    NEWER_EVENTS,
    POD_USAGE,
    NODE_USAGE,
    NAMESPACE_USAGE,
    *WORKLOAD_USAGE,
)
"""The hand-written families of kinds."""

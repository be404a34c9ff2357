"""Members of Roles and ClusterRoles beyond their Kubernetes fields."""

from collections.abc import Iterator, Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.rbac.references import (
    CLUSTER_ROLES_OF_BINDINGS,
    CLUSTER_ROLES_OF_CLUSTER_BINDINGS,
    ROLES_OF_BINDINGS,
)
from resolvers.kinds.rbac.rules import add_rule_texts
from resolvers.links.fetching import Fetch
from resolvers.links.labels import ObjectSelector, label_selector, selector_reads
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_naming
from resolvers.links.selecting import LABELS, Selecting
from resolvers.lists.rows import Rows
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.pacing import worked

ROLES = Family(kinds.ROLE)
CLUSTER_ROLES = Family(kinds.CLUSTER_ROLE)

add_rule_texts(ROLES)
add_rule_texts(CLUSTER_ROLES)
add_naming(ROLES, ROLES_OF_BINDINGS, description="The RoleBindings that grant it.")
add_naming(CLUSTER_ROLES, CLUSTER_ROLES_OF_BINDINGS, description="The RoleBindings that grant it in their namespaces.")
add_naming(
    CLUSTER_ROLES,
    CLUSTER_ROLES_OF_CLUSTER_BINDINGS,
    description="The ClusterRoleBindings that grant it in the whole cluster.",
)


def _selectors(role: Row) -> Iterator[ObjectSelector]:
    for selector in items_of(role.aggregationRule.clusterRoleSelectors if role.aggregationRule is not None else None):
        if (known := label_selector(selector)) is not None:
            yield known


_AGGREGATION = Selecting(
    kinds.CLUSTER_ROLE, kinds.CLUSTER_ROLE, selector_reads("aggregationRule.clusterRoleSelectors"), _selectors
)


@CLUSTER_ROLES.derived(
    "aggregationRule.clusterRoleSelectors.matchLabels",
    description="True if its rules are those of other ClusterRoles, which its aggregationRule selects.",
)
def is_aggregated(role: Row) -> bool:
    """Returns whether it has an aggregation rule."""
    return role.aggregationRule is not None


@CLUSTER_ROLES.link(
    "metadata.name",
    *_AGGREGATION.reads,
    to=kinds.CLUSTER_ROLE,
    shape=Shape.MANY,
    description="The ClusterRoles whose rules it has, by its aggregationRule; none for other ClusterRoles.",
)
async def aggregated_from(roles: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads ClusterRoles by their labels.

    Source: `syncClusterRole` in kubernetes/pkg/controller/clusterroleaggregation: a role has not its own rules twice.
    """
    return await _without_itself(roles, await _AGGREGATION.selected(roles, fetch), fetch)


@CLUSTER_ROLES.link(
    "metadata.name",
    LABELS,
    to=kinds.CLUSTER_ROLE,
    shape=Shape.MANY,
    description="The ClusterRoles that also have its rules, by their aggregationRule.",
)
async def aggregated_into(roles: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads ClusterRoles by their selectors."""
    return await _without_itself(roles, await _AGGREGATION.selecting(roles, fetch), fetch)


async def _without_itself(roles: Rows, lists: Sequence[Sequence[Row]], fetch: Fetch) -> Sequence[Sequence[Row]]:
    def others(pair: tuple[Row, Sequence[Row]]) -> Sequence[Row]:
        role, own = pair
        found = [other for other in own if other.metadata.name != role.metadata.name]
        if len(found) == len(own):
            return own  # roles with equal selectors share it
        fetch.operation.memory.charge(len(found) * REFERENCE_BYTES)
        return found

    return await worked(others, zip(roles.rows, lists, strict=True))

"""Members of RoleBindings and ClusterRoleBindings beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.rbac.references import (
    CLUSTER_ROLES_OF_BINDINGS,
    CLUSTER_ROLES_OF_CLUSTER_BINDINGS,
    ROLE_REFERENCE_READS,
    ROLES_OF_BINDINGS,
    role_of,
)
from resolvers.kinds.rbac.subjects import ACCOUNTS_OF_BINDINGS, ACCOUNTS_OF_CLUSTER_BINDINGS, add_subjects
from resolvers.links.members import Family, Shape
from resolvers.links.naming import Naming, add_named

ROLE_BINDINGS = Family(kinds.ROLE_BINDING)
CLUSTER_ROLE_BINDINGS = Family(kinds.CLUSTER_ROLE_BINDING)


def _add_members(family: Family, accounts: Naming) -> None:
    @family.derived(
        *ROLE_REFERENCE_READS, description="The role that it grants, as in kubectl's ROLE column: `ClusterRole/view`."
    )
    def role_text(binding: Row) -> str:
        """Returns kubectl's ROLE.

        Source: `printRoleBinding` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
        """
        return "/".join(role_of(binding))

    add_subjects(family)
    add_named(family, accounts, description="The service accounts that it names and that exist.")


_add_members(ROLE_BINDINGS, ACCOUNTS_OF_BINDINGS)
_add_members(CLUSTER_ROLE_BINDINGS, ACCOUNTS_OF_CLUSTER_BINDINGS)
add_named(
    ROLE_BINDINGS,
    ROLES_OF_BINDINGS,
    shape=Shape.ONE,
    description="The Role that it grants; null if it grants a ClusterRole, or if the Role does not exist.",
)
add_named(
    ROLE_BINDINGS,
    CLUSTER_ROLES_OF_BINDINGS,
    shape=Shape.ONE,
    description="The ClusterRole that it grants in its namespace; null if it grants a Role, or if there is none.",
)
add_named(
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES_OF_CLUSTER_BINDINGS,
    shape=Shape.ONE,
    description="The ClusterRole that it grants in the whole cluster; null if it does not exist.",
)

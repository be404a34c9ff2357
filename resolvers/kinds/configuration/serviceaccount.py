"""Members of ServiceAccounts beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.configuration.secret import ACCOUNT_OF_TOKEN
from resolvers.kinds.podspecs.relations import POD_SERVICE_ACCOUNT
from resolvers.kinds.rbac.effective import add_effective_rules
from resolvers.kinds.rbac.subjects import ACCOUNTS_OF_BINDINGS, ACCOUNTS_OF_CLUSTER_BINDINGS
from resolvers.kinds.uses.usedby import add_uses
from resolvers.links.members import Family
from resolvers.links.naming import add_named, add_naming, by_paths

SERVICE_ACCOUNTS = Family(kinds.SERVICE_ACCOUNT)

SECRETS_OF_ACCOUNTS = by_paths(kinds.SERVICE_ACCOUNT, kinds.SECRET, "secrets.name")
PULL_SECRETS_OF_ACCOUNTS = by_paths(kinds.SERVICE_ACCOUNT, kinds.SECRET, "imagePullSecrets.name")


@SERVICE_ACCOUNTS.derived(
    "automountServiceAccountToken",
    description="True if its pods have its token by default: automountServiceAccountToken is not false.",
)
def mounts_token(account: Row) -> bool:
    """Returns whether tokens are mounted by default."""
    return account.automountServiceAccountToken is not False


add_naming(SERVICE_ACCOUNTS, POD_SERVICE_ACCOUNT, description="The pods that run as it.")
add_named(
    SERVICE_ACCOUNTS,
    SECRETS_OF_ACCOUNTS,
    name="mountableSecrets",
    description="The Secrets of `secrets`, which its pods may use, as in `kubectl describe`.",
)
add_named(
    SERVICE_ACCOUNTS,
    PULL_SECRETS_OF_ACCOUNTS,
    name="pullSecrets",
    description="The Secrets of `imagePullSecrets`, with which its pods pull images.",
)
add_naming(
    SERVICE_ACCOUNTS,
    ACCOUNT_OF_TOKEN,
    name="tokenSecrets",
    description="The Secrets that hold its tokens; most clusters have none since Kubernetes 1.24.",
)
add_naming(SERVICE_ACCOUNTS, ACCOUNTS_OF_BINDINGS, description="The RoleBindings, of all namespaces, that name it.")
add_naming(SERVICE_ACCOUNTS, ACCOUNTS_OF_CLUSTER_BINDINGS, description="The ClusterRoleBindings that name it.")
add_effective_rules(SERVICE_ACCOUNTS)
add_uses(SERVICE_ACCOUNTS, kinds.SERVICE_ACCOUNT, examples="pods that run as it, and templates of such pods")

"""`effectiveRules`: the rules that hold for a service account, through all its bindings and groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import items_of
from resolvers.kinds.rbac.references import ROLE_REFERENCE_READS, role_of
from resolvers.kinds.rbac.rules import RULE_READS, rule_texts_of
from resolvers.kinds.rbac.subjects import SUBJECT_READS
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.naming import namespace_of
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, worked
from resolvers.together import together

_USER: Final = "system:serviceaccount"
_GROUP: Final = "system:serviceaccounts"
_AUTHENTICATED: Final = "system:authenticated"

_Subject = tuple[FleetCluster, str, str]
"""Cluster, kind and name of a user or a group."""
_Role = tuple[FleetCluster, str | None, str]
"""Cluster, namespace and name of a role; the namespace is None for a ClusterRole."""


class EffectiveRule(Struct, frozen=True):
    """One rule that holds for a service account."""

    rule: Annotated[str, Meta(description="The rule as a text, as in `ruleTexts` of its role.")]
    namespace: Annotated[str | None, Meta(description="The namespace in which it holds; null for the whole cluster.")]
    role: Annotated[str, Meta(description="The role that has the rule, such as `ClusterRole/view`.")]
    binding: Annotated[str, Meta(description="The name of the binding that grants the role.")]


@dataclass(frozen=True, slots=True)
class _Grant:
    binding: str
    namespace: str | None
    kind: str
    role: _Role


def add_effective_rules(family: Family) -> None:
    """Adds the field to the family of service accounts."""

    @family.remote(
        description="The rules that hold for it, through RoleBindings and ClusterRoleBindings that name it, its user "
        f"or one of its groups (`{_GROUP}`, `{_GROUP}:<namespace>`, `{_AUTHENTICATED}`). Four lists for each cluster, "
        "for any number of service accounts; null if one of them cannot be read.",
        returns=list[EffectiveRule] | None,
        lists=4,
    )
    async def effective_rules(accounts: Rows, operation: Operation) -> Sequence[list[EffectiveRule] | ClusterError]:
        """Reads all bindings and roles of the clusters, and joins them by subject and by role."""
        fetch = Fetch(operation, accounts, lambda _kind: LEAF, is_across_namespaces=True)
        binding_reads = *SUBJECT_READS, *ROLE_REFERENCE_READS
        bindings, cluster_bindings, roles, cluster_roles = await together(
            fetch.steps(kinds.ROLE_BINDING, *binding_reads),
            fetch.steps(kinds.CLUSTER_ROLE_BINDING, *binding_reads),
            fetch.steps(kinds.ROLE, *RULE_READS),
            fetch.steps(kinds.CLUSTER_ROLE, *RULE_READS),
        )
        grants = await _by_subject(bindings, cluster_bindings)
        rules = await _rules(roles, cluster_roles)
        hidden = {cluster: unseen(cluster, kind) for cluster, kind, _scope in fetch.partial}

        def value(account: tuple[FleetCluster, Row]) -> list[EffectiveRule] | ClusterError:
            cluster = account[0]
            error = fetch.failures.get(cluster) or hidden.get(cluster)
            return error if error is not None else _effective(grants, rules, *account)

        return await worked(value, accounts)


async def _by_subject(*lists: Rows) -> dict[_Subject, list[_Grant]]:
    """Returns the grants of bindings by their subjects, each once."""
    grants: dict[_Subject, list[_Grant]] = {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, binding = placed
        kind, role = role_of(binding)
        home = namespace_of(binding)
        place = cluster, home if kind == kinds.ROLE.name else None, role
        grant = _Grant(binding.metadata.name, home, kind, place)
        for subject in dict.fromkeys(_subjects(binding)):
            grants.setdefault((cluster, *subject), []).append(grant)

    for bindings in lists:
        await worked(add, bindings)
    return grants


def _subjects(binding: Row) -> Iterator[tuple[str, str]]:
    """Yields the kind and the name of each subject; a service account is named as its user."""
    for subject in items_of(binding.subjects):
        if subject.kind == kinds.SERVICE_ACCOUNT.name:
            yield "User", f"{_USER}:{subject.namespace or ''}:{subject.name or ''}"
        else:
            yield subject.kind or "", subject.name or ""


async def _rules(*lists: Rows) -> dict[_Role, list[str]]:
    rules: dict[_Role, list[str]] = {}
    for roles in lists:
        async for batch in batches(roles):
            for cluster, role in batch:
                rules[cluster, namespace_of(role), role.metadata.name] = rule_texts_of(role)
    return rules


def _effective(
    grants: dict[_Subject, list[_Grant]], rules: dict[_Role, list[str]], cluster: FleetCluster, account: Row
) -> list[EffectiveRule]:
    """Returns the rules of one service account.

    Source: `MakeGroupNames` and `AllAuthenticated` in k8s.io/apiserver/pkg/authentication.
    """
    namespace, name = account.metadata.namespace or "", account.metadata.name
    subjects = (
        ("User", f"{_USER}:{namespace}:{name}"),
        ("Group", _GROUP),
        ("Group", f"{_GROUP}:{namespace}"),
        ("Group", _AUTHENTICATED),
    )
    own = dict.fromkeys(grant for subject in subjects for grant in grants.get((cluster, *subject), ()))
    return [
        EffectiveRule(rule, grant.namespace, f"{grant.kind}/{grant.role[2]}", grant.binding)
        for grant in own
        for rule in rules.get(grant.role, ())
    ]

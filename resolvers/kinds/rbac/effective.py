"""`effectiveRules`: the rules that hold for a service account, through all its bindings and groups."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.kinds.rbac.references import ROLE_REFERENCE_READS, role_of
from resolvers.kinds.rbac.rules import RULE_READS, rule_texts_of
from resolvers.kinds.rbac.subjects import SUBJECT_READS
from resolvers.links.absent import NoValue, any_absence
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.naming import namespace_of
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.operation.operation import Operation
from resolvers.pacing import stepped, worked
from resolvers.together import together

_USER: Final = "system:serviceaccount"
_GROUP: Final = "system:serviceaccounts"
_AUTHENTICATED: Final = "system:authenticated"

_RULE_BYTES: Final = 72
"""The memory of one `EffectiveRule`; all accounts of a grant share it."""
_TEXT_BYTES: Final = 60

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
        f"for any number of service accounts; null if one of them cannot be read. At most {MAX_ITEMS:,} rules.",
        returns=list[EffectiveRule] | None,
        lists=4,
    )
    async def effective_rules(accounts: Rows, operation: Operation) -> Sequence[list[EffectiveRule] | NoValue]:
        """Reads all bindings and roles of the clusters, and joins them by subject and by role."""
        fetch = Fetch(operation, accounts, lambda _kind: LEAF, is_across_namespaces=True)
        binding_reads = *SUBJECT_READS, *ROLE_REFERENCE_READS
        bindings, cluster_bindings, roles, cluster_roles = await together(
            fetch.steps(kinds.ROLE_BINDING, *binding_reads),
            fetch.steps(kinds.CLUSTER_ROLE_BINDING, *binding_reads),
            fetch.steps(kinds.ROLE, *RULE_READS),
            fetch.steps(kinds.CLUSTER_ROLE, *RULE_READS),
        )
        if (absent := any_absence(fetch.absents)) is not None:
            return [absent] * len(accounts)
        charge = operation.memory.charge
        rules = await _rules(roles, cluster_roles, charge=charge)
        effective = _Effective(await _by_subject(bindings, cluster_bindings, rules=rules), rules, charge)
        hidden = {cluster: unseen(cluster, kind) for cluster, kind, _scope in fetch.partial}

        def values() -> Generator[None, None, list[list[EffectiveRule] | NoValue]]:
            found: list[list[EffectiveRule] | NoValue] = []
            for cluster, account in accounts:
                error = fetch.failures.get(cluster) or hidden.get(cluster)
                found.append(error if error is not None else (yield from effective.of(cluster, account)))
                yield
            return found

        return await stepped(values())


async def _by_subject(*lists: Rows, rules: Mapping[_Role, object]) -> dict[_Subject, list[_Grant]]:
    """Returns the grants of bindings by their subjects, each once; only those of roles with rules."""
    grants: dict[_Subject, list[_Grant]] = {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, binding = placed
        kind, role = role_of(binding)
        home = namespace_of(binding)
        place = cluster, home if kind == kinds.ROLE.name else None, role
        if place not in rules:
            return
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


async def _rules(*lists: Rows, charge: Callable[[int], None]) -> dict[_Role, list[str]]:
    """Returns the rules of all roles with any."""
    rules: dict[_Role, list[str]] = {}

    def add(placed: tuple[FleetCluster, Row]) -> None:
        cluster, role = placed
        if texts := rule_texts_of(role):
            charge(sum(map(len, texts)) + len(texts) * _TEXT_BYTES)
            rules[cluster, namespace_of(role), role.metadata.name] = texts

    for roles in lists:
        await worked(add, roles)
    return rules


class _Effective:
    """The rules of service accounts: those of a grant are made once, and accounts with the same grants share a list."""

    def __init__(
        self, grants: Mapping[_Subject, list[_Grant]], rules: Mapping[_Role, list[str]], charge: Callable[[int], None]
    ) -> None:
        self._grants, self._texts, self._charge = grants, rules, charge
        self._rules: dict[_Grant, list[EffectiveRule]] = {}
        self._known: dict[tuple[int, ...], list[EffectiveRule]] = {}

    def of(self, cluster: FleetCluster, account: Row) -> Generator[None, None, list[EffectiveRule]]:
        """Returns the rules of a service account, at most `MAX_ITEMS`; yields after each grant.

        Source: `MakeGroupNames` and `AllAuthenticated` in k8s.io/apiserver/pkg/authentication.
        """
        namespace, name = account.metadata.namespace or "", account.metadata.name
        subjects = (
            ("User", f"{_USER}:{namespace}:{name}"),
            ("Group", _GROUP),
            ("Group", f"{_GROUP}:{namespace}"),
            ("Group", _AUTHENTICATED),
        )
        lists = [own for subject in subjects if (own := self._grants.get((cluster, *subject))) is not None]
        key = tuple(map(id, lists))  # the grants hold the lists
        if key in self._known:
            return self._known[key]
        found, seen = list[EffectiveRule](), set[_Grant]()
        for grant in (grant for own in lists for grant in own):
            if grant not in seen:
                seen.add(grant)
                found += islice(self._of_grant(grant), MAX_ITEMS - len(found))
            if len(found) >= MAX_ITEMS:
                break
            yield
        self._charge(len(found) * REFERENCE_BYTES)
        self._known[key] = found
        return found

    def _of_grant(self, grant: _Grant) -> list[EffectiveRule]:
        if grant not in self._rules:
            texts, role = self._texts[grant.role], f"{grant.kind}/{grant.role[2]}"
            self._charge(len(texts) * _RULE_BYTES)
            self._rules[grant] = [EffectiveRule(rule, grant.namespace, role, grant.binding) for rule in texts]
        return self._rules[grant]

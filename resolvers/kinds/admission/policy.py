"""Members of admission policies and their bindings beyond their Kubernetes fields."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.naming import Naming, add_named, add_naming, by_paths
from resolvers.links.targets import Target, target_of_each, targets_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import collected, worked

VALIDATING_POLICIES = Family(kinds.VALIDATING_ADMISSION_POLICY)
VALIDATING_POLICY_BINDINGS = Family(kinds.VALIDATING_ADMISSION_POLICY_BINDING)
MUTATING_POLICIES = Family(kinds.MUTATING_ADMISSION_POLICY)
MUTATING_POLICY_BINDINGS = Family(kinds.MUTATING_ADMISSION_POLICY_BINDING)

_PARAM = ("spec.paramRef.name", "spec.paramRef.namespace")
_PARAM_KIND = ("spec.paramKind.apiVersion", "spec.paramKind.kind")


@VALIDATING_POLICIES.derived(
    "spec.validations.expression", description="The number of its validations, as in kubectl's VALIDATIONS column."
)
def validation_count(policy: Row) -> int:
    """Returns kubectl's VALIDATIONS."""
    return len(policy.spec.validations or ()) if policy.spec is not None else 0


@MUTATING_POLICIES.derived(
    "spec.mutations.patchType", description="The number of its mutations, as in kubectl's MUTATIONS column."
)
def mutation_count(policy: Row) -> int:
    """Returns kubectl's MUTATIONS."""
    return len(policy.spec.mutations or ()) if policy.spec is not None else 0


def _param_kind(policy: Row) -> str | None:
    """Returns kubectl's PARAMKIND.

    Source: `printValidatingAdmissionPolicy` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    kind = policy.spec.paramKind if policy.spec is not None else None
    return None if kind is None else f"{kind.apiVersion or ''}/{kind.kind or ''}"


def _add_members(policies: Family, bindings: Family, *, policy: Kind, binding: Kind) -> None:
    policies.derived(
        *_PARAM_KIND,
        name="paramKindText",
        description="The kind of its parameters as one text, such as `v1/ConfigMap`, as in kubectl's PARAMKIND column; "
        "null without parameters.",
    )(_param_kind)
    naming = by_paths(binding, policy, "spec.policyName")
    add_named(
        bindings,
        naming,
        name="policy",
        shape=Shape.ONE,
        description="The policy that it binds; null if it does not exist.",
    )
    add_naming(policies, naming, name="bindings", description="The bindings that put it into effect.")
    _add_param(bindings, naming)
    _add_params(policies, naming)


def _add_param(bindings: Family, policies: Naming) -> None:
    @bindings.link(
        *policies.reads,
        *_PARAM,
        to=ANY_KIND,
        description="The object that has its parameters, of the kind that its policy says; null without a name of one, "
        "and for parameters in the namespace of each object that is admitted.",
    )
    async def param(parents: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads the policies for the kinds, then the parameters by name."""
        names = await collected((cluster, *next(iter(policies.places(row)), (None, None))) for cluster, row in parents)
        found = await fetch.named_steps(policies.to, names, *_PARAM_KIND)
        targets = await collected(map(_target, parents.rows, found))
        return await target_of_each(fetch, parents.clusters, targets)


def _add_params(policies: Family, bindings: Naming) -> None:
    @policies.link(
        "metadata.name",
        *_PARAM_KIND,
        to=ANY_KIND,
        shape=Shape.SOME,
        lists=lambda _checked: 2,
        description="The objects with parameters that its bindings name, each once; without those that bindings select "
        "by labels, and those in the namespace of each object that is admitted.",
    )
    async def params(parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
        """Reads the bindings, then the parameters by name."""
        bound: dict[tuple[object, str], list[Row]] = {}

        def add(placed: tuple[object, Row]) -> None:
            for _namespace, name in bindings.places(placed[1]):
                bound.setdefault((placed[0], name or ""), []).append(placed[1])

        def targets(placed: tuple[object, Row]) -> list[Target]:
            own = (_target(binding, placed[1]) for binding in bound.get((placed[0], placed[1].metadata.name), ()))
            return [*dict.fromkeys(target for target in own if target is not None)]

        await worked(add, await fetch.steps(bindings.of, *bindings.reads, *_PARAM))
        return await targets_of_each(fetch, parents.clusters, await worked(targets, parents))


def _target(binding: Row, policy: Row | None) -> Target | None:
    reference = binding.spec.paramRef if binding.spec is not None else None
    kind = policy.spec.paramKind if policy is not None and policy.spec is not None else None
    if reference is None or not reference.name or kind is None or not kind.kind:
        return None
    group, slash, _version = (kind.apiVersion or "").partition("/")
    return Target(group if slash else "", kind.kind, reference.name, reference.namespace or None)


_add_members(
    VALIDATING_POLICIES,
    VALIDATING_POLICY_BINDINGS,
    policy=kinds.VALIDATING_ADMISSION_POLICY,
    binding=kinds.VALIDATING_ADMISSION_POLICY_BINDING,
)
_add_members(
    MUTATING_POLICIES,
    MUTATING_POLICY_BINDINGS,
    policy=kinds.MUTATING_ADMISSION_POLICY,
    binding=kinds.MUTATING_ADMISSION_POLICY_BINDING,
)

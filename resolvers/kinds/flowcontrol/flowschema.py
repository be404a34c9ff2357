"""Members of FlowSchemas and PriorityLevelConfigurations beyond their Kubernetes fields."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths

FLOW_SCHEMAS = Family(kinds.FLOW_SCHEMA)
ACCOUNTS_OF_FLOWS = Family(kinds.SERVICE_ACCOUNT)
PRIORITY_LEVELS = Family(kinds.PRIORITY_LEVEL_CONFIGURATION)

_LEVELS = by_paths(kinds.FLOW_SCHEMA, kinds.PRIORITY_LEVEL_CONFIGURATION, "spec.priorityLevelConfiguration.name")

_ACCOUNT = "spec.rules.subjects.serviceAccount"


def _accounts(schema: Row) -> Iterator[NamedPlace]:
    for rule in items_of(schema.spec.rules if schema.spec is not None else None):
        for subject in items_of(rule.subjects):
            account = subject.serviceAccount
            if account is not None:
                yield account.namespace, account.name


_ACCOUNTS = Naming(kinds.FLOW_SCHEMA, kinds.SERVICE_ACCOUNT, (f"{_ACCOUNT}.namespace", f"{_ACCOUNT}.name"), _accounts)


@FLOW_SCHEMAS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="True if its priority level is missing, as in kubectl's MISSINGPL column; null while that is unknown.",
)
def is_dangling(schema: Row) -> bool | None:
    """Returns the first Dangling condition.

    Source: `printFlowSchema` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    conditions = items_of(schema.status.conditions if schema.status is not None else None)
    status = next((one.status for one in conditions if one.type == "Dangling"), None)
    return {"True": True, "False": False}.get(status or "")


add_named(
    FLOW_SCHEMAS,
    _LEVELS,
    name="priorityLevel",
    shape=Shape.ONE,
    description="The priority level of its requests; null if it does not exist.",
)
add_naming(PRIORITY_LEVELS, _LEVELS, description="The flow schemas whose requests have it.")
add_named(FLOW_SCHEMAS, _ACCOUNTS, description="The service accounts that its rules name, without those of `*`.")
add_naming(ACCOUNTS_OF_FLOWS, _ACCOUNTS, description="The flow schemas whose rules name it.")

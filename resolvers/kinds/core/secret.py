"""The field of Secrets that gives their values: all others have null in their place."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from resolvers.access.revealing import RevealArguments, Revealed, RevealedValue, reveal_arguments, revealed
from resolvers.links.members import Argument, Arguments, Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation

SECRETS = Family(kinds.SECRET)


@SECRETS.remote(
    description="The values of these keys, which `data` shows as null. Each Secret is a request of its own with the "
    "caller's identity, so the cluster decides; the server may allow it to administrators only, or to nobody "
    "(`FLEETGRAPH_REVEAL`). The audit records caller, Secret and keys before. Null with an error if it is refused.",
    returns=list[RevealedValue] | None,
    arguments=Arguments(
        (Argument("keys", list[str], "The keys, such as those of `data`; at most 100."),), reveal_arguments
    ),
)
async def reveal(secrets: Rows, operation: Operation, arguments: RevealArguments) -> Sequence[Revealed]:
    """Reads each Secret by name."""
    return await revealed(secrets, operation, arguments)

"""GraphQL requests; a module of its own, because the HTTP layer imports it without the rest of GraphQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.memory.share import MemoryShare


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    """One request, with the parameters of the GraphQL-over-HTTP specification; `extensions` are accepted and ignored.

    Attributes:
        is_explained: whether `extensions.explain` of the answer reports the cost.
        is_safe: whether only queries are permitted, as for GET.
        is_persisted: whether it is the operator's document, which may name kinds of other callers' clusters.
        memory: the share that counts the memory of the operation and of its answer; the sender of the answer closes it.
    """

    query: str
    variables: Mapping[str, object] | None = None
    operation_name: str | None = None
    is_explained: bool = False
    is_safe: bool = False
    is_persisted: bool = False
    memory: MemoryShare | None = field(default=None, compare=False)

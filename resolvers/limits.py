"""Bounds of operations and of their memory; each is a setting (docs/settings.md)."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """What one GraphQL operation may cost.

    Attributes:
        cluster_timeout_s: seconds in which a cluster must have answered all that an operation asks of it.
        objects: objects that one list may read.
        page_objects: the largest `first`.
        selected_fields: fields that a document may select, fragments counted wherever they are spread.
        depth: selection sets inside each other.
        requests: requests to clusters, one for each list and link and each cluster, as they are estimated before.
        probed_namespaces: namespaces of one cluster that are looked at where a kind may not be listed in all of them.
        listed_namespaces: namespaces of one cluster that one list then reads.
        cost: objects that it may need, as they are estimated before: of lists by their `first`.
        sent_objects: objects in the answer, those that links share counted wherever they stand.
        expanded_values: values that paths of `where`, `orderBy` and `groups` lead to through links.
        pattern_steps: of one search for a pattern: instructions of its program times characters of the text.
        introspected_fields: fields of the schema's own types, which a question about the schema may need.
    """

    cluster_timeout_s: float = 15.0
    objects: int = 200_000
    page_objects: int = 10_000
    selected_fields: int = 10_000
    depth: int = 50
    sent_objects: int = 1_000_000
    requests: int = 5000
    cost: int = 500_000
    expanded_values: int = 2_000_000
    pattern_steps: int = 50_000_000
    introspected_fields: int = 300_000
    probed_namespaces: int = 1000
    listed_namespaces: int = 200


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How large a document may be; looked at before it is validated, so nothing of it was asked of any cluster.

    Attributes:
        characters: of its text.
        tokens: of its text, comments left out.
        comments: in its text.
        depth: selection sets inside each other, the operation's own counted.
        fields: selected, fragments counted wherever they are spread.
        aliases: likewise.
        root_fields: likewise, of one operation's own selection set.
        directives: uses of directives.
        operations: in one document.
        fragments: in one document.
        variables: of one operation.
        comparisons: of selections, which validation makes where several stand at one place.
    """

    characters: int = 100_000
    tokens: int = 5000
    comments: int = 200
    depth: int = 15
    fields: int = 1000
    aliases: int = 30
    root_fields: int = 20
    directives: int = 50
    operations: int = 20
    fragments: int = 200
    variables: int = 100
    comparisons: int = 20_000


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Bounds of memory; each is a setting (docs/settings.md).

    Attributes:
        process_bytes: resident memory of the whole process.
        caller_bytes: held by all operations of one caller.
        operation_bytes: held by one operation.
        wait_s: seconds that one waits for memory at most.
    """

    process_bytes: int = 1024 * MIB
    caller_bytes: int = 512 * MIB
    operation_bytes: int = 512 * MIB
    wait_s: float = 20.0

"""Limits of operations, documents and memory; each is a setting (docs/settings.md)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MIB: Final = 2**20


class Revealers(StrEnum):
    """The callers who may reveal values of Secrets."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """Limits of one GraphQL operation.

    Attributes:
        cluster_timeout_s: seconds for all requests of an operation to one cluster.
        objects: objects read by one list.
        page_objects: the largest `first`.
        selected_fields: fields selected by a document; those of a fragment count for each spread.
        depth: nested selection sets.
        requests: requests to clusters, estimated beforehand: one for each list and link and each cluster.
        probed_namespaces: namespaces of one cluster that are checked where a kind may not be listed in all of them.
        listed_namespaces: namespaces of one cluster that one list then reads.
        cost: objects, estimated beforehand: those of lists by their `first`.
        sent_objects: objects in the answer; an object that several parents share counts for each of them.
        expanded_values: values to which paths of `where`, `orderBy` and `groups` lead through links.
        history_points: points of `usageOver`: of each object, time and resource.
        pattern_steps: one search for a pattern: instructions of its program times characters of the text.
        introspected_fields: fields of the schema's own types in the answer to an introspection query.
        revealers: the callers who may reveal values of Secrets.
        revealed_secrets: Secrets of which values are revealed.
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
    history_points: int = 1_000_000
    pattern_steps: int = 50_000_000
    introspected_fields: int = 300_000
    probed_namespaces: int = 1000
    listed_namespaces: int = 200
    revealers: Revealers = Revealers.ADMINISTRATORS
    revealed_secrets: int = 20


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Limits of a document, checked before validation and before any request to a cluster.

    Attributes:
        characters: characters of its text.
        tokens: tokens without comments.
        comments: comments.
        depth: nested selection sets, with that of the operation.
        fields: selected fields; those of a fragment count for each spread.
        aliases: aliases, likewise.
        root_fields: fields of one operation's own selection set, likewise.
        directives: uses of directives.
        operations: operations.
        fragments: fragments.
        variables: variables of one operation.
        comparisons: pairs of selections that validation compares because they have the same response key.
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
    """Limits of memory.

    Attributes:
        process_bytes: resident memory of the whole process.
        caller_bytes: memory of all operations of one caller.
        operation_bytes: memory of one operation.
        wait_s: seconds that an operation waits for memory.
    """

    process_bytes: int = 1024 * MIB
    caller_bytes: int = 512 * MIB
    operation_bytes: int = 512 * MIB
    wait_s: float = 20.0

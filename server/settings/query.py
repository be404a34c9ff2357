"""What one query may be, and may cost."""

from pathlib import Path

from pydantic import Field

from server.settings.types import Seconds, SettingGroup


class QuerySettings(SettingGroup):
    """What one query may be, and may cost."""

    operation_timeout_s: Seconds = Field(default=30.0, description="What one query may take altogether.")
    max_objects: int = Field(
        default=200_000,
        ge=1,
        le=10_000_000,
        description="The most objects that one list of a query may read; above it the answer is LIMIT_EXCEEDED, as a "
        "whole or for the largest clusters alone ([schema.md](schema.md)).",
    )
    max_page_objects: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="The largest `first` of a list, and the most representations of all `_entities` of a query.",
    )
    max_document_characters: int = Field(
        default=100_000, ge=1, le=10_000_000, description="The longest document of a query, in characters."
    )
    max_tokens: int = Field(
        default=5000, ge=1, le=1_000_000, description="The most tokens of a document, comments left out."
    )
    max_comments: int = Field(default=200, ge=1, le=1_000_000, description="The most comments in a document.")
    max_operations: int = Field(default=20, ge=1, le=10_000, description="The most operations in a document.")
    max_fragments: int = Field(default=200, ge=1, le=10_000, description="The most fragments that a document defines.")
    max_variables: int = Field(default=100, ge=1, le=10_000, description="The most variables of one operation.")
    max_directives: int = Field(
        default=50, ge=1, le=100_000, description="The most directives in a document, as `@include(if: $x)`."
    )
    max_depth: int = Field(
        default=15, ge=1, le=200, description="The most selection sets of a query inside each other, its own counted."
    )
    max_root_fields: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="The most fields at the root of one operation, fragments counted wherever they are spread.",
    )
    max_aliases: int = Field(
        default=30,
        ge=1,
        le=1_000_000,
        description="The most aliases of a query, fragments counted wherever they are spread.",
    )
    max_selected_fields: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="The most fields that a query may select, fragments counted wherever they are spread.",
    )
    max_comparisons: int = Field(
        default=20_000,
        ge=1,
        le=1_000_000,
        description="The most comparisons of fields at the same place that checking a document may need; they grow "
        "with the square of fields and fragments that stand at one place more than once.",
    )
    max_sent_objects: int = Field(
        default=1_000_000,
        ge=1,
        le=100_000_000,
        description="The most objects in an answer, those that links share counted wherever they stand.",
    )
    max_requests: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="The most requests that a query may make: one for each of its lists and links and each cluster, "
        "one for each single object, and one for each kind and cluster of `_entities`, as estimated before the first.",
    )
    max_cost: int = Field(
        default=500_000,
        ge=1,
        le=1_000_000_000,
        description="The most objects that a query may cost, as estimated before the first request: of a list its "
        "`first` from each cluster; without one, 100 of each cluster, and 10 of a link of one object.",
    )
    max_expanded_values: int = Field(
        default=2_000_000,
        ge=1000,
        le=1_000_000_000,
        description="The most values that paths of `where`, `orderBy` and `groups` may lead to through links in one "
        "query, counted while they are read. What is estimated at ten times as many is refused before the first "
        "request.",
    )
    max_pattern_steps: int = Field(
        default=50_000_000,
        ge=100_000,
        le=1_000_000_000,
        description="The most steps of one search for a pattern of `MATCHES`: instructions of its program times "
        "characters of the text. At the default the slowest search takes about a second, in a thread of its own.",
    )
    max_introspected_fields: int = Field(
        default=300_000,
        ge=10_000,
        le=100_000_000,
        description="The most fields of the schema's own types (`__Type`, `__Field`, ...) in one answer.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether callers may ask for the schema, by introspection, `_service` or `/schema.graphql`; "
        "without it, errors suggest no names either.",
    )
    documents: Path | None = Field(
        default=None,
        description="Persisted documents: a manifest (`.json`), or a folder of manifests and documents (`.graphql`), "
        "read at the start.",
    )
    documents_only: bool = Field(default=False, description="Whether only persisted documents are executed.")

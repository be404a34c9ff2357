"""Settings of queries: documents, time and cost."""

from pathlib import Path

from pydantic import Field

from server.settings.types import Seconds, SettingGroup


class QuerySettings(SettingGroup):
    """Settings of queries: documents, time and cost."""

    operation_timeout_s: Seconds = Field(default=30.0, description="The timeout of one query.")
    max_objects: int = Field(
        default=200_000,
        ge=1,
        le=10_000_000,
        description="The maximum number of objects that one list of a query may read; above it the answer is "
        "LIMIT_EXCEEDED, as a whole or for the largest clusters only ([schema.md](schema.md)).",
    )
    max_page_objects: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="The largest `first` of a list, and the maximum number of representations of all `_entities` of a"
        " query.",
    )
    max_document_characters: int = Field(
        default=100_000, ge=1, le=10_000_000, description="The longest document of a query, in characters."
    )
    max_tokens: int = Field(
        default=5000, ge=1, le=1_000_000, description="The maximum number of tokens of a document, without comments."
    )
    max_comments: int = Field(
        default=200, ge=1, le=1_000_000, description="The maximum number of comments in a document."
    )
    max_operations: int = Field(
        default=20, ge=1, le=10_000, description="The maximum number of operations in a document."
    )
    max_fragments: int = Field(
        default=200, ge=1, le=10_000, description="The maximum number of fragments that a document defines."
    )
    max_variables: int = Field(
        default=100, ge=1, le=10_000, description="The maximum number of variables of one operation."
    )
    max_directives: int = Field(
        default=50,
        ge=1,
        le=100_000,
        description="The maximum number of directives in a document, such as `@include(if: $x)`.",
    )
    max_depth: int = Field(
        default=15,
        ge=1,
        le=200,
        description="The maximum depth of nested selection sets of a query, including its own.",
    )
    max_root_fields: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="The maximum number of fields at the root of one operation; fragments count at every spread.",
    )
    max_aliases: int = Field(
        default=30,
        ge=1,
        le=1_000_000,
        description="The maximum number of aliases of a query; fragments count at every spread.",
    )
    max_selected_fields: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="The maximum number of fields that a query may select; fragments count at every spread.",
    )
    max_comparisons: int = Field(
        default=20_000,
        ge=1,
        le=1_000_000,
        description="The maximum number of comparisons of fields with the same path for the validation of a document;"
        " it grows with the square of the fields and fragments that occur at one path more than once.",
    )
    max_sent_objects: int = Field(
        default=1_000_000,
        ge=1,
        le=100_000_000,
        description="The maximum number of objects in an answer; objects that several links share count at every "
        "occurrence.",
    )
    max_requests: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="The maximum number of requests of a query, estimated before the first: one for each list or link"
        " in each cluster, one for each single object, and one for each kind and cluster of `_entities`.",
    )
    max_cost: int = Field(
        default=500_000,
        ge=1,
        le=1_000_000_000,
        description="The maximum cost of a query in objects, estimated before the first request: the `first` of a "
        "list from each cluster; without it, 100 from each cluster; 10 for a link of one object.",
    )
    max_expanded_values: int = Field(
        default=2_000_000,
        ge=1000,
        le=1_000_000_000,
        description="The maximum number of values that paths of `where`, `orderBy` and `groups` may reach through "
        "links in one query, counted while they are read. An estimate of ten times as many is refused "
        "before the first request.",
    )
    max_history_points: int = Field(
        default=1_000_000,
        ge=1000,
        le=1_000_000_000,
        description="The maximum number of points of `usageOver` in a query, for each object, time and resource; also "
        "that of one answer of a Prometheus.",
    )
    max_pattern_steps: int = Field(
        default=50_000_000,
        ge=100_000,
        le=1_000_000_000,
        description="The maximum number of steps of one search for a pattern of `MATCHES`: instructions of its "
        "program times characters of the text. With the default the slowest search takes about a second, "
        "in a thread of its own.",
    )
    max_introspected_fields: int = Field(
        default=300_000,
        ge=10_000,
        le=100_000_000,
        description="The maximum number of fields of the schema's own types (`__Type`, `__Field`, ...) in one answer.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether callers may read the schema by introspection, `_service` or `/schema.graphql`; without "
        "it, errors suggest no names either.",
    )
    documents: Path | None = Field(
        default=None,
        description="Persisted documents: a manifest (`.json`), or a folder of manifests and documents (`.graphql`), "
        "read at the start.",
    )
    documents_only: bool = Field(default=False, description="Whether only persisted documents are executed.")

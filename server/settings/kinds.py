"""Settings of custom kinds: the ones with types of their own, their number, and the limits of their schemas."""

from typing import Final

from pydantic import Field, field_validator

from k8s.schemas.limits import SchemaLimits
from resolvers.types.typechoice import EVERY_GROUP, MAX_TYPES, MOST_SCHEMAS, TIMEOUT_S, TypeChoice
from server.settings.types import Bytes, Seconds, SettingGroup, Words

_LIMITS: Final = SchemaLimits()


class KindSettings(SettingGroup):
    """Settings of custom kinds."""

    typed_kinds: Words = Field(
        default=frozenset({EVERY_GROUP}),
        description="API groups whose custom kinds have types of their own, separated by commas: a group, "
        "`*.crossplane.io` for all groups below a domain, `*` for all; `-` before one excludes it, such as "
        "`*,-*.upbound.io`. All other kinds are read with `objects`. With `-*` no cluster is asked for types.",
    )
    max_types: int = Field(
        default=MAX_TYPES,
        ge=1,
        le=50_000,
        description="The maximum number of types of all custom kinds of a schema; whole kinds beyond it have none, and "
        "`kinds { problems }` names them.",
    )
    max_cluster_types: int = Field(
        default=_LIMITS.structures,
        ge=1,
        le=50_000,
        description="The maximum number of types of one cluster, in all versions of its custom kinds; of kinds beyond "
        "it, those that had a type keep it, and the others have none.",
    )
    max_schema_documents: int = Field(
        default=_LIMITS.documents,
        ge=1,
        le=10_000,
        description="The maximum number of OpenAPI documents, one for each version of a group, that are read of one "
        "cluster.",
    )
    max_schema_document_bytes: Bytes = Field(
        default=_LIMITS.document_bytes,
        description="The largest OpenAPI document or CRD that is read, at most `FLEETGRAPH_MAX_ANSWER_BYTES`; of a "
        "larger one, the kinds have no types.",
    )
    max_schema_index_bytes: Bytes = Field(
        default=_LIMITS.index_bytes,
        description="The largest index of the OpenAPI documents of a cluster; with a larger one, the types of the "
        "cluster stay as they were.",
    )
    max_schema_depth: int = Field(
        default=_LIMITS.depth,
        ge=1,
        le=100,
        description="The maximum number of levels of the schema of a custom kind; deeper fields are `JSON`.",
    )
    max_schema_fields: int = Field(
        default=_LIMITS.fields,
        ge=1,
        le=10_000,
        description="The maximum number of fields of one structure of a custom kind; a larger one is `JSON`.",
    )
    max_description_characters: int = Field(
        default=_LIMITS.description_characters,
        ge=10,
        le=100_000,
        description="The maximum number of characters of a description in a custom kind; a longer one is cut.",
    )
    max_schema_rereads: int = Field(
        default=_LIMITS.rereads,
        ge=1,
        le=100,
        description="How many times the index is read again while documents of a cluster change under the reader; "
        "kinds that change faster have no types.",
    )
    max_schemas: int = Field(
        default=MOST_SCHEMAS,
        ge=1,
        le=1000,
        description="The maximum number of schemas with custom kinds in memory. Callers whose clusters serve the same "
        "kinds share one; the least recently used one is built again. As many again are kept for persisted documents "
        "that name kinds of other clusters than the caller's.",
    )
    types_interval_s: Seconds = Field(
        default=10.0,
        description="The interval at which the server asks each cluster whether its custom kinds have changed: one "
        "small request. The schema follows within three intervals.",
    )
    types_timeout_s: Seconds = Field(
        default=TIMEOUT_S,
        description="The timeout of all requests for the types of one cluster, at each interval.",
    )

    @field_validator("typed_kinds")
    @classmethod
    def _require_groups(cls, value: frozenset[str]) -> frozenset[str]:
        TypeChoice.of(value)
        return value

    @property
    def type_choice(self) -> TypeChoice:
        """Returns the groups with types."""
        return TypeChoice.of(self.typed_kinds)

    @property
    def schema_limits(self) -> SchemaLimits:
        """Returns the limits of the schemas of one cluster."""
        return SchemaLimits(
            index_bytes=self.max_schema_index_bytes,
            document_bytes=self.max_schema_document_bytes,
            documents=self.max_schema_documents,
            structures=self.max_cluster_types,
            depth=self.max_schema_depth,
            fields=self.max_schema_fields,
            description_characters=self.max_description_characters,
            rereads=self.max_schema_rereads,
        )

"""Settings of custom kinds: the ones with types of their own, and their number."""

from pydantic import Field, field_validator

from resolvers.types.typechoice import EVERY_GROUP, MAX_TYPES, MOST_SCHEMAS, TypeChoice
from server.settings.types import Seconds, SettingGroup, Words


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
    max_schemas: int = Field(
        default=MOST_SCHEMAS,
        ge=1,
        le=1000,
        description="The maximum number of schemas with custom kinds in memory. Callers whose clusters serve the same "
        "kinds share one; the least recently used one is built again.",
    )
    types_interval_s: Seconds = Field(
        default=10.0,
        description="The interval at which the server asks each cluster whether its custom kinds have changed: one "
        "small request. The schema follows within three intervals.",
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

"""What is measured, traced, kept on record and logged."""

from enum import StrEnum

from pydantic import Field, SecretStr

from resolvers.audit.policy import WhenFull
from server.settings.types import SettingGroup


class LogLevel(StrEnum):
    """The least that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a logged event looks."""

    JSON = "json"
    CONSOLE = "console"


class MetricsAccess(StrEnum):
    """Who may read `/metrics`."""

    TOKEN = "token"  # noqa: S105  a word, not a token
    OPEN = "open"
    OFF = "off"


class ObservationSettings(SettingGroup):
    """What is measured, traced, kept on record and logged."""

    metrics_access: MetricsAccess = Field(
        default=MetricsAccess.TOKEN,
        description="Who may read `/metrics`: whoever has an administrator's token or that of the next setting "
        "(`token`), whoever reaches the port (`open`), or nobody (`off`).",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        max_length=1024,
        description="A token for `/metrics` and nothing else, of 16 to 1024 characters. Default: none.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s@/?#]+(/[^\s@?#]*)?$",
        description="Where traces go: the address of an OTLP collector, as `http://collector:4318`, without "
        "`/v1/traces` and without a password. Default: there are no traces.",
    )
    trace_ratio: float = Field(
        default=1.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Which part of the traces that begin here is kept; a caller's own decision is followed.",
    )
    trace_clusters: bool = Field(
        default=False,
        description="Whether requests to clusters carry `traceparent`, for API servers that make spans of their own.",
    )
    audit_retention_days: int = Field(default=90, ge=1, le=3650, description="How many days the audit keeps an event.")
    audit_max_events: int = Field(
        default=1_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="The most events that the audit keeps; beyond, the oldest reads and refusals are removed, but no "
        "changes. A million are about 400 MB.",
    )
    audit_waiting_events: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="The most events of the audit that wait in memory while the database does not answer.",
    )
    audit_when_full: WhenFull = Field(
        default=WhenFull.REFUSE,
        description="What happens to reads of secrets and to administrators' reads when no more events can wait: they "
        "are refused (`refuse`), or allowed and on record in the log only (`allow`). Changes are always refused.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, description="The least that is logged: `debug`, `info`, `warning` or `error`."
    )
    log_format: LogFormat = Field(
        default=LogFormat.JSON, description="One JSON object a line (`json`), or lines for people (`console`)."
    )

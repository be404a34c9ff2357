"""Settings of metrics, traces, the audit and logs."""

from enum import StrEnum

from pydantic import Field, SecretStr

from resolvers.audit.policy import WhenFull
from server.settings.types import SettingGroup


class LogLevel(StrEnum):
    """The lowest level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """The format of log events."""

    JSON = "json"
    CONSOLE = "console"


class MetricsAccess(StrEnum):
    """The access to `/metrics`."""

    TOKEN = "token"  # noqa: S105  a word, not a token
    OPEN = "open"
    OFF = "off"


class ObservationSettings(SettingGroup):
    """Settings of metrics, traces, the audit and logs."""

    metrics_access: MetricsAccess = Field(
        default=MetricsAccess.TOKEN,
        description="Access to `/metrics`: with an administrator's token or that of the next setting (`token`), for "
        "every client that reaches the port (`open`), or none (`off`).",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        max_length=1024,
        description="A token for `/metrics` only, of 16 to 1024 characters. Default: none.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s@/?#]+(/[^\s@?#]*)?$",
        description="The address of an OTLP collector for traces, such as `http://collector:4318`, without "
        "`/v1/traces` and without a password. Default: no traces.",
    )
    trace_ratio: float = Field(
        default=1.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="The ratio of sampled traces among those that begin here; a caller's own sampling decision is "
        "followed.",
    )
    trace_clusters: bool = Field(
        default=False,
        description="Whether requests to clusters carry `traceparent`, for API servers that create spans of their own.",
    )
    audit_retention_days: int = Field(
        default=90, ge=1, le=3650, description="The number of days for which the audit stores an event."
    )
    audit_max_events: int = Field(
        default=1_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="The maximum number of events in the audit; beyond it, the oldest reads and refusals are removed,"
        " but no changes. A million events take about 400 MB.",
    )
    audit_waiting_events: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="The maximum number of audit events that wait in memory while the database does not answer.",
    )
    audit_when_full: WhenFull = Field(
        default=WhenFull.REFUSE,
        description="The treatment of reads of secrets and of administrators' reads when no more events can wait: "
        "they are refused (`refuse`), or allowed and only logged (`allow`). Changes are always refused.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, description="The lowest level that is logged: `debug`, `info`, `warning` or `error`."
    )
    log_format: LogFormat = Field(
        default=LogFormat.JSON, description="One JSON object a line (`json`), or lines for people (`console`)."
    )

"""Settings of live connections: WebSockets, and responses that send the payloads of a subscription."""

from pydantic import Field

from server.settings.types import Bytes, Seconds, SettingGroup


class LiveSettings(SettingGroup):
    """Settings of live connections: WebSockets, and responses that send the payloads of a subscription."""

    max_live_connections: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="The maximum number of live connections of all callers: WebSockets, and responses that send the "
        "payloads of a subscription. WebSockets do not count as HTTP connections once their caller is known.",
    )
    max_caller_live_connections: int = Field(
        default=50, ge=1, le=1_000_000, description="The maximum number of live connections of one caller."
    )
    max_subscriptions: int = Field(
        default=20_000, ge=1, le=10_000_000, description="The maximum number of subscriptions of all callers."
    )
    max_caller_subscriptions: int = Field(
        default=1000, ge=1, le=10_000_000, description="The maximum number of subscriptions of one caller."
    )
    max_live_operations: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="The maximum number of concurrent operations on one WebSocket; further ones end with "
        "LIMIT_EXCEEDED.",
    )
    max_live_message_bytes: Bytes = Field(
        default=1_000_000,
        description="The largest message of a client on a WebSocket; a larger one closes it with 1009. Before "
        "`connection_init`, 64 KiB at most.",
    )
    live_message_timeout_s: Seconds = Field(
        default=10.0,
        description="The timeout of one message on a WebSocket, from its first to its last byte; then it is closed "
        "with 1013.",
    )
    live_init_timeout_s: Seconds = Field(
        default=10.0,
        description="The time that a client has to send `connection_init` on a WebSocket; then it is closed with 4408.",
    )
    live_idle_timeout_s: Seconds = Field(
        default=600.0,
        description="The time for which a WebSocket without an operation stays open; then it is closed with 1001.",
    )
    live_heartbeat_s: Seconds = Field(
        default=12.0,
        le=50,
        description="The interval of pings on a WebSocket; a client that answers none for twice as long is "
        "disconnected. Also the silence after which an event stream sends a comment; it must be shorter than the idle "
        "timeouts of proxies in front.",
    )

"""Limits of connections that stay open; each is a setting (docs/settings.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLimits:
    """Limits of live connections: WebSockets, and responses that send the payloads of a subscription.

    Attributes:
        connections: Connections of all callers at once.
        caller_connections: Connections of one caller at once.
        subscriptions: Subscriptions of all callers at once.
        caller_subscriptions: Subscriptions of one caller at once.
        operations: Operations of one WebSocket at once.
        message_bytes: The largest message of a client.
        message_timeout_s: Seconds in which a message must arrive.
        init_timeout_s: Seconds until `connection_init`.
        idle_timeout_s: Seconds for which a connection without an operation stays open.
        heartbeat_s: Seconds between two pings, twice which a client has to answer; seconds of silence before an event
            stream sends a comment.
        send_timeout_s: Seconds that a client has to take one message; then its connection is closed.
    """

    connections: int = 10_000
    caller_connections: int = 50
    subscriptions: int = 20_000
    caller_subscriptions: int = 1000
    operations: int = 200
    message_bytes: int = 1_000_000
    message_timeout_s: float = 10.0
    init_timeout_s: float = 10.0
    idle_timeout_s: float = 600.0
    heartbeat_s: float = 12.0
    send_timeout_s: float = 120.0

"""Limits of connections that stay open; each is a setting (docs/settings.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """Limits of live connections.

    Attributes:
        init_timeout_s: Seconds until `connection_init`.
        message_bytes: The largest message of a client.
        operations: Operations of one connection at once.
        caller_connections: Connections of one caller at once.
        connections: Connections of all callers at once.
        idle_timeout_s: Seconds for which a connection without an operation stays open.
        send_timeout_s: Seconds that a client has to take one message; then its connection is closed.
        review_s: Seconds between two checks of the caller's token and grants.
        heartbeat_s: Seconds of silence after which an event stream sends a comment.
    """

    init_timeout_s: float = 10.0
    message_bytes: int = 2_000_000
    operations: int = 200
    caller_connections: int = 50
    connections: int = 20_000
    idle_timeout_s: float = 600.0
    send_timeout_s: float = 60.0
    review_s: float = 5.0
    heartbeat_s: float = 12.0

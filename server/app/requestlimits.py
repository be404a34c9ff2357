"""From settings to the bounds of HTTP requests; apart from the others, which commands need that serve nothing."""

from server.app.endpoint import HttpLimits
from server.ratelimit.ratelimit import AdmissionLimits
from server.ratelimit.strangers import StrangerLimits
from server.serve.connectionbounds import ConnectionBounds
from server.settings.settings import Settings


def http_limits(settings: Settings) -> HttpLimits:
    """Bounds of one HTTP request."""
    return HttpLimits(
        body_bytes=settings.max_body_bytes,
        body_values=settings.max_body_values,
        body_timeout_s=settings.body_timeout_s,
    )


def admission_limits(settings: Settings) -> AdmissionLimits:
    """Bounds of how many requests are worked on."""
    return AdmissionLimits(
        requests=settings.max_concurrent_requests,
        caller_requests=settings.max_caller_requests,
        caller_waiting=settings.max_caller_waiting,
        caller_wait_s=settings.caller_wait_s,
        caller_requests_per_minute=settings.max_caller_requests_per_minute,
    )


def stranger_limits(settings: Settings) -> StrangerLimits:
    """Bounds of how many requests without a token are worked on."""
    return StrangerLimits(
        requests=settings.max_anonymous_requests, requests_per_minute=settings.max_anonymous_requests_per_minute
    )


def connection_bounds(settings: Settings) -> ConnectionBounds:
    """Bounds of callers' connections."""
    return ConnectionBounds(
        connections=settings.max_http_connections,
        head_bytes=settings.max_head_bytes,
        head_timeout_s=settings.head_timeout_s,
        body_timeout_s=settings.body_timeout_s,
        idle_timeout_s=settings.idle_timeout_s,
        send_timeout_s=settings.send_timeout_s,
    )

"""What HTTP requests may be, how many there may be, and who may send them."""

import re
from typing import Final

from pydantic import Field, field_validator

from server.settings.types import Bytes, Seconds, SettingGroup, Words

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)


class RequestSettings(SettingGroup):
    """What HTTP requests may be, how many there may be, and who may send them."""

    max_body_bytes: Bytes = Field(default=2_000_000, description="The largest body of an HTTP request.")
    max_body_values: int = Field(
        default=120_000,
        ge=1000,
        le=10_000_000,
        description="The most values in the JSON of such a body, counted by commas, colons and brackets; a number with "
        "a fraction or an exponent counts 5 more, 64 digits 20.",
    )
    body_timeout_s: Seconds = Field(default=10.0, description="The longest wait for the whole body of an HTTP request.")
    max_http_connections: int = Field(
        default=2000,
        ge=1,
        le=100_000,
        description="The most connections of callers at once; a new one takes the place of the one that has waited for "
        "a request for longest, or else of the oldest of a stranger; where there is neither, only probes are answered "
        "on it.",
    )
    max_head_bytes: Bytes = Field(
        default=65_536,
        description="The most bytes of address and headers of an HTTP request; more are answered with 431.",
    )
    head_timeout_s: Seconds = Field(
        default=10.0,
        description="The longest wait for the headers of an HTTP request, and for its first byte; before, for a TLS "
        "handshake.",
    )
    idle_timeout_s: Seconds = Field(
        default=75.0, description="How long a connection is kept open for the next request; longer than a proxy does."
    )
    send_timeout_s: Seconds = Field(
        default=120.0,
        description="What a caller may take to take an answer, or a payload of one; then its connection is cut.",
    )
    max_concurrent_requests: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="The most requests of all callers that are worked on at once; more are answered with 503 and "
        "`Retry-After`.",
    )
    max_caller_requests: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="The most requests of one caller that are worked on at once; more wait for them.",
    )
    max_caller_waiting: int = Field(
        default=80,
        ge=1,
        le=100_000,
        description="The most requests of one caller that wait; more are answered with 429 and `Retry-After`.",
    )
    caller_wait_s: Seconds = Field(
        default=10.0, description="The longest wait of a request for others of the same caller, before it gets 429."
    )
    max_caller_requests_per_minute: int = Field(
        default=6000,
        ge=1,
        le=10_000_000,
        description="The most requests of one caller in a minute; more are answered with 429 and `Retry-After`.",
    )
    max_anonymous_requests: int = Field(
        default=100,
        ge=1,
        le=100_000,
        description="The most requests for pages, the schema and unknown addresses that are worked on at once; more "
        "wait for up to 5 s, and are then answered with 503 and `Retry-After`.",
    )
    max_anonymous_requests_per_minute: int = Field(
        default=12_000,
        ge=60,
        le=10_000_000,
        description="The most such requests of all strangers together in a minute, of which a twelfth may come at "
        "once; more wait for up to 5 s, and are then answered with 503 and `Retry-After`.",
    )
    cors_origins: Words = Field(
        default=frozenset(),
        description="Origins whose pages may read answers of `/graphql`, separated by commas, each exactly as browsers "
        "send it: `https://portal.example.com`. Default: none.",
    )
    drain_timeout_s: Seconds = Field(
        default=10.0, description="How long running queries may go on after the server was told to stop."
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: frozenset[str]) -> frozenset[str]:
        if not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError(
                "origins are scheme, host and port as browsers send them, in lower case and without a path, as "
                "https://portal.example.com; there is no *"
            )
        return value

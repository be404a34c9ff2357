"""Settings of HTTP requests: size, time, number and origins."""

import re
from typing import Final

from pydantic import Field, field_validator

from server.settings.types import Bytes, Seconds, SettingGroup, Words

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)


class RequestSettings(SettingGroup):
    """Settings of HTTP requests: size, time, number and origins."""

    max_body_bytes: Bytes = Field(
        default=2_000_000,
        description="The largest body of an HTTP request. A larger one is answered with 413; up to 8 times as much is "
        "read before, so that the client sees the answer.",
    )
    max_body_values: int = Field(
        default=120_000,
        ge=1000,
        le=10_000_000,
        description="The maximum number of values in the JSON of such a body, counted by commas, colons and brackets;"
        " a number with a fraction or an exponent counts 5 more, 64 digits 20.",
    )
    body_timeout_s: Seconds = Field(default=10.0, description="The timeout of the whole body of an HTTP request.")
    max_http_connections: int = Field(
        default=2000,
        ge=1,
        le=100_000,
        description="The maximum number of connections of callers. A new one replaces the one that has been idle for "
        "longest, or else the oldest one without a valid token; if there is neither, it can only send "
        "probes.",
    )
    max_head_bytes: Bytes = Field(
        default=65_536,
        description="The maximum size of address and headers of an HTTP request; a larger one is answered with 431.",
    )
    head_timeout_s: Seconds = Field(
        default=10.0,
        description="The timeout of the headers of an HTTP request, and of its first byte; before that, of a TLS "
        "handshake.",
    )
    idle_timeout_s: Seconds = Field(
        default=75.0,
        description="The time for which an idle connection stays open for the next request; it must be longer than "
        "that of a proxy in front.",
    )
    send_timeout_s: Seconds = Field(
        default=120.0,
        description="Seconds a client has to receive a response or one payload before the connection is closed.",
    )
    max_concurrent_requests: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="The maximum number of concurrent requests of all callers; more are answered with 503 and "
        "`Retry-After`.",
    )
    max_caller_requests: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="The maximum number of concurrent requests of one caller; more wait for them.",
    )
    max_caller_waiting: int = Field(
        default=80,
        ge=1,
        le=100_000,
        description="The maximum number of waiting requests of one caller; more are answered with 429 and "
        "`Retry-After`.",
    )
    caller_wait_s: Seconds = Field(
        default=10.0,
        description="The longest wait of a request for other requests of the same caller before it is answered with "
        "429.",
    )
    max_caller_requests_per_minute: int = Field(
        default=6000,
        ge=1,
        le=10_000_000,
        description="The maximum number of requests of one caller in a minute; more are answered with 429 and "
        "`Retry-After`.",
    )
    max_anonymous_requests: int = Field(
        default=100,
        ge=1,
        le=100_000,
        description="The maximum number of concurrent requests for pages, the schema and unknown addresses; more wait"
        " for up to 5 s, and are then answered with 503 and `Retry-After`.",
    )
    max_anonymous_requests_per_minute: int = Field(
        default=12_000,
        ge=60,
        le=10_000_000,
        description="The maximum number of such requests in a minute, of all clients without a valid token together; "
        "a twelfth of them may come at once. More wait for up to 5 s, and are then answered with 503 and "
        "`Retry-After`.",
    )
    cors_origins: Words = Field(
        default=frozenset(),
        description="Origins whose pages may read responses of `/graphql` and open WebSockets there, separated by "
        "commas, each exactly as browsers send it: `https://portal.example.com`. Default: none.",
    )
    contact: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Whom users without a grant are to ask, as the start page says it: `the platform team "
        "(platform@example.com)`. Anybody who reaches the server can read it. Default: whoever runs the server.",
    )
    drain_timeout_s: Seconds = Field(
        default=10.0, description="The time that running queries have to finish after SIGTERM."
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: frozenset[str]) -> frozenset[str]:
        if not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError(
                "origins are scheme, host and port as browsers send them, in lower case and without a path, such as "
                "https://portal.example.com; * is not supported"
            )
        return value

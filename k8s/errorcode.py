"""The codes of errors, as clients see them."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The codes of `extensions.code`, documented in docs/errors.md."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    KIND_UNAVAILABLE = "KIND_UNAVAILABLE"
    CONFLICT = "CONFLICT"
    INVALID = "INVALID"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    CLUSTER_UNREACHABLE = "CLUSTER_UNREACHABLE"
    CLUSTER_TIMEOUT = "CLUSTER_TIMEOUT"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    GONE = "GONE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    INTERNAL = "INTERNAL"

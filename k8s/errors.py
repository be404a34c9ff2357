"""What can go wrong with one cluster, and the only errors that leave this package on the read path.

    ClusterError                 code                 retryable
    ├── Unreachable              CLUSTER_UNREACHABLE  yes   refused, reset, no such host
    │   ├── TlsFailed            CLUSTER_UNREACHABLE  no    expired, wrong host, unknown CA, slow key exchange
    │   ├── AddressDenied        CLUSTER_UNREACHABLE  no    the operator's policy allows no connection there
    │   ├── BrokenOff            CLUSTER_UNREACHABLE  yes   reset in the middle, twice (k8s.translation)
    │   ├── CircuitOpen          CLUSTER_UNREACHABLE  yes   failed a moment ago, not asked again yet
    │   └── ProtocolBroken       CLUSTER_UNREACHABLE  yes   answered with something that is not the Kubernetes API
    │       └── AnswerTooLarge   CLUSTER_UNREACHABLE  yes   more than is read at once; smaller pages may help
    ├── TimedOut                 CLUSTER_TIMEOUT      yes
    ├── TooManyObjects           LIMIT_EXCEEDED       no    more than may be read at once
    ├── TooMuchMemory        LIMIT_EXCEEDED       no    its rows take most of what a query may hold
    ├── TooManyLinked        LIMIT_EXCEEDED       no    its objects lead to too many others
    ├── TooManyNamespaces        LIMIT_EXCEEDED       no    to ask one by one what the identity may list
    ├── CredentialUnusable       INTERNAL             no    stored, but cannot be decrypted or used
    ├── IdentityRefused          FORBIDDEN            no    the caller has a name that nobody is asked under
    └── StatusError              by HTTP status             the API server said no
        ├── Unauthenticated      UNAUTHENTICATED      no    401: the cluster does not accept its credential
        ├── Forbidden            FORBIDDEN            no    403: RBAC
        ├── NotFound             NOT_FOUND            no    404
        ├── Conflict             CONFLICT             yes   409
        ├── Gone                 GONE                 yes   410: the continue token is too old
        ├── Invalid              INVALID              no    400, 422, other 4xx
        │   └── SelectorRefused  BAD_USER_INPUT       no    400: a list by fields that the kind does not support
        ├── TooManyRequests      TOO_MANY_REQUESTS    yes   429
        └── ServerFailed         CLUSTER_UNREACHABLE  yes   5xx

Messages name cause and cluster, and of an answer only `reason`, `code` and `details.kind` or `details.name` of its
Status, or its HTTP status: never a body, a header or a token (a body may hold anything).
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The codes of `extensions.code`; documented in docs/errors.md."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID = "INVALID"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    CLUSTER_UNREACHABLE = "CLUSTER_UNREACHABLE"
    CLUSTER_TIMEOUT = "CLUSTER_TIMEOUT"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    GONE = "GONE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    INTERNAL = "INTERNAL"


class ClusterError(Exception):
    """Something about one cluster; `cluster` is its name, `reason` a word for machines."""

    code = ErrorCode.INTERNAL
    retryable = False
    reason = "Internal"

    def __init__(self, cluster: str, cause: str, *, reason: str | None = None) -> None:
        super().__init__(f"cluster {cluster!r}: {cause}")
        self.cluster = cluster
        self.cause = cause
        if reason is not None:
            self.reason = reason


def without_frames(error: ClusterError) -> ClusterError:
    """Returns the error without the frames that it came through: it stays in an answer, and they hold bodies."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


class Unreachable(ClusterError):
    """No connection, or it broke."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True
    reason = "Unreachable"


class TlsFailed(Unreachable):
    """The server's certificate or key exchange was not accepted; never downgraded, never retried."""

    retryable = False
    reason = "TlsFailed"


class AddressDenied(Unreachable):
    """Its address is one that is not connected to; nothing was sent."""

    retryable = False
    reason = "AddressDenied"


class CircuitOpen(Unreachable):
    """The cluster, or requests of this sort, failed a moment ago, and the pause is not over."""

    reason = "CircuitOpen"


class ProtocolBroken(Unreachable):
    """The answer is not what a Kubernetes API server sends."""

    reason = "ProtocolBroken"


class AnswerTooLarge(ProtocolBroken):
    """An answer has more bytes, or more values, than are read at once; of a list, a page with fewer objects may do."""


class TimedOut(ClusterError):
    """The cluster did not answer, or not completely, before its deadline."""

    code = ErrorCode.CLUSTER_TIMEOUT
    retryable = True
    reason = "TimedOut"


class TooManyObjects(ClusterError):
    """The list is longer than allowed; nothing is cut silently."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyObjects"


class TooMuchMemory(ClusterError):
    """Its rows take most of the memory that a query over several clusters may hold."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooMuchMemory"


class TooManyLinked(ClusterError):
    """The paths of a query lead from its objects to more than its share of the values that the query may read."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyLinked"


class TooManyNamespaces(ClusterError):
    """The identity may not list all namespaces at once, and there are more than may be asked one by one."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyNamespaces"


class CredentialUnusable(ClusterError):
    """The stored credential cannot be read; import the cluster again."""

    reason = "CredentialUnusable"


class IdentityRefused(ClusterError):
    """The caller cannot be told apart there, by a name that no cluster is asked under; nothing was sent."""

    code = ErrorCode.FORBIDDEN
    reason = "IdentityRefused"


class StatusError(ClusterError):
    """The API server answered with an HTTP status of 300 or more."""

    def __init__(self, cluster: str, cause: str, *, status: int, reason: str | None = None) -> None:
        super().__init__(cluster, cause, reason=reason)
        self.status = status
        self.is_about_object = False  # whether it names an object, rather than a kind that is not served
        self.retry_after_s: float | None = None  # how long the API server wants to be left alone, if it said so


class Unauthenticated(StatusError):
    """401: the cluster does not accept the credential."""

    code = ErrorCode.UNAUTHENTICATED
    reason = "Unauthorized"


class Forbidden(StatusError):
    """403: the cluster's RBAC says no."""

    code = ErrorCode.FORBIDDEN
    reason = "Forbidden"


class ResourceNotFound(StatusError):
    """404."""

    code = ErrorCode.NOT_FOUND
    reason = "NotFound"


class Conflict(StatusError):
    """409."""

    code = ErrorCode.CONFLICT
    retryable = True
    reason = "Conflict"


class Gone(StatusError):
    """410: the list's continue token is older than what etcd keeps."""

    code = ErrorCode.GONE
    retryable = True
    reason = "Expired"


class Invalid(StatusError):
    """400, 422 and other client errors: the API server does not understand or accept the request."""

    code = ErrorCode.INVALID
    reason = "Invalid"


class SelectorRefused(Invalid):
    """400 to a list: a field selector names what the kind does not support, and all else of a list was checked."""

    code = ErrorCode.BAD_USER_INPUT
    reason = "SelectorRefused"


class TooManyRequests(StatusError):
    """429: the API server sheds load."""

    code = ErrorCode.TOO_MANY_REQUESTS
    retryable = True
    reason = "TooManyRequests"


class ServerFailed(StatusError):
    """5xx."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True
    reason = "ServerFailed"

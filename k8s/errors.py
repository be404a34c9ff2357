"""Errors of one cluster, and the only ones that leave this package on the read path.

    ClusterError                 code                 retryable
    ├── Unreachable              CLUSTER_UNREACHABLE  yes   refused, reset, no such host
    │   ├── TlsFailed            CLUSTER_UNREACHABLE  no    expired, wrong host, unknown CA, slow key exchange
    │   ├── AddressDenied        CLUSTER_UNREACHABLE  no    the operator's policy allows no connection to it
    │   ├── BrokenOff            CLUSTER_UNREACHABLE  yes   reset in the middle, twice (k8s.transport.exceptionmapping)
    │   ├── CircuitOpen          CLUSTER_UNREACHABLE  yes   failed a moment ago, no request sent yet
    │   └── ProtocolBroken       CLUSTER_UNREACHABLE  yes   the answer is not one of the Kubernetes API
    │       └── AnswerTooLarge   CLUSTER_UNREACHABLE  yes   over the limit of an answer; smaller pages may help
    ├── TimedOut                 CLUSTER_TIMEOUT      yes
    ├── TooManyObjects           LIMIT_EXCEEDED       no    over the limit of objects
    ├── TooMuchMemory            LIMIT_EXCEEDED       no    its rows take most of the memory of a query
    ├── TooManyLinked            LIMIT_EXCEEDED       no    its objects lead to too many others
    ├── TooManyNamespaces        LIMIT_EXCEEDED       no    too many to ask one by one
    ├── TooManyWatches, TooMuchWatched: LIMIT_EXCEEDED      (k8s.watches.watchbudget)
    ├── KindUnavailable          KIND_UNAVAILABLE     no    not served in a version that can be read
    ├── NotPrinted               INVALID              no    of a server without Tables (k8s.apiserver.tables)
    ├── ValueDenied              INVALID              no    a value is not of its field's type (k8s.deniedvalues)
    ├── CredentialUnusable       INTERNAL             no    stored, but cannot be decrypted or used
    ├── IdentityRefused          FORBIDDEN            no    the caller's name cannot be impersonated
    └── StatusError              by HTTP status             a refusal of the API server
        ├── Unauthenticated      UNAUTHENTICATED      no    401: the cluster does not accept its credential
        ├── Forbidden            FORBIDDEN            no    403: RBAC
        ├── ResourceNotFound     NOT_FOUND            no    404; for a kind, if what is served is unknown
        ├── Conflict             CONFLICT             yes   409
        ├── Gone                 GONE                 yes   410: the continue token is too old
        ├── Invalid              INVALID              no    400, 422, other 4xx
        │   └── SelectorRefused  BAD_USER_INPUT       no    400: a list by a selector that the server refuses
        ├── TooManyRequests      TOO_MANY_REQUESTS    yes   429
        └── ServerFailed         CLUSTER_UNREACHABLE  yes   5xx

Messages name cause and cluster. Of an answer they name only its HTTP status, `reason`, `code`, `details.kind` and
`details.name` of its Status, or words of a Prometheus (k8s.prometheus.refusal): never a body, a header or a token.
"""

from k8s.errorcode import ErrorCode as ErrorCode  # for all who handle these errors


class ClusterError(Exception):
    """An error of one cluster; `cluster` is its name, `reason` a word for programs."""

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
    """Returns the error without its traceback: it stays in an answer, and the frames would hold bodies."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


class Unreachable(ClusterError):
    """No connection, or a broken one."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True
    reason = "Unreachable"


class TlsFailed(Unreachable):
    """A certificate or key exchange of the server that is refused; never downgraded, never retried."""

    retryable = False
    reason = "TlsFailed"


class AddressDenied(Unreachable):
    """An address that must not be connected to; no request was sent."""

    retryable = False
    reason = "AddressDenied"


class CircuitOpen(Unreachable):
    """A cluster, or a flow of requests, that failed a moment ago and is paused."""

    reason = "CircuitOpen"


class ProtocolBroken(Unreachable):
    """An answer that no Kubernetes API server sends."""

    reason = "ProtocolBroken"


class AnswerTooLarge(ProtocolBroken):
    """An answer with more bytes or values than the limit; a page with fewer objects may fit."""


class TimedOut(ClusterError):
    """No answer, or no complete one, before the deadline."""

    code = ErrorCode.CLUSTER_TIMEOUT
    retryable = True
    reason = "TimedOut"


class BrokenOff(Unreachable):
    """A connection that was reset in the middle; a read may be retried once."""

    reason = "BrokenOff"


class NotConnected(TimedOut):
    """A connection that was not established in time."""


class TooManyObjects(ClusterError):
    """A list that is longer than the limit. Lists are never cut silently."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyObjects"


class TooMuchMemory(ClusterError):
    """A list whose rows take most of the memory of a query over several clusters."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooMuchMemory"


class TooManyLinked(ClusterError):
    """Paths of a query that lead to more objects than the cluster's share of the query's limit."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyLinked"


class TooManyNamespaces(ClusterError):
    """An identity that must not list all namespaces at once, and too many namespaces to ask one by one."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooManyNamespaces"


class KindUnavailable(ClusterError):
    """A kind that a cluster serves in no version (`is_absent`), or in none that has the shape of the kind's type."""

    code = ErrorCode.KIND_UNAVAILABLE
    reason = "KindUnavailable"

    def __init__(self, cluster: str, cause: str, *, is_absent: bool = False) -> None:
        super().__init__(cluster, cause)
        self.is_absent = is_absent


class CredentialUnusable(ClusterError):
    """A stored credential that cannot be read; the way out is to import the cluster again."""

    reason = "CredentialUnusable"


class IdentityRefused(ClusterError):
    """A caller whose name must not be impersonated; no request was sent."""

    code = ErrorCode.FORBIDDEN
    reason = "IdentityRefused"


class StatusError(ClusterError):
    """An answer with an HTTP status of 300 or more."""

    def __init__(self, cluster: str, cause: str, *, status: int, reason: str | None = None) -> None:
        super().__init__(cluster, cause, reason=reason)
        self.status = status
        self.is_about_object = self.is_of_kubernetes = False  # or the kind is not served; its body is no Status
        self.fault = ""  # the fault of the credential that its own dates show, in words
        self.explanation = ""  # the words of the server that may be shown (k8s.transport.call)
        self.retry_after_s: float | None = None  # the pause that the API server asks for


class Unauthenticated(StatusError):
    """401: the cluster does not accept the credential."""

    code = ErrorCode.UNAUTHENTICATED
    reason = "Unauthorized"


class Forbidden(StatusError):
    """403: the cluster's RBAC denies the request."""

    code = ErrorCode.FORBIDDEN
    reason = "Forbidden"


class ResourceNotFound(StatusError):
    """404: there is no such object, or no such kind."""

    code = ErrorCode.NOT_FOUND
    reason = "NotFound"


class Conflict(StatusError):
    """409: the object exists already, or has changed."""

    code = ErrorCode.CONFLICT
    retryable = True
    reason = "Conflict"


class Gone(StatusError):
    """410: the list's continue token is older than the history that etcd keeps."""

    code = ErrorCode.GONE
    retryable = True
    reason = "Expired"


class Invalid(StatusError):
    """400, 422 and other client errors: the API server does not understand or accept the request."""

    code = ErrorCode.INVALID
    reason = "Invalid"


class SelectorRefused(Invalid):
    """400 to a list, with a message about its selector: the kind does not support a field, for example."""

    code = ErrorCode.BAD_USER_INPUT
    reason = "SelectorRefused"


class TooManyRequests(StatusError):
    """429: the API server sheds load."""

    code = ErrorCode.TOO_MANY_REQUESTS
    retryable = True
    reason = "TooManyRequests"


class ServerFailed(StatusError):
    """5xx: the API server failed."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True
    reason = "ServerFailed"

"""What the values of enums mean, for API users."""

from collections.abc import Mapping
from enum import Enum

from k8s.errors import ErrorCode
from resolvers.reports import ClusterStatus

MEANINGS: Mapping[type[Enum], Mapping[str, str]] = {
    ClusterStatus: {
        "OK": "It answered, with all its objects.",
        "UNREACHABLE": "No connection, a broken one, or an answer that no Kubernetes API server gives.",
        "TIMEOUT": "It did not answer completely before its deadline.",
        "FORBIDDEN": "It does not accept the credential, or does not allow this list.",
        "FAILED": "It answered with another error; `error` says which.",
    },
    ErrorCode: {
        "UNAUTHENTICATED": "The caller, or fleetgraph at the cluster, is not accepted.",
        "FORBIDDEN": "The cluster's RBAC does not allow it.",
        "NOT_FOUND": "There is no such cluster, or the cluster does not serve the kind.",
        "CONFLICT": "The object has changed meanwhile.",
        "INVALID": "The API server does not understand or accept the request.",
        "BAD_USER_INPUT": "The document or an argument cannot be meant as it stands; asking again does not help.",
        "CLUSTER_UNREACHABLE": "No connection to the cluster, or it broke.",
        "CLUSTER_TIMEOUT": "The cluster did not answer completely before its deadline.",
        "TOO_MANY_REQUESTS": "The API server sheds load.",
        "GONE": "The cluster no longer keeps what the request continues.",
        "LIMIT_EXCEEDED": "More than allowed; the message names the figure and the limit.",
        "INTERNAL": "Something unexpected; the log has the details under the id in `extensions.id`.",
    },
}
"""By enum and name of the value; one without a text is an error when the schema is built."""

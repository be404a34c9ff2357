"""Descriptions of enum values, for API users."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar, cast

import strawberry
from strawberry.types.enum import has_enum_definition

from k8s.credentials.expiry import CredentialKind
from k8s.errorcode import ErrorCode
from k8s.watches.freshness import Freshness
from resolvers.arguments.where import Direction
from resolvers.filters.conditions import Operator, Quantifier
from resolvers.grouping.figures import Figure
from resolvers.kinds.anykind.rawjson import ManifestFormat
from resolvers.kinds.autoscaling.horizontalpodautoscaler import AutoscalerLimit
from resolvers.kinds.autoscaling.metrictargets import MetricTargetType
from resolvers.kinds.batch.job import JobState
from resolvers.kinds.cluster import ClusterSource
from resolvers.kinds.core.container import ContainerKind
from resolvers.kinds.core.containerstate import ContainerPhase
from resolvers.kinds.environment.variables import EnvironmentSourceKind
from resolvers.kinds.health.objecthealth import HealthStatus
from resolvers.kinds.networking.policypeer import TrafficDirection
from resolvers.kinds.podspecs.uses import WayOfUse
from resolvers.kinds.scheduling.podgroup import SchedulingPolicy
from resolvers.lists.clusternotes import NoteCode
from resolvers.lists.clusterreports import ClusterStatus, ScopeKind
from resolvers.live.changes import ChangeType
from store.audit.event import AuditAction, AuditOutcome
from store.clusters.grant import RoleKind, SubjectKind

E = TypeVar("E", bound=type[Enum])

MEANINGS: Mapping[type[Enum], Mapping[str, str]] = {
    ChangeType: {
        "ADDED": "It is in the list now.",
        "MODIFIED": "It is in the list as before, and what is selected of it has changed.",
        "DELETED": "It is no longer in the list: it was deleted, or does not match any more.",
    },
    Freshness: {
        "SYNCING": "Not all objects have arrived yet.",
        "LIVE": "All changes arrive.",
        "STALE": "The connection was lost, and is about to be made again; the objects are those of before.",
        "FAILED": "The objects cannot be watched.",
    },
    MetricTargetType: {
        "Utilization": "A percentage of the requests of the pods, averaged over them.",
        "AverageValue": "A value, averaged over the pods.",
        "Value": "A value as a whole.",
    },
    AutoscalerLimit: {
        "MAXIMUM": "It has its largest number of replicas.",
        "MINIMUM": "It has its smallest number of replicas.",
        "SCALING_LIMITED": "Another limit by its condition ScalingLimited, such as the pace of its behavior.",
    },
    JobState: {
        "Complete": "It has succeeded.",
        "Failed": "It has failed.",
        "Terminating": "It is being deleted.",
        "Suspended": "It has no pods until it is resumed.",
        "FailureTarget": "It fails as soon as its pods have ended.",
        "SuccessCriteriaMet": "It succeeds as soon as its pods have ended.",
        "Running": "It is none of these.",
    },
    SchedulingPolicy: {
        "Basic": "Each on its own.",
        "Gang": "All at once, or none.",
    },
    AuditAction: {
        "CLUSTER_IMPORT": "A cluster and its credential, or a snapshot, was stored or replaced.",
        "CLUSTER_CHANGE": "A cluster's labels were changed.",
        "CLUSTER_REMOVE": "A cluster and its credential were removed.",
        "GRANT_ADD": "A user or group was granted a role in clusters.",
        "GRANT_REMOVE": "A grant was removed.",
        "TOKEN_CREATE": "An API token was created.",
        "TOKEN_REVOKE": "An API token was revoked.",
        "KEY_ROTATE": "Stored credentials were encrypted with a new key, or unused keys were deleted.",
        "SECRET_READ": "Secrets were listed, counted or got.",
        "SECRET_REVEAL": "Values of a Secret were revealed; the name has the keys in brackets.",
        "ADMINISTRATOR_USE": "An administrator read other objects of a cluster.",
        "DENIAL": "A caller was refused, by fleetgraph or by a cluster.",
    },
    AuditOutcome: {
        "BEGUN": "It began; if it stays so, the process ended before the outcome was known.",
        "SUCCEEDED": "It happened.",
        "DENIED": "fleetgraph, or the cluster, did not allow it.",
        "FAILED": "It did not happen, for the reason in `code`.",
        "ABANDONED": "The caller disconnected before it ended.",
    },
    SubjectKind: {
        "USER": "One user.",
        "GROUP": "Every user in the group, according to authentication.",
    },
    RoleKind: {
        "CLUSTER_ROLE": "A ClusterRole, in the whole cluster or in some namespaces.",
        "ROLE": "The Role of one name in each of some namespaces.",
    },
    ClusterSource: {
        "LIVE": "An API server, read now.",
        "SNAPSHOT": "A dump of a cluster, as of `takenAt`.",
    },
    EnvironmentSourceKind: {
        "ConfigMap": "A key of a ConfigMap.",
        "Secret": "A key of a Secret; the value is masked.",
        "Pod": "A field of the pod, or a limit of it.",
        "Container": "A request or limit of a container.",
        "Node": "What the node can allocate: the container has no limit of its own.",
        "Volume": "A file in a volume.",
    },
    TrafficDirection: {
        "Ingress": "The peer connects to the pods.",
        "Egress": "The pods connect to the peer.",
    },
    ContainerKind: {
        "INIT": "It runs before the others, and ends.",
        "SIDECAR": "It starts before the others, and runs beside them: an init container that always restarts.",
        "APP": "One of the pod's own containers.",
        "EPHEMERAL": "It was added for debugging.",
    },
    ContainerPhase: {
        "WAITING": "It is not running yet, or again.",
        "RUNNING": "It runs.",
        "TERMINATED": "It has ended.",
    },
    ClusterStatus: {
        "OK": "It answered, with all its objects.",
        "PARTIAL": "It answered, with the objects of those namespaces that the caller may list; see `scope`.",
        "UNREACHABLE": "No connection, a broken one, or an answer that no Kubernetes API server gives.",
        "TIMEOUT": "It did not answer completely before its deadline.",
        "FORBIDDEN": "It does not accept the credential, or does not allow this list.",
        "NOT_SERVED": "It does not serve the kind, so it has no such objects and none are missing.",
        "FAILED": "It answered with another error; `error` says which.",
    },
    NoteCode: {
        "NOT_SERVED": "The cluster does not serve the API that has the values.",
        "NOT_CONFIGURED": "fleetgraph has no address from which the values of this cluster are read.",
        "NO_DATA": "The source of the values answered, and has none for any of the objects.",
        "FORBIDDEN": "The caller may not read the source of the values.",
        "UNAVAILABLE": "The source of the values did not answer, or not with values.",
        "PARTIAL": "The source of the values warns that they may be incomplete, so that they may be too small.",
        "MASKED": "The operator masks fields that the values are made of.",
    },
    HealthStatus: {
        "Current": "Its controller has finished: the status agrees with the spec.",
        "InProgress": "Its controller has not finished yet.",
        "Failed": "Its controller cannot finish, and says so.",
        "Terminating": "Its deletion has been requested.",
        "NotFound": "It does not exist; no object that is read has this.",
        "Unknown": "It has a status that the rules do not understand.",
    },
    WayOfUse: {
        "VOLUME": "A volume of a pod.",
        "PROJECTED_VOLUME": "One of the sources of a projected volume.",
        "VOLUME_CREDENTIAL": "The credential of a driver, such as CSI or iSCSI, of a pod's or a persistent volume.",
        "CLASS_CREDENTIAL": "The credential of the driver of a storage class, by its parameters.",
        "ENV": "The value of an environment variable of a container.",
        "ENV_FROM": "All environment variables of a source of a container.",
        "PULL_SECRET": "The credential of an image registry, of a pod or a service account.",
        "SERVICE_ACCOUNT": "The service account that a pod runs as.",
        "CLAIM_TEMPLATE": "A claim made of a template of a stateful set.",
        "TLS": "The certificate and the key of an ingress.",
        "ACCOUNT_SECRET": "A Secret that pods of a service account may use.",
    },
    ScopeKind: {
        "CLUSTER": "All objects of the list, in the whole cluster.",
        "NAMESPACES": "Only objects in the namespaces of `namespaces`.",
    },
    CredentialKind: {
        "TOKEN": "A bearer token.",
        "CLIENT_CERTIFICATE": "A client certificate and its key.",
        "POD_SERVICE_ACCOUNT": "The service account of fleetgraph's own pod, whose token Kubernetes renews.",
        "EXEC_PLUGIN": "A program that issues tokens.",
    },
    ErrorCode: {
        "UNAUTHENTICATED": "The caller, or fleetgraph at the cluster, is not accepted.",
        "FORBIDDEN": "The cluster's RBAC does not allow it.",
        "NOT_FOUND": "There is no such cluster, or no such kind in a cluster that does not tell what it serves.",
        "KIND_UNAVAILABLE": "The cluster does not serve the kind in a version that can be read.",
        "CONFLICT": "The object was changed in the meantime.",
        "INVALID": "The API server does not understand or accept the request.",
        "BAD_USER_INPUT": "The document or an argument is invalid; a retry does not help.",
        "CLUSTER_UNREACHABLE": "No connection to the cluster, or it broke.",
        "CLUSTER_TIMEOUT": "The cluster did not answer completely before its deadline.",
        "TOO_MANY_REQUESTS": "The API server sheds load.",
        "GONE": "The cluster no longer keeps what the request continues.",
        "LIMIT_EXCEEDED": "More than allowed; the message names the figure and the limit.",
        "INTERNAL": "Something unexpected; the log has the details under the id in `extensions.id`.",
    },
    Operator: {
        "EQ": "The same value.",
        "NE": "Another value, or none.",
        "LT": "Less.",
        "LE": "Less or the same.",
        "GT": "More.",
        "GE": "More or the same.",
        "IN": "One of a list of values.",
        "NOT_IN": "None of a list of values, or no value.",
        "EXISTS": "Any value, object or link that is not null.",
        "NOT_EXISTS": "Null, or an empty list.",
        "CONTAINS": "A text that contains this one.",
        "STARTS_WITH": "A text that begins with this one.",
        "MATCHES": "A text in which this regular expression (RE2) matches; ^ and $ match its ends.",
    },
    Quantifier: {
        "ANY": "At least one of the values.",
        "ALL": "Every value; also if there is none.",
        "NONE": "No value.",
    },
    Figure: {
        "COUNT": "The number of objects in a group.",
        "KEY": "The values of the group's key.",
        "SUM": "The sum of the values at a path.",
        "MIN": "The least of them.",
        "MAX": "The greatest of them.",
        "AVG": "Their mean.",
    },
    ManifestFormat: {
        "JSON": "A JSON value.",
        "YAML": "A text, as `kubectl get -o yaml` writes it.",
    },
    Direction: {
        "ASC": "The least first.",
        "DESC": "The most first.",
    },
}
"""Descriptions by enum and name of the value; building the schema fails if one is missing."""


def described(enum: E, *, name: str | None = None) -> E:
    """Makes an enum a Strawberry enum, with descriptions of its values, under its class name or `name`."""
    if has_enum_definition(enum):
        return cast(E, enum)
    known = strawberry.enum(enum, name=name, description=" ".join((enum.__doc__ or "").split()))
    assert has_enum_definition(known)  # noqa: S101  made in the line above
    for value in known.__strawberry_definition__.values:
        value.description = MEANINGS[enum][value.name]
    return enum

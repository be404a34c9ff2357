"""The one place that builds paths on an API server.

Clients that quote too little or too much have turned `..` into another namespace's objects and a pod's deletion into
its namespace's. So every segment is checked against the path segment names of Kubernetes, and the URL is built once,
already encoded (source: `path.IsValidPathSegmentName` of k8s.io/apimachinery, RFC 1123). Only names of a few kinds have
characters that need percent-encoding, and no segment has a `/` or `%` that a server could find when it decodes it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NewType
from urllib.parse import quote, unquote

from k8s.dnslabel import DNS_LABEL
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind

ApiPath = NewType("ApiPath", str)
"""A path that begins with `/api`, `/apis` or `/openapi`, or is a fixed one; every segment of it was checked."""

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_SEGMENT = re.compile(r"[-A-Za-z0-9._:@+~]+", re.ASCII)
_ANY_SEGMENT = re.compile(r"[^/%\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""Text without `/` and `%`, which API servers refuse in names, and without control characters and lone surrogates,
which they accept in names of a few kinds, but which no log and no terminal shows as they are."""
_LONGEST_NAME = 253
_LONGEST_SEGMENT = 1024
"""The limit of names that API servers do not limit, so that ids and request lines stay short enough to send."""
_UNESCAPED = "-._~:@+"
"""The punctuation that stays as it is in a path."""
_PUNCTUATED = frozenset(
    map(str, (kinds.API_SERVICE, kinds.CLUSTER_TRUST_BUNDLE, kinds.IP_ADDRESS, kinds.LEASE_CANDIDATE))
)
"""Kinds, in any version, whose names have more punctuation than a DNS subdomain, such as `v1.` and `2001:db8::1`."""
_BUILT_IN = frozenset(map(str, kinds.BUILT_IN))
"""All others may be of aggregated API servers, whose names have such punctuation: `app:latest` is an ImageStreamTag of
OpenShift."""
_FREELY_NAMED = frozenset(
    str(kind)
    for kind in (
        kinds.CERTIFICATE_SIGNING_REQUEST,
        kinds.CLUSTER_ROLE,
        kinds.CLUSTER_ROLE_BINDING,
        kinds.EVENT,
        kinds.EVENTS_EVENT,
        kinds.POD_DISRUPTION_BUDGET,
        kinds.ROLE,
        kinds.ROLE_BINDING,
    )
)
"""Kinds, in any version, whose names need only be path segments, such as `system:node` and `Read, write`."""

_OF_NAMESPACES: Final = frozenset({"status", "finalize"})
"""Subresources of a Namespace, which are no resources inside it."""

VERSION_PATH = ApiPath("/version")
CORE_PATH = ApiPath("/api/v1")
DISCOVERY_PATHS = (ApiPath("/api"), ApiPath("/apis"))
OPENAPI_PATH = ApiPath("/openapi/v3")
QUERY_RANGE_PATH = ApiPath("/api/v1/query_range")
"""The path of queries over a range of time at a Prometheus."""
SUBJECT_REVIEWS = ApiPath("/apis/authentication.k8s.io/v1/selfsubjectreviews")
ACCESS_REVIEWS = ApiPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
RULES_REVIEWS = ApiPath("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")


class PathInvalid(ValueError):
    """A name or namespace that no Kubernetes object can have."""


def group_path(group: str, version: str) -> ApiPath:
    """Returns the path below which an API version of a group serves its kinds; the core group is empty.

    Raises:
        PathInvalid: The group or the version is invalid.
    """
    is_group = not group or (len(group) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(group))
    if not is_group or not DNS_LABEL.fullmatch(version):
        raise PathInvalid(f"{_quoted(f'{group}/{version}')} is no API version.")
    return ApiPath(f"/apis/{group}/{version}" if group else f"/api/{version}")


def openapi_path(group: str, version: str) -> ApiPath:
    """Returns the path of the OpenAPI v3 document of an API version; raises as `group_path`."""
    return ApiPath(f"{OPENAPI_PATH}{group_path(group, version)}")


@lru_cache(maxsize=1024)
def kind_root(kind: Kind) -> ApiPath:
    """Returns the path below which a kind is served.

    Raises:
        PathInvalid: The kind's names are invalid. A subresource is no kind, so there is no path to `pods/exec`.
    """
    if not DNS_LABEL.fullmatch(kind.plural):
        raise PathInvalid(f"{_quoted(kind.plural)} is no resource.")
    return group_path(kind.group, kind.version)


def list_path(kind: Kind, namespace: str | None = None) -> ApiPath:
    """Returns the path of all objects of `kind`, or of those in one namespace.

    Raises:
        PathInvalid: `namespace` is no DNS label, or the kind has no namespaces.
    """
    root = kind_root(kind)
    if namespace is None:
        return ApiPath(f"{root}/{kind.plural}")
    if not kind.namespaced:
        raise PathInvalid(f"{kind.name} objects have no namespace; leave it out.")
    return ApiPath(f"{root}/namespaces/{checked_namespace(namespace)}/{kind.plural}")


def object_path(kind: Kind, namespace: str | None, name: str) -> ApiPath:
    """Returns the path of one object.

    Raises:
        PathInvalid: A segment is invalid, or a namespaced kind lacks its namespace.
    """
    if kind.namespaced and namespace is None:
        raise PathInvalid(f"{kind.name} objects live in a namespace; name it.")
    return ApiPath(f"{list_path(kind, namespace)}/{quote(_checked_name(kind, name), safe=_UNESCAPED)}")


def token_path(namespace: str, service_account: str) -> ApiPath:
    """Returns the path of a ServiceAccount's tokens (TokenRequest API); raises as `object_path`."""
    return ApiPath(f"{object_path(kinds.SERVICE_ACCOUNT, namespace, service_account)}/token")


def service_proxy_path(namespace: str, service: str, port: str, path: ApiPath, *, scheme: str = "") -> ApiPath:
    """Returns the path by which an API server passes a request on to a service.

    Args:
        namespace: The namespace of the service.
        service: Its name.
        port: The name or number of its port.
        path: The path on the service.
        scheme: `https` for a service with TLS; empty for HTTP.

    Raises:
        PathInvalid: A segment is invalid.
    """
    for part in (service, port):
        if not DNS_LABEL.fullmatch(part):
            raise PathInvalid(f"{_quoted(part)} is no name of a service or of its port.")
    if port.isdecimal() and not 1 <= int(port) <= 65535:
        raise PathInvalid(f"{_quoted(port)} is no port; it is a number from 1 to 65535, or a name.")
    if scheme not in {"", "http", "https"}:
        raise PathInvalid(f"{_quoted(scheme)} is no scheme of a service; write https or http.")
    segment = f"{scheme}:{service}:{port}" if scheme else f"{service}:{port}"
    return ApiPath(f"{list_path(kinds.SERVICE, namespace)}/{segment}/proxy{path}")


def checked_namespace(namespace: str) -> str:
    """Returns the namespace, if it is a DNS label (RFC 1123)."""
    if not DNS_LABEL.fullmatch(namespace):
        raise PathInvalid(
            f"{_quoted(namespace)} is not a valid namespace: use a DNS label of at most 63 lower case characters."
        )
    return namespace


def checked_segment(name: str) -> str:
    """Returns the name, if an object of any kind can have it; a path needs it encoded (`object_path`)."""
    if not _is_segment(name):
        raise PathInvalid(
            f"{_quoted(name)} is not a valid name: use at most 1024 characters without '/', '%' and control "
            "characters, and neither '.' nor '..'."
        )
    return name


def _checked_name(kind: Kind, name: str) -> str:
    resource = str(kind)
    if resource in _FREELY_NAMED:
        if not _is_segment(name):
            raise PathInvalid(
                f"{_quoted(name)} is not a valid {kind.name} name: use at most 1024 characters without '/', '%' and "
                "control characters, and neither '.' nor '..'."
            )
    elif resource in _PUNCTUATED or resource not in _BUILT_IN:
        if len(name) > _LONGEST_NAME or not _SEGMENT.fullmatch(name) or name in {".", ".."}:
            raise PathInvalid(
                f"{_quoted(name)} is not a valid {kind.name} name: use at most 253 letters, digits and -._:@+~."
            )
    elif len(name) > _LONGEST_NAME or not _SUBDOMAIN.fullmatch(name):
        raise PathInvalid(f"{_quoted(name)} is not a valid {kind.name} name: use at most 253 of a-z, 0-9, '-' and '.'.")
    return name


def _is_segment(name: str) -> bool:
    return len(name) <= _LONGEST_SEGMENT and bool(_ANY_SEGMENT.fullmatch(name)) and name not in {".", ".."}


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


@dataclass(frozen=True, slots=True)
class ApiTarget:
    """The subject of a path in the words of Kubernetes' RBAC: a resource, and an object of it.

    Attributes:
        resource: The resource with group and subresource, such as `deployments.apps` and `pods/log`; the path itself if
            it has no resource (`/version`).
        namespace: The namespace; empty for all, and for kinds without.
        name: The name of the object; empty for lists.
        template: The path with placeholders for names.
    """

    resource: str
    namespace: str = ""
    name: str = ""
    template: str = ""


@lru_cache(maxsize=1024)
def api_target(path: ApiPath) -> ApiTarget:
    """Returns the subject of a path, for audits and traces.

    Source: `RequestInfoFactory` of k8s.io/apiserver.
    """
    head, group, parts = _split(path)
    if not parts:
        return ApiTarget(path, template=path)
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in _OF_NAMESPACES:
        namespace, parts = parts[1], parts[2:]
        head += "/namespaces/{namespace}"
    resource, name, subresource = (*parts, "", "")[:3]
    qualified = f"{resource}.{group}" if group else resource
    template = f"{head}/{resource}" + ("/{name}" if name else "") + (f"/{subresource}" if subresource else "")
    return ApiTarget(f"{qualified}/{subresource}" if subresource else qualified, namespace, name, template)


def _split(path: str) -> tuple[str, str, list[str]]:
    """Splits a path into its beginning with group and version, the group, and the decoded segments after it."""
    root, *rest = path.removeprefix("/").split("/")
    if root == "api" and rest:
        return f"/api/{rest[0]}", "", [*map(unquote, rest[1:])]
    if root == "apis" and len(rest) > 1:
        return f"/apis/{rest[0]}/{rest[1]}", rest[0], [*map(unquote, rest[2:])]
    return path, "", []

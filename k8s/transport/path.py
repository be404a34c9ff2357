"""The one place where a path on an API server is put together.

Clients that quote too little or too much have turned `..` into another namespace's objects and a pod's deletion into
its namespace's, so every segment is checked against what Kubernetes itself accepts as a path segment name, and the URL
is built once, already encoded (source: `path.IsValidPathSegmentName` of k8s.io/apimachinery, RFC 1123). Nothing that
passes needs percent-encoding.
"""

import re
from functools import lru_cache
from typing import NewType

from k8s.dnslabel import DNS_LABEL
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind

ApiPath = NewType("ApiPath", str)
"""A path that starts with `/api` or `/apis` or is one of the fixed ones; every segment of it was checked."""

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_SEGMENT = re.compile(r"[-A-Za-z0-9._:@+~]+", re.ASCII)
_LONGEST_NAME = 253
_FREELY_NAMED = frozenset(
    {
        kinds.API_SERVICE,
        kinds.CERTIFICATE_SIGNING_REQUEST,
        kinds.CLUSTER_ROLE,
        kinds.CLUSTER_ROLE_BINDING,
        kinds.CLUSTER_TRUST_BUNDLE,
        kinds.EVENT,
        kinds.EVENTS_EVENT,
        kinds.IP_ADDRESS,
        kinds.LEASE_CANDIDATE,
        kinds.POD_DISRUPTION_BUDGET,
        kinds.ROLE,
        kinds.ROLE_BINDING,
    }
)
"""Kinds whose names are only held to being path segments, as `system:node`, `v1.` and `2001:db8::1`."""

VERSION_PATH = ApiPath("/version")
DISCOVERY_PATHS = (ApiPath("/api"), ApiPath("/apis"))
SUBJECT_REVIEWS = ApiPath("/apis/authentication.k8s.io/v1/selfsubjectreviews")
ACCESS_REVIEWS = ApiPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
RULES_REVIEWS = ApiPath("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")


class PathInvalid(ValueError):
    """A name or namespace that no Kubernetes object can have."""


def group_path(group: str, version: str) -> ApiPath:
    """The path below which an API version of a group serves its kinds; the core group is empty.

    Raises:
        PathInvalid: it is no group, or no version.
    """
    is_group = not group or (len(group) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(group))
    if not is_group or not DNS_LABEL.fullmatch(version):
        raise PathInvalid(f"{_shown(f'{group}/{version}')} is no API version.")
    return ApiPath(f"/apis/{group}/{version}" if group else f"/api/{version}")


@lru_cache(maxsize=1024)
def kind_root(kind: Kind) -> ApiPath:
    """The path below which a kind is served.

    Raises:
        PathInvalid: what the kind is called is none; a subresource is no kind, so there is no path to `pods/exec`.
    """
    if not DNS_LABEL.fullmatch(kind.plural):
        raise PathInvalid(f"{_shown(kind.plural)} is no resource.")
    return group_path(kind.group, kind.version)


def list_path(kind: Kind, namespace: str | None = None) -> ApiPath:
    """The path of all objects of `kind`, or of those in one namespace.

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
    """The path of one object.

    Raises:
        PathInvalid: a segment is none that Kubernetes accepts, or a namespaced kind lacks its namespace.
    """
    if kind.namespaced and namespace is None:
        raise PathInvalid(f"{kind.name} objects live in a namespace; name it.")
    return ApiPath(f"{list_path(kind, namespace)}/{_checked_name(kind, name)}")


def token_path(namespace: str, service_account: str) -> ApiPath:
    """The path by which a ServiceAccount's tokens are requested (TokenRequest API); raises as `object_path`."""
    return ApiPath(f"{object_path(kinds.SERVICE_ACCOUNT, namespace, service_account)}/token")


def checked_namespace(namespace: str) -> str:
    """The namespace itself, if it is a DNS label (RFC 1123)."""
    if not DNS_LABEL.fullmatch(namespace):
        raise PathInvalid(f"{_shown(namespace)} is no namespace: a DNS label of at most 63 lower case characters.")
    return namespace


def checked_segment(name: str) -> str:
    """The name itself, if some kind of object can have it."""
    if len(name) > _LONGEST_NAME or not _SEGMENT.fullmatch(name) or name in {".", ".."}:
        raise PathInvalid(f"{_shown(name)} is no name: at most 253 letters, digits and -._:@+~.")
    return name


def _checked_name(kind: Kind, name: str) -> str:
    if kind in _FREELY_NAMED:
        if len(name) > _LONGEST_NAME or not _SEGMENT.fullmatch(name) or name in {".", ".."}:
            raise PathInvalid(f"{_shown(name)} is no {kind.name} name: at most 253 letters, digits and -._:@+~.")
    elif len(name) > _LONGEST_NAME or not _SUBDOMAIN.fullmatch(name):
        raise PathInvalid(f"{_shown(name)} is no {kind.name} name: at most 253 of a-z, 0-9, '-' and '.'.")
    return name


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")

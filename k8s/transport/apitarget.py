"""What a path on an API server is about, in the words of Kubernetes' RBAC: for audits and traces.

Source: `RequestInfoFactory` of k8s.io/apiserver.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from k8s.transport.path import ApiPath

_OF_NAMESPACES: Final = frozenset({"status", "finalize"})


@dataclass(frozen=True, slots=True)
class ApiTarget:
    """A resource and an object of it.

    Attributes:
        resource: with its group and subresource, as `deployments.apps` and `pods/log`; the path itself where it is
            about no resource (`/version`).
        namespace: empty for all, or where there are none.
        name: empty for lists.
        template: the path with words in place of names.
    """

    resource: str
    namespace: str = ""
    name: str = ""
    template: str = ""


@lru_cache(maxsize=1024)
def api_target(path: ApiPath) -> ApiTarget:
    """What a path is about."""
    head, group, parts = _split(path)
    if not parts:
        return ApiTarget(path, template=path)
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in _OF_NAMESPACES:
        namespace, parts = parts[1], parts[2:]
        head += "/namespaces/{namespace}"
    resource, name, subresource = (*parts, "", "")[:3]
    said = f"{resource}.{group}" if group else resource
    template = f"{head}/{resource}" + ("/{name}" if name else "") + (f"/{subresource}" if subresource else "")
    return ApiTarget(f"{said}/{subresource}" if subresource else said, namespace, name, template)


def _split(path: str) -> tuple[str, str, list[str]]:
    """The path's beginning with group and version, the group, and what stands behind."""
    root, *rest = path.removeprefix("/").split("/")
    if root == "api" and rest:
        return f"/api/{rest[0]}", "", rest[1:]
    if root == "apis" and len(rest) > 1:
        return f"/apis/{rest[0]}/{rest[1]}", rest[0], rest[2:]
    return path, "", []

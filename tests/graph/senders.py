"""Senders that act as API servers: one with objects in memory, one that is down, one that remembers its answers."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from k8s.errors import ClusterError, Gone, ResourceNotFound, Unreachable
from k8s.kinds.builtin import BUILT_IN, DEPLOYMENT, NODE, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from k8s.reading.pages import METADATA_ONLY
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from tests.controlplane.json_object import JsonObject

_PATH = re.compile(
    r"/api(?:s/(?P<group>[^/]+))?/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?"
)
_RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
_ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_SHORT = (POD, DEPLOYMENT, REPLICA_SET, NODE)
_BUILT_IN_GROUPS = frozenset(kind.group for kind in BUILT_IN)

Objects = Callable[[Kind], Sequence[JsonObject]]


@dataclass
class ObjectsSender:
    """An API server with the objects that `objects` returns for a kind; selectors are ignored.

    It serves the kinds in `kinds` and `custom`, and fails for those in `broken`.
    """

    name: str
    objects: Objects
    broken: Collection[Kind] = ()
    custom: Collection[Kind] = ()
    kinds: Collection[Kind] = BUILT_IN
    calls: list[Call] = field(default_factory=list, repr=False)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the objects, page by page."""
        self.calls.append(call)
        if call.path in {"/api", "/apis"}:
            return discovered((*self.kinds, *self.custom), call.path)
        if call.path == "/version":
            return b'{"gitVersion": "v1.37.2"}'
        if call.path == "/api/v1":
            return b'{"kind": "APIResourceList", "groupVersion": "v1", "resources": []}'
        if call.path == _RULES:
            return b'{"status": {"resourceRules": [{"verbs": ["get"], "apiGroups": ["*"], "resources": ["*"]}]}}'
        if call.path == _ACCESS:
            return b'{"status": {"allowed": %s}}' % (b"true" if b'"get"' in (call.body or b"") else b"false")
        match = _PATH.fullmatch(call.path)
        assert match is not None, call.path
        kinds = {(kind.group, kind.version, kind.plural): kind for kind in (*self.kinds, *self.custom)}
        kind = kinds.get((match["group"] or "", match["version"], match["plural"]))
        if kind is None:
            raise ResourceNotFound(self.name, f"it does not serve {match['plural']}.", status=404)
        if kind in self.broken:
            raise Unreachable(self.name, "no connection (refused).")
        matching = sorted((item for item in self.objects(kind) if _is_in(item, match["namespace"])), key=_key)
        if match["name"] is not None:
            return self._object(matching, match["name"])
        query = dict(call.query)
        start = _start(self.name, query.get("continue", "0"))
        stop = start + int(query["limit"])
        page, remaining = matching[start:stop], len(matching[stop:])
        token = str(stop) if remaining else ""
        metadata = {"resourceVersion": "1", "continue": token, "remainingItemCount": remaining}
        items = None if call.accept == METADATA_ONLY and not page else page  # as real API servers send it
        listed = "PartialObjectMetadataList" if call.accept == METADATA_ONLY else f"{kind.name}List"
        return msgspec.json.encode({"kind": listed, "metadata": metadata, "items": items})

    def _object(self, matching: Sequence[JsonObject], name: str) -> bytes:
        for item in matching:
            if _metadata(item)["name"] == name:
                return msgspec.json.encode(item)
        error = ResourceNotFound(self.name, f"it has no {name}.", status=404)
        error.is_about_object = True
        raise error


def _key(item: JsonObject) -> str:
    """Returns objects in the order of API servers: by `namespace/name`."""
    metadata = _metadata(item)
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def _start(name: str, token: str) -> int:
    if not token.isdecimal():
        raise Gone(name, "the continue token has expired.", status=410)
    return int(token)


def discovered(kinds: Iterable[Kind], path: str) -> bytes:
    """Returns the aggregated discovery document of `/api` or `/apis`, in which workloads have the category `all`."""
    groups: dict[str, dict[str, list[JsonObject]]] = {}
    for kind in kinds:
        if bool(kind.group) == (path == "/apis"):
            groups.setdefault(kind.group, {}).setdefault(kind.version, []).append(_resource(kind))
    items = [
        {
            "metadata": {"name": group},
            "versions": [
                {"version": version, "resources": resources, "freshness": "Current"}
                for version, resources in versions.items()
            ],
        }
        for group, versions in groups.items()
    ]
    return msgspec.json.encode({"kind": "APIGroupDiscoveryList", "items": items})


def _resource(kind: Kind) -> JsonObject:
    return {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.name.lower(),
        "verbs": ["get", "list", "watch"],
        "shortNames": [kind.name[:2].lower()] if kind in _SHORT else [],
        "categories": ["all"] if kind in _SHORT or kind.group not in _BUILT_IN_GROUPS else [],
        "subresources": [],
    }


@dataclass
class DownSender:
    """A cluster that is unreachable."""

    name: str
    custom: Collection[Kind] = ()
    kinds: Collection[Kind] = BUILT_IN
    calls: list[Call] = field(default_factory=list)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Raises the error of an unreachable cluster."""
        self.calls.append(call)
        raise Unreachable(self.name, "no connection (refused).")


@dataclass(frozen=True)
class FailingSender:
    """A cluster whose requests fail with an unexpected error."""

    name: str
    error: Exception

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Raises the error."""
        raise self.error


class RememberingSender:
    """A sender that requests everything once and repeats the answer."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.answers: dict[tuple[str, object, str, bytes | None], bytes | ClusterError] = {}

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the first answer to the same call."""
        key = (call.path, call.query, call.accept, call.body)
        if key not in self.answers:
            try:
                self.answers[key] = await self.sender.send(call, deadline)
            except ClusterError as error:
                self.answers[key] = error
        answer = self.answers[key]
        if isinstance(answer, ClusterError):
            raise answer
        return answer


def _is_in(matching: JsonObject, namespace: str | None) -> bool:
    return namespace is None or _metadata(matching)["namespace"] == namespace


def _resource_of(kind: Kind) -> tuple[str | None, str, str]:
    return kind.group or None, kind.version, kind.plural


def _metadata(matching: JsonObject) -> JsonObject:
    metadata = matching["metadata"]
    assert isinstance(metadata, dict)
    return metadata

"""A sender whose aggregated discovery lists given kinds."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline

READ = ("get", "list", "watch")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A kind in one version, with its names."""

    kind: Kind
    singular: str = ""
    short_names: Sequence[str] = ()
    categories: Sequence[str] = ()
    verbs: Sequence[str] = READ
    subresources: Sequence[str] = ()

    def aggregated(self) -> dict[str, object]:
        """Returns its entry in the aggregated document."""
        kind = self.kind
        return {
            "resource": kind.plural,
            "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "singularResource": self.singular,
            "verbs": [*self.verbs],
            "shortNames": [*self.short_names],
            "categories": [*self.categories],
            "subresources": [{"subresource": name, "verbs": ["get"]} for name in self.subresources],
        }


def resource(text: str, kind: str, *, singular: str | None = None, short_names: Sequence[str] = ()) -> Resource:
    """Returns a namespaced kind by `plural.version.group`, or `plural.version` of the core group."""
    plural, version, *group = text.split(".", 2)
    made = Kind("".join(group), version, kind, plural)
    return Resource(kind=made, singular=kind.lower() if singular is None else singular, short_names=short_names)


class DiscoveryServer:
    """A server with kinds that can change.

    Attributes:
        silent: Groups and versions whose API does not answer: as kube-apiserver does, they are listed without kinds.
        reads: How often it was asked for all kinds.
    """

    def __init__(self, resources: Iterable[Resource], *, name: str = "alpha", stale: Iterable[str] = ()) -> None:
        self.name = name
        self.resources = [*resources]
        self.stale = frozenset(stale)
        self.silent: set[str] = set()
        self.error: ClusterError | None = None
        self.reads = 0

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.reads += call.path == "/api"
        if self.error is not None:
            raise self.error
        assert call.path in {"/api", "/apis"}
        groups: dict[str, dict[str, list[object]]] = {}
        for entry in self.resources:
            if bool(entry.kind.group) == (call.path == "/apis"):
                versions = groups.setdefault(entry.kind.group, {})
                versions.setdefault(entry.kind.version, []).append(entry.aggregated())
        items = [
            {"metadata": {"name": group}, "versions": [self._version(group, *version) for version in versions.items()]}
            for group, versions in groups.items()
        ]
        return json.dumps({"kind": "APIGroupDiscoveryList", "items": items}).encode()

    def _version(self, group: str, version: str, resources: list[object]) -> object:
        if f"{group}/{version}" in self.silent:
            return {"version": version, "freshness": "Stale"}
        freshness = "Stale" if f"{group}/{version}" in self.stale else "Current"
        return {"version": version, "resources": resources, "freshness": freshness}

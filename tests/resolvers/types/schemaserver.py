"""A cluster that publishes the schema of one custom kind, which can change, and a fleet of such clusters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from k8s.errors import ClusterError
from k8s.kinds.builtin import CUSTOM_RESOURCE_DEFINITION
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from resolvers.fleet.fleet import Fleet
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, OpenedCluster
from store.clusters.learnedtypes import LearnedTypesRecord
from store.errors import StoreUnavailable

GROUP = "example.com"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_KIND = {"group": GROUP, "version": "v1", "kind": "Widget"}


@dataclass
class SchemaServer:
    """A client of the cluster: Widgets with these fields of their spec.

    Attributes:
        fields: the type of each field; None if there are no Widgets.
        error: raised instead of any answer.
        asked: the paths of the requests.
    """

    name: str
    fields: Mapping[str, str] | None
    error: ClusterError | None = None
    asked: list[str] = field(default_factory=list)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.asked.append(call.path)
        if self.error is not None:
            raise self.error
        if call.path == list_path(CUSTOM_RESOURCE_DEFINITION):
            return b'{"items": []}'
        document = self._document()
        if call.path == "/openapi/v3":
            url = f"/openapi/v3/apis/{GROUP}/v1?hash={sha256(document).hexdigest()}"
            paths = {f"apis/{GROUP}/v1": {"serverRelativeURL": url}} if self.fields is not None else {}
            return json.dumps({"paths": paths}).encode()
        assert call.path == f"/openapi/v3/apis/{GROUP}/v1"
        return document

    def _document(self) -> bytes:
        spec = {name: {"type": text} for name, text in (self.fields or {}).items()}
        root = f"/apis/{GROUP}/v1/namespaces/{{namespace}}/widgets"
        read = {"get": {"x-kubernetes-group-version-kind": _KIND}}
        widget = {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": spec}},
            "x-kubernetes-group-version-kind": [_KIND],
        }
        paths = {root: read, f"{root}/{{name}}": read, f"/apis/{GROUP}/v1/widgets": read}
        return json.dumps({"paths": paths, "components": {"schemas": {"com.example.v1.Widget": widget}}}).encode()

    async def close(self) -> None:
        """Does nothing."""

    async def retire(self) -> None:
        """Does nothing."""


@dataclass
class Registered:
    """A registry that has the clusters of some servers."""

    servers: list[SchemaServer]

    async def open(self) -> Sequence[OpenedCluster]:
        return tuple(_opened(server.name) for server in self.servers)

    def fleet(self) -> Fleet:
        """Returns a fleet of them."""
        return Fleet(self, connect=lambda opened, _identity: self.server(opened.record.name))

    def server(self, name: str) -> SchemaServer:
        """Returns the server of a cluster."""
        return next(server for server in self.servers if server.name == name)


def _opened(name: str) -> OpenedCluster:
    record = ClusterRecord(
        id=ClusterId(f"id-{name}"),
        name=name,
        labels={},
        connection=ClusterConnection(server=f"https://{name}.example.com"),
        description="",
        created_at=_NOW,
        updated_at=_NOW,
    )
    return OpenedCluster(record=record, open_credential=lambda: b"none")


@dataclass
class TypesInMemory:
    """A store of types.

    Attributes:
        records: its content.
        writes: the number of writes.
        error: raised instead of a write.
    """

    records: dict[ClusterId, LearnedTypesRecord] = field(default_factory=dict)
    writes: int = 0
    error: StoreUnavailable | None = None

    async def all(self) -> Mapping[ClusterId, LearnedTypesRecord]:
        return dict(self.records)

    async def put(self, record: LearnedTypesRecord) -> bool:
        if self.error is not None:
            raise self.error
        self.writes += 1
        self.records[record.cluster_id] = record
        return True

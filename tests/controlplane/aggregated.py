"""A small aggregated API: a server of its own kinds, to which a kube-apiserver passes the requests for their group.

The kube-apiserver finds it by a Service of type `ExternalName`, which needs neither endpoints nor routing, and checks
its certificate against the name of the Service.
"""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject, JsonValue

_NAMESPACE = "default"
_API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
_GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"
_READ = ("get", "list")
_TIMEOUT_S = 5.0
_NOT_FOUND = b'{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "reason": "NotFound"}'


@dataclass(frozen=True)
class AggregatedKind:
    """A namespaced kind that can only be read, as those of metrics-server, with its objects.

    Attributes:
        schema: The schema of its objects in the OpenAPI document; without one the kind has no schema.
    """

    name: str
    plural: str
    objects: Sequence[JsonObject]
    schema: JsonObject | None = None


class AggregatedApi:
    """The server of the kinds of one group and version, which runs between `__enter__` and `__exit__`.

    It has the older documents of discovery only, and lists without pages, as simple servers do.
    """

    def __init__(
        self, group: str, kinds: Sequence[AggregatedKind], authority: CertificateAuthority, *, version: str = "v1"
    ) -> None:
        self._group, self._version = group, version
        self._authority = authority
        self._service = f"api-of-{group.replace('.', '-')}"
        self._documents = _documents(group, version, kinds)
        self._touches = 0
        self._is_stopped = False
        self._context = authority.issue((f"{self._service}.{_NAMESPACE}.svc",)).server_context()

    def __enter__(self) -> Self:
        """Begins to serve on a free port."""
        self._server = _Server(self._documents, self._context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops."""
        self.stop()

    def stop(self) -> None:
        """Stops, if that has not happened yet; its port then refuses connections."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def register(self, cluster: Cluster) -> None:
        """Lets a kube-apiserver pass on the requests for the group."""
        service: JsonObject = {
            "metadata": {"name": self._service},
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        }
        ask(cluster, "POST", f"/api/v1/namespaces/{_NAMESPACE}/services", service)
        spec: JsonObject = {
            "group": self._group,
            "version": self._version,
            "groupPriorityMinimum": 100,
            "versionPriority": 10,
            "caBundle": b64encode(self._authority.pem).decode(),
            "service": {"name": self._service, "namespace": _NAMESPACE, "port": self._server.server_port},
        }
        ask(cluster, "POST", _API_SERVICES, {"metadata": {"name": self._name}, "spec": spec})

    def unregister(self, cluster: Cluster) -> None:
        """Removes what `register` created."""
        ask(cluster, "DELETE", f"{_API_SERVICES}/{self._name}")
        ask(cluster, "DELETE", f"/api/v1/namespaces/{_NAMESPACE}/services/{self._service}")

    def touch(self, cluster: Cluster) -> None:
        """Lets a kube-apiserver look at the server again at once, and not within its minute."""
        self._touches += 1
        patch: JsonObject = {"metadata": {"annotations": {"example.com/touches": str(self._touches)}}}
        ask(cluster, "PATCH", f"{_API_SERVICES}/{self._name}", patch)

    @property
    def _name(self) -> str:
        return f"{self._version}.{self._group}"


def _documents(group: str, version: str, kinds: Sequence[AggregatedKind]) -> Mapping[str, JsonObject]:
    """Returns the answer to each path."""
    api_version = f"{group}/{version}"
    root = f"/apis/{api_version}"
    of_group: JsonObject = {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": group,
        "versions": [{"groupVersion": api_version, "version": version}],
        "preferredVersion": {"groupVersion": api_version, "version": version},
    }
    documents: dict[str, JsonObject] = {
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [of_group]},
        f"/apis/{group}": of_group,
        root: {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": api_version,
            "resources": [
                {
                    "name": kind.plural,
                    "singularName": kind.name.lower(),
                    "namespaced": True,
                    "kind": kind.name,
                    "verbs": [*_READ],
                }
                for kind in kinds
            ],
        },
        **_schemas(group, version, kinds),
    }
    for kind in kinds:
        documents |= _lists(root, api_version, kind)
    return documents


def _lists(root: str, api_version: str, kind: AggregatedKind) -> Mapping[str, JsonObject]:
    """Returns the lists of a kind, in all namespaces and in each, and its objects."""
    found: dict[str, JsonObject] = {}
    by_namespace: dict[str, list[JsonObject]] = {}
    for one in kind.objects:
        whole = {"apiVersion": api_version, "kind": kind.name, **one}
        metadata = one["metadata"]
        assert isinstance(metadata, dict)
        namespace = str(metadata["namespace"])
        by_namespace.setdefault(namespace, []).append(whole)
        found[f"{root}/namespaces/{namespace}/{kind.plural}/{metadata['name']}"] = whole
    paths = {f"{root}/namespaces/{namespace}/{kind.plural}": items for namespace, items in by_namespace.items()}
    paths[f"{root}/{kind.plural}"] = [item for items in by_namespace.values() for item in items]
    for path, items in paths.items():
        found[path] = {"apiVersion": api_version, "kind": f"{kind.name}List", "metadata": {}, "items": [*items]}
    return found


def _schemas(group: str, version: str, kinds: Sequence[AggregatedKind]) -> Mapping[str, JsonObject]:
    """Returns the OpenAPI documents of the kinds that have a schema."""
    place = f"apis/{group}/{version}"
    schemas: dict[str, JsonValue] = {}
    paths: dict[str, JsonValue] = {}
    for kind in kinds:
        if kind.schema is not None:
            own: JsonObject = {"group": group, "version": version, "kind": kind.name}
            schemas[f"{group}.{kind.name}"] = {**kind.schema, _GROUP_VERSION_KIND: [own]}
            read: JsonObject = {"get": {_GROUP_VERSION_KIND: own, "responses": {"200": {"description": "OK"}}}}
            in_namespace = f"/{place}/namespaces/{{namespace}}/{kind.plural}"
            paths |= dict.fromkeys((f"/{place}/{kind.plural}", in_namespace, f"{in_namespace}/{{name}}"), read)
    if not schemas:
        return {}
    document: JsonObject = {
        "openapi": "3.0.0",
        "info": {"title": group, "version": version},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return {
        "/openapi/v3": {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}?hash=1"}}},
        f"/openapi/v3/{place}": document,
    }


class _Server(ThreadingHTTPServer):
    """A server of fixed documents on a free port."""

    daemon_threads = True

    def __init__(self, documents: Mapping[str, JsonObject], context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies = {path: json.dumps(document).encode() for path, document in documents.items()}
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Passes over clients that have gone: of its five checks, a kube-apiserver awaits the first answer only."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET with the document of the path, or 404; without keep-alive, so that nothing answers after `stop`."""

    server: _Server
    timeout = _TIMEOUT_S

    def do_GET(self) -> None:
        """Answers a request, whatever types the client accepts."""
        found = self.server.bodies.get(urlsplit(self.path).path)
        status = HTTPStatus.OK if found is not None else HTTPStatus.NOT_FOUND
        body = found if found is not None else _NOT_FOUND
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name of the base class
        """Logs nothing."""

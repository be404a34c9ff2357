"""Questions to a snapshot cluster as a client writes them, and answers as it reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from snapshots.serving.api import SnapshotApi
from snapshots.serving.request import ApiRequest
from tests.controlplane.json_object import JsonObject

METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Answered:
    """A status and what was answered with it."""

    status: int
    document: Any  # JSON of any shape

    @property
    def names(self) -> list[str]:
        """The names of a list's objects."""
        return [item["metadata"]["name"] for item in self.document["items"]]

    @property
    def message(self) -> str:
        """What a refusal says."""
        return str(self.document["message"])

    @property
    def token(self) -> str:
        """The token of the next page; empty at the end."""
        return str(self.document["metadata"].get("continue", ""))


async def ask(
    api: SnapshotApi, target: str, *, method: str = "GET", accept: str = "application/json", body: bytes = b""
) -> Answered:
    """The answer to a request; of a watch that ends, the list of its events."""
    path, _mark, query = target.partition("?")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    answer = await api.answer(ApiRequest(method, path, query=pairs, accept=accept, body=body))
    if answer.lines is None:
        return Answered(answer.status, json.loads(answer.body))
    return Answered(answer.status, [json.loads(line) async for line in answer.lines])


def pod(name: str, namespace: str = "shop", *, labels: JsonObject | None = None, **parts: JsonObject) -> JsonObject:
    """The least that a pod is, and more."""
    metadata: JsonObject = {"name": name, "namespace": namespace, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **parts}


def node(name: str, **parts: JsonObject) -> JsonObject:
    """The least that a node is, and more."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, **parts}


def widget_definition(*, selectable: tuple[str, ...] = ()) -> JsonObject:
    """A custom resource definition."""
    version: JsonObject = {
        "name": "v1",
        "served": True,
        "selectableFields": [{"jsonPath": path} for path in selectable],
    }
    names: JsonObject = {"kind": "Widget", "plural": "widgets"}
    spec: JsonObject = {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [version]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": spec,
    }


def widget(name: str, color: str) -> JsonObject:
    """A custom resource."""
    metadata: JsonObject = {"name": name, "namespace": "shop"}
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": {"color": color}}

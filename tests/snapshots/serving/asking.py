"""Requests to a snapshot cluster in the form of a client, and its responses."""

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
    """A response: its status and body."""

    status: int
    document: Any  # JSON of any shape

    @property
    def names(self) -> list[str]:
        """Returns the names of a list's objects."""
        return [item["metadata"]["name"] for item in self.document["items"]]

    @property
    def message(self) -> str:
        """Returns the message of an error."""
        return str(self.document["message"])

    @property
    def token(self) -> str:
        """Returns the token of the next page; empty at the end."""
        return str(self.document["metadata"].get("continue", ""))


async def ask(
    api: SnapshotApi, target: str, *, method: str = "GET", accept: str = "application/json", body: bytes = b""
) -> Answered:
    """Returns the response to a request; of a watch that ends, the list of its events."""
    path, _mark, query = target.partition("?")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    answer = await api.answer(ApiRequest(method, path, query=pairs, accept=accept, body=body))
    if answer.lines is None:
        return Answered(answer.status, json.loads(answer.body))
    return Answered(answer.status, [json.loads(line) async for line in answer.lines])


def pod(name: str, namespace: str = "shop", *, labels: JsonObject | None = None, **parts: JsonObject) -> JsonObject:
    """Returns a minimal pod with additional fields."""
    metadata: JsonObject = {"name": name, "namespace": namespace, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **parts}


def node(name: str, **parts: JsonObject) -> JsonObject:
    """Returns a minimal node with additional fields."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, **parts}


def widget_definition(*, selectable: tuple[str, ...] = ()) -> JsonObject:
    """Returns a custom resource definition."""
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
    """Returns a custom resource."""
    metadata: JsonObject = {"name": name, "namespace": "shop"}
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": {"color": color}}

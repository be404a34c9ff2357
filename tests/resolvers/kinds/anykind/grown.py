"""A custom object that owns a Deployment of the living cluster, with its pods and an event."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.operators.installing import install

Json = Any

NAMESPACE: Final = "everyobject"
GROUP: Final = "members.example.com"
REPLICAS: Final = 2
GADGETS: Final = f"/apis/{GROUP}/v1/namespaces/{NAMESPACE}/gadgets"
_TIMEOUT_S: Final = 120.0
_POLL_S: Final = 0.2

CRD: Final[Json] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"gadgets.{GROUP}"},
    "spec": {
        "group": GROUP,
        "names": {
            "kind": "Gadget",
            "plural": "gadgets",
            "singular": "gadget",
            "listKind": "GadgetList",
            "shortNames": ["gad"],
        },
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
                    {"name": "Comment", "type": "string", "jsonPath": ".spec.comment", "priority": 1},
                    {"name": "Absent", "type": "string", "jsonPath": ".spec.absent"},
                ],
            }
        ],
    },
}


@dataclass(frozen=True)
class Grown:
    """The objects as the API server sends them."""

    gadget: Json
    deployment: Json
    sets: Sequence[Json]
    pods: Sequence[Json]


async def grow(cluster: Cluster) -> Grown:
    """Writes the objects, and waits until the pods run."""
    await install(cluster, [CRD])
    async with connect(cluster) as session, asyncio.timeout(_TIMEOUT_S):
        await _create(session, "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        spec = {"size": 3, "comment": "two words", "nested": {"list": [1, 2]}}
        gadget = await _create(session, GADGETS, _named("one", f"{GROUP}/v1", "Gadget") | {"spec": spec})
        await _create(session, GADGETS, _named("two", f"{GROUP}/v1", "Gadget"))
        condition = {
            "type": "Ready",
            "status": "False",
            "reason": "Waiting",
            "message": "It waits.",
            "lastTransitionTime": "2026-11-30T08:00:00Z",
        }
        await _put(session, f"{GADGETS}/one/status", gadget | {"status": {"conditions": [condition]}})
        owner = {"apiVersion": f"{GROUP}/v1", "kind": "Gadget", "name": "one", "uid": gadget["metadata"]["uid"]}
        await _create(session, f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", _deployment(owner))
        await _create(session, f"/api/v1/namespaces/{NAMESPACE}/events", _event(gadget))
        return await _rolled_out(session)


async def _rolled_out(session: aiohttp.ClientSession) -> Grown:
    """Returns the objects as they are when all pods are available; they are read after that is known."""
    while True:
        (deployment,) = await _items(session, f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments")
        if deployment.get("status", {}).get("availableReplicas") == REPLICAS:
            break
        await asyncio.sleep(_POLL_S)
    sets = await _items(session, f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets")
    pods = await _items(session, f"/api/v1/namespaces/{NAMESPACE}/pods")
    async with session.get(f"{GADGETS}/one") as response:
        return Grown(await response.json(), deployment, sets, pods)


async def _items(session: aiohttp.ClientSession, path: str) -> Sequence[Json]:
    async with session.get(path) as response:
        items: Sequence[Json] = (await response.json())["items"]
        return items


async def _create(session: aiohttp.ClientSession, path: str, body: Json) -> Json:
    async with session.post(path, json=body) as response:
        if response.status == HTTPStatus.CONFLICT:
            async with session.get(f"{path}/{body['metadata']['name']}") as known:
                return await known.json()
        assert response.status == HTTPStatus.CREATED, await response.text()
        return await response.json()


async def _put(session: aiohttp.ClientSession, path: str, body: Json) -> None:
    async with session.put(path, json=body) as response:
        assert response.status in {HTTPStatus.OK, HTTPStatus.CONFLICT}, await response.text()


def _named(name: str, api_version: str, kind: str, **metadata: Json) -> Json:
    named = {"name": name, "namespace": NAMESPACE, **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named}


def _deployment(owner: Json) -> Json:
    labels = {"app": "grown"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": "example.com/app:1"}]},
    }
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": labels}, "template": template}
    return _named("grown", "apps/v1", "Deployment", ownerReferences=[owner]) | {"spec": spec}


def _event(about: Json) -> Json:
    subject = {key: about["metadata"][key] for key in ("name", "namespace", "uid")}
    subject |= {"apiVersion": about["apiVersion"], "kind": about["kind"]}
    return _named("grown", "v1", "Event") | {"involvedObject": subject, "reason": "Grown", "message": "It has grown."}

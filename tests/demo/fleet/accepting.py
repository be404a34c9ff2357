"""Writes of generated objects to a real API server, which validates them."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import aiohttp
import msgspec

from demo.fleet.manifest import Manifest
from demo.fleet.world import KINDS
from k8s.kinds.kind import Kind
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.demo.fleet.worlds import at

_KIND_OF: Final = {(kind.api_version, kind.name): kind for kind in KINDS}
_FIRST: Final = ("Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "ServiceAccount")
_LAST: Final = ("ResourceQuota", "APIService", "ClusterIssuer", "Certificate", "ValidatingWebhookConfiguration")
"""Kinds that are written last: a quota would refuse later objects, and the webhook has no server here."""

_STATUS_ELSEWHERE: Final = {"APIService", "Namespace", "CustomResourceDefinition", "Event"}
_SERVERS_OWN: Final = ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_ADDRESSES: Final = ("clusterIP", "clusterIPs", "healthCheckNodePort")
"""Fields with addresses, which belong to another network than this server's."""


async def refusals(cluster: Cluster, objects: Iterable[Manifest]) -> list[str]:
    """Yields the API server's refusals; statuses are also written, if the kind has one."""
    waiting = sorted((item for item in objects if item["apiVersion"] != "events.k8s.io/v1"), key=_order)
    found: list[str] = []
    async with connect(cluster) as session:
        for _kind, group in groupby(waiting, key=_order):
            answers = await asyncio.gather(*(_write(session, item) for item in group))
            found += [refusal for answer in answers for refusal in answer]
    return found


def _order(item: Manifest) -> tuple[int, str]:
    kind = str(item["kind"])
    if kind in _FIRST:
        return _FIRST.index(kind), kind
    return (100 + _LAST.index(kind) if kind in _LAST else 50), kind


async def _write(session: aiohttp.ClientSession, item: Manifest) -> Sequence[str]:
    kind = _KIND_OF[str(item["apiVersion"]), str(item["kind"])]
    path = _path(kind, item)
    refused = await _send(session, "POST", path, body=_stripped(item))
    if refused or "status" not in item or kind.name in _STATUS_ELSEWHERE:
        return refused
    patch = {"status": item["status"]}
    return await _send(session, "PATCH", f"{path}/{at(item, 'metadata.name')}/status", body=patch)


def _path(kind: Kind, item: Manifest) -> str:
    namespace = f"/namespaces/{at(item, 'metadata.namespace')}" if kind.namespaced else ""
    return f"/api{'s' if kind.group else ''}/{kind.api_version}{namespace}/{kind.plural}"


def _stripped(item: Manifest) -> Manifest:
    """Returns an object without fields that only servers set."""
    metadata = {name: value for name, value in at(item, "metadata").items() if name not in _SERVERS_OWN}
    found = {**{name: value for name, value in item.items() if name != "status"}, "metadata": metadata}
    if item["kind"] == "Service" and at(item, "spec.clusterIP") != "None":
        found["spec"] = {name: value for name, value in at(item, "spec").items() if name not in _ADDRESSES}
    if item["kind"] == "Job":  # the selector has the uid in it, and the server gives another one
        found["spec"] = {**at(item, "spec"), "manualSelector": True}
    return found


async def _send(session: aiohttp.ClientSession, method: str, path: str, *, body: Manifest) -> list[str]:
    """Writes an object and returns the refusal; every cluster already has some namespaces, roles and priorities."""
    headers = {"Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json"}
    data = msgspec.json.encode(body)
    for _attempt in range(50):
        async with session.request(
            method, path, data=data, headers=headers, params={"fieldValidation": "Strict"}
        ) as answer:
            said = (await answer.read()).decode(errors="replace")
            if answer.status != 404:
                return [] if answer.ok or answer.status == 409 else [f"{method} {path}: {said[-600:]}"]
        await asyncio.sleep(0.2)  # a new definition is served a moment later
    return [f"{method} {path}: {said}"]

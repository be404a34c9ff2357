"""The same objects twice: as the API server prints them, and as GraphQL answers them."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from graph.engine import Engine
from resolvers.names import list_name
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.users import HARNESS
from tests.controlplane.writer import create_objects
from tests.graph.fleets import FAR, Asking, connection_to, fleet_of
from tests.printed.entry import Printed

FINALIZER: Final = "example.com/printed"
_TABLE: Final = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}
_AT_ONCE: Final = 8
_MOST_CHANGES: Final = 20
"""API servers themselves change some objects soon after they were created, such as CustomResourceDefinitions."""
_QUERY: Final = """{{ {list}(first: 10000) {{ nodes {{ name namespace metadata {{ creationTimestamp resourceVersion }}
    {selection} }} clusters {{ error {{ code message }} }} }} }}"""

Place = tuple[str, str, str]
"""Namespace, name and resource version of an object: a row of a Table and an answer are of the same state."""


@dataclass(frozen=True)
class PrintedKind:
    """The rows of a Table and the answers for the same objects.

    Attributes:
        headings: the names of the columns, in order.
        rows: the cells of each object.
        answers: the GraphQL answer of each object.
        moments: the times at which the Table may have been printed, to the second.
        created: namespaces and names of the entry's objects.
    """

    headings: Sequence[str]
    rows: Mapping[Place, Sequence[object]]
    answers: Mapping[Place, Any]
    moments: Sequence[datetime]
    created: frozenset[tuple[str, str]]

    @property
    def same(self) -> frozenset[Place]:
        """The objects that were not changed between Table and answer."""
        return frozenset(self.rows.keys() & self.answers.keys())

    @property
    def is_whole(self) -> bool:
        """Returns whether none of the entry's objects was changed."""
        return self.created <= {place[:2] for place in self.same}


async def printed_areas(
    cluster: Cluster, engine: Engine, areas: Mapping[str, Sequence[Printed]]
) -> Mapping[tuple[str, str], PrintedKind | BaseException]:
    """Creates the objects of areas, and reads all kinds; returns them, or what failed, by area and kind."""
    written = await asyncio.gather(
        *(_write(cluster, area, entries) for area, entries in areas.items()), return_exceptions=True
    )
    refused = {area: one for area, one in zip(areas, written, strict=True) if isinstance(one, BaseException)}
    connection = connection_to(cluster, HARNESS)
    slots = asyncio.Semaphore(_AT_ONCE)
    places = [(area, entry) for area, entries in areas.items() for entry in entries if area not in refused]
    try:
        async with connect(cluster) as session:
            asking = Asking(engine, fleet_of([connection]))
            reads = (_read(session, asking, slots, area, entry) for area, entry in places)
            read = await asyncio.gather(*reads, return_exceptions=True)
    finally:
        await connection.close()
    found = {(area, str(entry.kind)): one for (area, entry), one in zip(places, read, strict=True)}
    return found | {(area, str(entry.kind)): error for area, error in refused.items() for entry in areas[area]}


async def _write(cluster: Cluster, area: str, entries: Iterable[Printed]) -> None:
    entries = [*entries]
    home: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _namespace(area)}}
    manifests = [(entry, _whole(area, entry, one)) for entry in entries for one in entry.objects]
    await create_objects(cluster, [home, *(_created(entry, one) for entry, one in manifests)])
    async with connect(cluster) as session:
        await asyncio.gather(*(_finish(session, entry, one) for entry, one in manifests))


def _namespace(area: str) -> str:
    return f"printed-{area}"


def _whole(area: str, entry: Printed, item: JsonObject) -> JsonObject:
    """Returns the object with its type, its namespace, and a finalizer if it is to be deleted."""
    metadata = {**_metadata(item)}
    if entry.kind.namespaced:
        metadata.setdefault("namespace", _namespace(area))
    if metadata.pop("deletionTimestamp", None) is not None:
        metadata["finalizers"] = [FINALIZER]
    return {"apiVersion": entry.kind.api_version, "kind": entry.kind.name, **item, "metadata": metadata}


def _created(entry: Printed, item: JsonObject) -> JsonObject:
    """Returns the object as it is created: with its status, if that is its only subresource."""
    if _is_created_whole(entry):
        return item
    return {key: value for key, value in item.items() if key != "status"}


def _is_created_whole(entry: Printed) -> bool:
    return entry.subresources == ("status",) and not entry.is_patched


async def _finish(session: aiohttp.ClientSession, entry: Printed, item: JsonObject) -> None:
    """Writes further subresources of an object, and deletes it if it has the finalizer."""
    metadata = _metadata(item)
    path = f"{_path(entry, str(metadata.get('namespace', '')))}/{metadata['name']}"
    for subresource in entry.subresources if "status" in item and not _is_created_whole(entry) else ():
        if entry.is_patched:
            await _send(session, "PATCH", f"{path}/{subresource}", {"status": item["status"]}, _MERGE)
        else:
            await _send(session, "PUT", f"{path}/{subresource}", item)
    if FINALIZER in str(metadata.get("finalizers", "")):
        await _send(session, "DELETE", path)


async def _send(
    session: aiohttp.ClientSession,
    method: str,
    path: str,
    item: object = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    async with session.request(method, path, json=item, headers=headers) as response:
        assert response.ok, f"{method} {path}: {await response.text()}"


async def _read(
    session: aiohttp.ClientSession, asking: Asking, slots: asyncio.Semaphore, area: str, entry: Printed
) -> PrintedKind:
    async with slots:
        one = await _read_once(session, asking, area, entry)
        for _ in range(_MOST_CHANGES):
            if one.is_whole:
                break
            one = await _read_once(session, asking, area, entry)
    return one


async def _read_once(session: aiohttp.ClientSession, asking: Asking, area: str, entry: Printed) -> PrintedKind:
    before = datetime.now(UTC)
    async with session.get(_path(entry), headers=_TABLE) as response:
        assert response.ok, await response.text()
        table: Any = await response.json(content_type=None)
    after = datetime.now(UTC)
    query = _QUERY.format(list=list_name(entry.kind), selection=entry.selection)
    answer = json.loads((await asking(query, limits=FAR)).to_json())
    assert "errors" not in answer, answer["errors"]
    listed = answer["data"][list_name(entry.kind)]
    assert [one["error"] for one in listed["clusters"]] == [None]
    return PrintedKind(
        headings=[column["name"] for column in table["columnDefinitions"]],
        rows={_place(row["object"]["metadata"]): row["cells"] for row in table["rows"] or ()},
        answers={_place(node | node["metadata"]): node for node in listed["nodes"]},
        moments=[*_moments(before, after)],
        created=frozenset(_name(_metadata(_whole(area, entry, one))) for one in entry.objects),
    )


def _moments(before: datetime, after: datetime) -> Iterable[datetime]:
    """Yields both times and each full second between them."""
    moment = before
    while moment < after:
        yield moment
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    yield after


def _place(metadata: Mapping[str, Any]) -> Place:
    return *_name(metadata), metadata.get("resourceVersion") or ""


def _name(metadata: Mapping[str, Any]) -> tuple[str, str]:
    return metadata.get("namespace") or "", metadata["name"]


def _metadata(item: JsonObject) -> JsonObject:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return metadata


def _path(entry: Printed, namespace: str = "") -> str:
    kind = entry.kind
    within = f"/namespaces/{namespace}" if namespace else ""
    return f"/api{'s' if kind.group else ''}/{kind.api_version}{within}/{kind.plural}"

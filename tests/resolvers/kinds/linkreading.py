"""Links of one real cluster beside an independent reading of its raw objects."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from graph.schema.catalogue import catalogue
from k8s.kinds.kind import Kind
from resolvers.links.members import Link, Shape
from resolvers.names import list_name, type_name
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.faults.fleets import TestFleet

Json = Any
"""Objects as the API server sends them, and answers."""
Expected = Callable[[Json, "RawObjects"], Sequence[Json]]
"""Returns the raw objects to which a link leads from a raw object, in order."""


@dataclass(frozen=True)
class RawObjects:
    """All objects of some kinds of a cluster, by plural, each list by `namespace/name`, as API servers order it."""

    lists: Mapping[str, Sequence[Json]]

    def of(self, plural: str) -> Sequence[Json]:
        """Returns the objects of a kind."""
        return self.lists[plural]

    def named(self, plural: str, name: str | None, namespace: str | None = None) -> Sequence[Json]:
        """Returns the object of a name, or none."""
        place = (namespace or "", name)
        return [item for item in self.of(plural) if (namespace_of(item), item["metadata"]["name"]) == place]

    def every(self, plural: str, names: Sequence[str | None], namespace: str | None = None) -> Sequence[Json]:
        """Returns the objects of some names, in their order, each once."""
        return [item for name in dict.fromkeys(names) for item in self.named(plural, name, namespace)]

    def where(self, plural: str, matches: Callable[[Json], bool]) -> Sequence[Json]:
        """Returns the objects that match."""
        return [item for item in self.of(plural) if matches(item)]


async def read_raw(cluster: Cluster, paths: Mapping[str, str]) -> RawObjects:
    """Reads lists from the API server itself."""
    async with connect(cluster) as session:

        async def ask(path: str) -> Sequence[Json]:
            async with session.get(path) as response:
                items = msgspec.json.decode(await response.read())["items"]
            return sorted(items, key=lambda item: f"{namespace_of(item)}/{item['metadata']['name']}")

        return RawObjects(dict(zip(paths, await asyncio.gather(*map(ask, paths.values())), strict=True)))


async def delete(cluster: Cluster, *paths: str) -> None:
    """Deletes objects, which would change what other tests of the same cluster see."""
    async with connect(cluster) as session:
        for path in paths:
            async with session.delete(path, json={"gracePeriodSeconds": 0}) as response:
                assert response.status < 300, (path, response.status, await response.text())


async def check_links(
    fleet: TestFleet, cluster: str, raw: RawObjects, kind: Kind, links: Mapping[str, Expected]
) -> Mapping[str, int]:
    """Compares links of all objects of a kind with the raw objects; returns the number of children of each link."""
    root, members = list_name(kind), catalogue()[type_name(kind)].members
    fields = " ".join(_selected(link, members[link]) for link in links)
    reply = await fleet.ask(
        f'{{ {root}(clusters: {{names: ["{cluster}"]}}) {{ nodes {{ name namespace {fields} }} }} }}'
    )
    assert reply.errors == ()
    nodes = reply.data[root]["nodes"]
    assert [_found(node) for node in nodes] == [_place(item) for item in raw.of(kind.plural)]
    counts = dict.fromkeys(links, 0)
    for node, item in zip(nodes, raw.of(kind.plural), strict=True):
        for link, expected in links.items():
            found = [*map(_found, _children(node[link]))]
            assert found == [_place(child) for child in expected(item, raw)], (link, _place(item))
            counts[link] += len(found)
    return counts


def namespace_of(item: Json) -> str:
    """Returns the namespace of a raw object; empty for an object of the whole cluster."""
    return item["metadata"].get("namespace", "")  # type: ignore[no-any-return]  # JSON of Kubernetes


def _place(item: Json) -> tuple[str, str]:
    return namespace_of(item), item["metadata"]["name"]


def _found(node: Json) -> tuple[str, str]:
    return node["namespace"] or "", node["name"]


def _children(answer: Json) -> Sequence[Json]:
    if answer is None:
        return ()
    return answer if isinstance(answer, list) else answer.get("nodes", (answer,))


def _selected(name: str, member: object) -> str:
    assert isinstance(member, Link)
    below = "nodes { name namespace }" if member.shape is Shape.MANY else "name namespace"
    return f"{name} {{ {below} }}"

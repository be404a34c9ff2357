"""Owners, events and columns of custom objects on a real API server in which nothing acts on objects."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from tests.controlplane.cluster import Cluster
from tests.controlplane.writer import create_objects
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.operators.installing import install
from tests.resolvers.kinds.anykind.grown import CRD, Json

pytestmark = pytest.mark.controlplane

NAMESPACE: Final = "realmembers"
GROUP: Final = "realmembers.example.com"
PRINTED: Final = 620
"""More objects than a page has."""


def _definition(kind: str, plural: str, *, scope: str) -> Json:
    definition = copy.deepcopy(CRD)
    definition["metadata"]["name"] = f"{plural}.{GROUP}"
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    definition["spec"] |= {"group": GROUP, "names": names, "scope": scope}
    return definition


def _object(api_version: str, kind: str, name: str, *owners: Json, **more: Any) -> Json:
    metadata: dict[str, Any] = {"name": name, "ownerReferences": [*owners]}
    metadata |= {} if kind == "Realm" else {"namespace": NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata} | more


def _owner(kind: str, name: str, uid: str, *, version: str = "v1", group: str = GROUP, controller: bool = True) -> Json:
    return {
        "apiVersion": f"{group}/{version}",
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": controller,
    }


def _event(name: str, about: Json, uid: str) -> Json:
    subject = {"apiVersion": about["apiVersion"], "kind": about["kind"], "name": about["metadata"]["name"], "uid": uid}
    namespace = about["metadata"].get("namespace")
    subject |= {"namespace": namespace} if namespace else {}
    metadata = {"name": name, "namespace": namespace or "default"}
    return {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": subject, "reason": "Seen"}


@dataclass
class Recording:
    """An API server, and the paths of the requests to it."""

    connection: Connection
    paths: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the cluster."""
        return self.connection.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the answer."""
        self.paths.append(call.path)
        return await self.connection.send(call, deadline, on_prefix=on_prefix)


@pytest.fixture(scope="module")
async def uids(alpha: Cluster) -> Mapping[str, str]:
    """Returns the uids of the owners by name."""
    await install(
        alpha, [_definition("Gear", "gears", scope="Namespaced"), _definition("Realm", "realms", scope="Cluster")]
    )
    namespace: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    realm = _object(f"{GROUP}/v1", "Realm", "realmembers-r")
    _, created = await create_objects(alpha, [namespace, realm])
    gear = _object(f"{GROUP}/v1", "Gear", "owner", _owner("Realm", "realmembers-r", created.uid))
    (owner,) = await create_objects(alpha, [gear])
    other = "00000000-0000-0000-0000-000000000000"
    owners = {
        "in-another-version": [_owner("Gear", "owner", owner.uid, version="v9beta1")],
        "gone": [_owner("Gear", "gone", other)],
        "recreated": [_owner("Gear", "owner", other)],
        "of-an-unknown-kind": [_owner("Nothing", "owner", other, group="nowhere.example.com")],
        "of-the-cluster": [_owner("Realm", "realmembers-r", created.uid)],
        "of-both": [
            _owner("Gear", "owner", owner.uid, controller=False),
            _owner("Realm", "realmembers-r", created.uid),
        ],
    }
    maps = [_object("v1", "ConfigMap", name, *references) for name, references in owners.items()]
    events = [_event("about-realm", realm, created.uid), _event("about-gear", gear, owner.uid)]
    printed = [_object(f"{GROUP}/v1", "Gear", f"g-{place:03}", spec={"size": place}) for place in range(PRINTED)]
    await create_objects(alpha, [*maps, *events, *printed])
    return {"realm": created.uid, "owner": owner.uid}


@pytest.fixture
async def recording(alpha: Cluster) -> AsyncIterator[Recording]:
    """Returns the cluster."""
    connection = connection_to(alpha)
    yield Recording(connection)
    await connection.close()


async def answered(engine: Engine, recording: Recording, query: str) -> Json:
    """Returns the data of an answer without errors."""
    answer = await Asking(engine, fleet_of([recording]))(query)
    assert not answer.errors
    return answer.to_builtins()["data"]


async def test_owners_are_the_very_objects_of_the_references(
    engine: Engine, recording: Recording, uids: Mapping[str, str]
) -> None:
    data = await answered(
        engine,
        recording,
        f"""{{ configMaps(namespaces: ["{NAMESPACE}"], where: [{{path: "metadata.ownerReferences", op: EXISTS}}]) {{
          nodes {{ name owner {{ kind name apiVersion metadata {{ uid }} owner {{ name }} }} owners {{ kind }} }}
        }} }}""",
    )

    gear = {
        "kind": "Gear",
        "name": "owner",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"uid": uids["owner"]},
        "owner": {"name": "realmembers-r"},
    }
    realm = gear | {"kind": "Realm", "name": "realmembers-r", "metadata": {"uid": uids["realm"]}, "owner": None}
    assert {node.pop("name"): node for node in data["configMaps"]["nodes"]} == {
        "in-another-version": {"owner": gear, "owners": [{"kind": "Gear"}]},
        "gone": {"owner": None, "owners": []},
        "recreated": {"owner": None, "owners": []},
        "of-an-unknown-kind": {"owner": None, "owners": []},
        "of-the-cluster": {"owner": realm, "owners": [{"kind": "Realm"}]},
        "of-both": {"owner": realm, "owners": [{"kind": "Gear"}, {"kind": "Realm"}]},
    }


async def test_owned_objects_and_events_are_found_from_both_scopes(
    engine: Engine, recording: Recording, uids: Mapping[str, str]
) -> None:
    members = 'owned(kinds: ["cm", "gears"]) { kind name } events { nodes { name } }'

    data = await answered(
        engine,
        recording,
        f"""{{
          realm: objects(resource: "realms.{GROUP}") {{ nodes {{ metadata {{ uid }} {members} }} }}
          gear: objects(resource: "gears.{GROUP}", where: [{{path: "metadata.name", value: "owner"}}]) {{
            nodes {{ metadata {{ uid }} {members} }}
          }}
        }}""",
    )

    assert data["realm"]["nodes"] == [
        {
            "metadata": {"uid": uids["realm"]},
            "owned": [
                {"kind": "ConfigMap", "name": "of-both"},
                {"kind": "ConfigMap", "name": "of-the-cluster"},
                {"kind": "Gear", "name": "owner"},
            ],
            "events": {"nodes": [{"name": "about-realm"}]},
        }
    ]
    assert data["gear"]["nodes"] == [
        {
            "metadata": {"uid": uids["owner"]},
            "owned": [
                {"kind": "ConfigMap", "name": "in-another-version"},
                {"kind": "ConfigMap", "name": "of-both"},
            ],
            "events": {"nodes": [{"name": "about-gear"}]},
        }
    ]


async def test_columns_of_more_objects_than_a_page_has_are_one_list(
    engine: Engine, recording: Recording, uids: Mapping[str, str]
) -> None:
    assert uids
    data = await answered(
        engine,
        recording,
        f"""{{ objects(resource: "gears.{GROUP}", namespaces: ["{NAMESPACE}"], first: 1000) {{
          nodes {{ name columns {{ name value }} }}
        }} }}""",
    )

    sizes = {
        node["name"]: {column["name"]: column["value"] for column in node["columns"]}["Size"]
        for node in data["objects"]["nodes"]
    }
    assert sizes == {"owner": None} | {f"g-{place:03}": place for place in range(PRINTED)}
    assert sum(path.endswith("/gears") for path in recording.paths) == 1 + 2  # one page of names, two of the Table

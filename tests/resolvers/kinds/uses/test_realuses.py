"""Uses on a real API server, beside an independent reading of the raw objects, and for a caller with few rights."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Any, Final

import msgspec
import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.limits import ConnectionLimits
from resolvers.kinds.uses.users import SPECS
from resolvers.limits import OperationLimits
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.users import ADMIN, TENANT
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet

pytestmark = pytest.mark.controlplane

Json = Any
NAMESPACES: Final = ("uses-a", "uses-b", "uses-hidden")
RBAC: Final = "rbac.authorization.k8s.io"
USERS: Final = (*SPECS, kinds.INGRESS, kinds.SERVICE_ACCOUNT)
USED: Final = {
    kinds.CONFIG_MAP: "configMaps",
    kinds.SECRET: "secrets",
    kinds.SERVICE_ACCOUNT: "serviceAccounts",
    kinds.PERSISTENT_VOLUME_CLAIM: "persistentVolumeClaims",
}
IMAGE: Final = "example.com/app:1"
SELECTOR: Final = {"matchLabels": {"app": "uses"}}


def _object(kind: Kind, namespace: str, name: str, **parts: Json) -> Json:
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **parts}


def _spec(random: Random) -> Json:
    """Returns the spec of a pod with some references of each sort."""
    numbers = iter(range(100))

    def name(letter: str) -> str:
        return f"{letter}{random.randrange(6)}"

    def volume(**source: Json) -> Json:
        return {"name": f"v{next(numbers)}", **source}

    def container(role: str) -> Json:
        key = {"key": "k", "optional": random.random() < 0.5}
        env = [
            {"name": "A", "valueFrom": {"configMapKeyRef": {"name": name("c"), **key}}},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": name("s"), **key}}},
        ]
        sources = [{"configMapRef": {"name": name("c")}}, {"secretRef": {"name": name("s")}}]
        return {
            "name": role,
            "image": IMAGE,
            "env": random.sample(env, random.randrange(3)),
            "envFrom": random.sample(sources, random.randrange(3)),
        }

    volumes = [
        volume(configMap={"name": name("c")}),
        volume(secret={"secretName": name("s")}),
        volume(projected={"sources": [{"configMap": {"name": name("c")}}, {"secret": {"name": name("s")}}]}),
        volume(persistentVolumeClaim={"claimName": name("p")}),
        volume(csi={"driver": "example.com", "nodePublishSecretRef": {"name": name("s")}}),
        volume(iscsi={"targetPortal": "1", "iqn": "iqn.2026-01.x:y", "lun": 0, "secretRef": {"name": name("s")}}),
        volume(emptyDir={}),
    ]
    account = {"serviceAccountName": f"a{random.randrange(3)}"} if random.random() < 0.7 else {}
    return account | {
        "volumes": random.sample(volumes, random.randrange(4)),
        "imagePullSecrets": [{"name": name("s")}] if random.random() < 0.3 else [],
        "initContainers": [container("init"), container("sidecar") | {"restartPolicy": "Always"}],
        "containers": [container("app")],
    }


def _template(random: Random, restart: str = "Always") -> Json:
    return {"metadata": {"labels": {"app": "uses"}}, "spec": _spec(random) | {"restartPolicy": restart}}


def _user(kind: Kind, namespace: str, name: str, random: Random) -> Json:
    if kind is kinds.POD:
        return _object(kind, namespace, name, spec=_spec(random))
    if kind is kinds.JOB:
        return _object(kind, namespace, name, spec={"suspend": True, "template": _template(random, "Never")})
    if kind is kinds.CRON_JOB:
        job = {"spec": {"template": _template(random, "Never")}}
        return _object(kind, namespace, name, spec={"schedule": "0 0 1 1 *", "jobTemplate": job})
    selector = {"app": "uses"} if kind is kinds.REPLICATION_CONTROLLER else SELECTOR
    spec: Json = {"selector": selector, "template": _template(random)}
    return _object(kind, namespace, name, spec=spec | ({"serviceName": "x"} if kind is kinds.STATEFUL_SET else {}))


def _objects() -> Iterator[Json]:
    random = Random(15)  # noqa: S311  a fixed seed
    for namespace in NAMESPACES:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        for number in range(7):
            yield _object(kinds.CONFIG_MAP, namespace, f"c{number}")
            yield _object(kinds.SECRET, namespace, f"s{number}")
            spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1"}}}
            yield _object(kinds.PERSISTENT_VOLUME_CLAIM, namespace, f"p{number}", spec=spec)
        for name in ("default", "a0", "a1", "a2", "a3"):
            own = {"secrets": [{"name": "s0"}], "imagePullSecrets": [{"name": "s1"}]} if name == "a1" else {}
            yield _object(kinds.SERVICE_ACCOUNT, namespace, name, **own)
        rule = {"tls": [{"secretName": "s2"}], "defaultBackend": {"service": {"name": "x", "port": {"number": 1}}}}
        yield _object(kinds.INGRESS, namespace, "i", spec=rule)
        for kind in SPECS:
            for number in range(2):
                yield _user(kind, namespace, f"u{number}", random)


def _granted() -> Iterator[Json]:
    """Yields the tenant's rights: to list all kinds in two namespaces, but for CronJobs of the second one."""
    for namespace in NAMESPACES[:2]:
        groups = ["", "apps", "networking.k8s.io", *(["batch"] if namespace == NAMESPACES[0] else [])]
        rules = [{"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list"]}]
        if namespace == NAMESPACES[1]:
            rules.append({"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get", "list"]})
        metadata = {"namespace": namespace, "name": "uses"}
        yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules}
        subjects = [{"apiGroup": RBAC, "kind": "User", "name": TENANT}]
        role = {"apiGroup": RBAC, "kind": "Role", "name": "uses"}
        named = {"metadata": metadata, "roleRef": role, "subjects": subjects}
        yield {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", **named}
    own = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"], "resourceNames": [*NAMESPACES[:2]]}]
    classes = {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["list"]}
    own += [classes, {"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["list"]}]
    metadata = {"name": "uses-own"}
    yield {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": own}
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": TENANT}]
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "uses-own"}
    named = {"metadata": metadata, "roleRef": role, "subjects": subjects}
    yield {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", **named}


@pytest.fixture(scope="module", autouse=True)
async def _filled(beta: Cluster) -> None:
    await create_objects(beta, [*_objects(), *_granted()])


@pytest.fixture(params=[ADMIN])
async def fleet(engine: Engine, beta: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[TestFleet]:
    """Yields beta as the cluster of a user."""
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=10))
    fleet.add(beta.name, beta, limits=ConnectionLimits(), user=request.param)
    yield fleet
    await fleet.close()


def _names(value: Json, wanted: Kind, key: str = "") -> Iterator[str]:
    """Yields the names of objects of a kind in raw JSON, by the words of its keys."""
    word = {"ConfigMap": "configmap", "Secret": "secret", "PersistentVolumeClaim": "claimname"}[wanted.name]
    if isinstance(value, dict):
        for below, inner in value.items():
            is_named = below in {"secretName", "claimName"} and word in below.lower()
            if isinstance(inner, str) and (is_named or (below == "name" and word in key.lower())):
                yield inner
            else:
                yield from _names(inner, wanted, below)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, wanted, key)


def _accounts(item: Json) -> set[str]:
    """Returns the service account of a raw object, if it has the spec of a pod."""
    spec = item.get("spec", {})
    for key in ("jobTemplate", "spec", "template", "spec"):
        spec = spec.get(key, spec)
    default = "" if item["kind"] == "Pod" else "default"  # no admission plugin fills it in here
    return {spec.get("serviceAccountName", default)} if "containers" in spec else set()


async def _read(cluster: Cluster) -> dict[tuple[Kind, str, str], set[tuple[str, str]]]:
    """Returns the kinds and names of the users of each place, from the raw objects."""
    found = defaultdict(set)
    async with connect(cluster) as session:

        async def one(kind: Kind, namespace: str) -> None:
            group = f"/apis/{kind.api_version}" if kind.group else "/api/v1"
            async with session.get(f"{group}/namespaces/{namespace}/{kind.plural}") as response:
                items = msgspec.json.decode(await response.read())["items"]
            for item in items:
                item["kind"] = kind.name
                user = kind.name, item["metadata"]["name"]
                parts = {key: value for key, value in item.items() if key not in {"metadata", "status"}}
                for used in (kinds.CONFIG_MAP, kinds.SECRET, kinds.PERSISTENT_VOLUME_CLAIM):
                    for name in _names(parts, used):
                        found[used, namespace, name].add(user)
                for name in _accounts(item):
                    found[kinds.SERVICE_ACCOUNT, namespace, name].add(user)

        await asyncio.gather(*(one(kind, namespace) for kind in USERS for namespace in NAMESPACES))
    return found


@pytest.mark.parametrize("used", USED, ids=str)
async def test_uses_are_those_of_the_raw_objects(fleet: TestFleet, beta: Cluster, used: Kind) -> None:
    expected = await _read(beta)
    root = USED[used]
    spaces = ", ".join(f'"{name}"' for name in NAMESPACES)
    mark = beta.audit.mark()

    reply = await fleet.ask(
        f"{{ {root}(namespaces: [{spaces}], first: 100) {{ nodes {{ namespace name isUsed usedBy {{ kind name }} "
        "usedAs { kind name } workloads { kind name } } } }"
    )

    assert reply.errors == ()
    nodes = reply.data[root]["nodes"]
    for node in nodes:
        users = [(user["kind"], user["name"]) for user in node["usedBy"]]
        assert users == sorted(expected.get((used, node["namespace"], node["name"]), ())), node["name"]
        assert node["isUsed"] is bool(users)
        assert {(use["kind"], use["name"]) for use in node["usedAs"]} == {*users}
        own = [user for user in users if user[0] not in {"Pod", "Ingress", "ServiceAccount"}]
        assert [(one["kind"], one["name"]) for one in node["workloads"]] == own
    assert {node["isUsed"] for node in nodes} == {True, False}
    lists = [one for one in beta.audit.requests_since(mark, user=ADMIN) if one.verb == "list"]
    others = [one for one in lists if f"/{used.plural}" not in one.uri]
    assert len(others) <= len(NAMESPACES) * (12 + 7)


async def test_any_number_costs_one_list_for_each_kind(fleet: TestFleet, beta: Cluster) -> None:
    mark = beta.audit.mark()

    reply = await fleet.ask("{ configMaps(first: 1000) { nodes { isUsed usedBy { name } } } }")

    assert reply.errors == ()
    requests = beta.audit.requests_since(mark, user=ADMIN)
    assert len([one for one in requests if "configmaps" not in one.uri]) == 8


@pytest.mark.parametrize("fleet", [TENANT], indirect=True)
async def test_a_caller_with_rights_in_two_namespaces(fleet: TestFleet, beta: Cluster) -> None:
    expected = await _read(beta)

    reply = await fleet.ask("{ secrets(first: 100) { nodes { namespace name isUsed usedBy { kind name } } } }")

    nodes = reply.data["secrets"]["nodes"]
    assert {node["namespace"] for node in nodes} == {*NAMESPACES[:2]}
    for node in nodes:
        place = kinds.SECRET, node["namespace"], node["name"]
        if node["namespace"] == NAMESPACES[0]:
            assert [(user["kind"], user["name"]) for user in node["usedBy"]] == sorted(expected.get(place, ()))
            assert node["isUsed"] is bool(expected.get(place))
        else:
            is_found = any(kind != "CronJob" for kind, _ in expected.get(place, ()))
            assert (node["usedBy"], node["isUsed"]) == (None, is_found or None)
    assert {error["extensions"]["code"] for error in reply.errors} == {"FORBIDDEN"}
    assert sorted(error["path"][-1] for error in reply.errors) == ["isUsed", "usedBy"]
    assert all("cronjobs" in error["message"] and NAMESPACES[1] in error["message"] for error in reply.errors)

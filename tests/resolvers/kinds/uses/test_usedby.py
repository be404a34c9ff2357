"""`usedBy`, `usedAs` and `isUsed`: every way of use, in every kind of user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.kinds.uses.users import SPECS, USERS
from tests.resolvers.links.owning import ROLLOUT, RecordingSender, answered, cluster_with, object_of, reference

Json = Any
SERVES: Final = (
    *SPECS,
    kinds.CONFIG_MAP,
    kinds.SECRET,
    kinds.SERVICE_ACCOUNT,
    kinds.PERSISTENT_VOLUME_CLAIM,
    kinds.INGRESS,
    kinds.PERSISTENT_VOLUME,
    kinds.STORAGE_CLASS,
)
CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")


def user(kind: Kind, name: str, spec: Json, namespace: str = "shop") -> Json:
    """Returns an object with the spec of a pod at the kind's path."""
    made = object_of(kind, name, namespace=namespace)
    for key in reversed(SPECS[kind].split(".")):
        spec = {key: spec}
    return made | spec


def cluster(*objects: Json, **options: Any) -> RecordingSender:
    """Returns a cluster with the kinds of all users."""
    return cluster_with([*objects], serves=[*SERVES], **options)


def use(way: str, kind: str, name: str, **parts: object) -> Mapping[str, object]:
    """Returns one use as `usedAs` has it."""
    return {"way": way, "kind": kind, "name": name, "container": None, "volume": None, "isOptional": False} | parts


def in_containers(variable: Json, source: Json) -> Json:
    """Returns a spec whose containers of all kinds have a variable and a source of variables."""
    return {name: [{"name": name, "env": [variable], "envFrom": [source]}] for name in CONTAINERS}


async def uses_of(engine: Engine, root: str, sender: RecordingSender) -> Json:
    """Returns the uses of the objects of a list."""
    fields = "usedBy { kind name } isUsed usedAs { way kind name container volume isOptional }"
    answer = await answered(engine, f"{{ {root} {{ nodes {{ name {fields} }} }} }}", sender)
    assert "errors" not in answer
    return answer["data"][root]["nodes"]


async def test_every_way_of_use_of_a_config_map(engine: Engine) -> None:
    volumes = [
        {"name": "plain", "configMap": {"name": "settings", "optional": True}},
        {"name": "mixed", "projected": {"sources": [{"configMap": {"name": "settings"}}, {"secret": {"name": "s"}}]}},
        {"name": "other", "configMap": {"name": "unknown"}},
    ]
    reference = {"name": "settings", "key": "k"}
    environments = in_containers(
        {"name": "A", "valueFrom": {"configMapKeyRef": reference}},
        {"configMapRef": {"name": "settings", "optional": True}},
    )
    pod = user(kinds.POD, "p", environments | {"volumes": volumes})

    (node,) = await uses_of(engine, "configMaps", cluster(object_of(kinds.CONFIG_MAP, "settings"), pod))

    assert node["usedBy"] == [{"kind": "Pod", "name": "p"}]
    assert node["usedAs"] == [
        use("VOLUME", "Pod", "p", volume="plain", isOptional=True),
        use("PROJECTED_VOLUME", "Pod", "p", volume="mixed"),
        *(
            one
            for name in CONTAINERS
            for one in (
                use("ENV_FROM", "Pod", "p", container=name, isOptional=True),
                use("ENV", "Pod", "p", container=name),
            )
        ),
    ]


async def test_every_way_of_use_of_a_secret(engine: Engine) -> None:
    reference = {"name": "s"}
    volumes = [
        {"name": "plain", "secret": {"secretName": "s"}},
        {"name": "mixed", "projected": {"sources": [{"secret": {"name": "s", "optional": True}}]}},
        {"name": "csi", "csi": {"driver": "d", "nodePublishSecretRef": reference}},
        {"name": "azureFile", "azureFile": {"secretName": "s", "shareName": "x"}},
        *(
            {"name": driver, driver: {"secretRef": reference}}
            for driver in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
        ),
    ]
    environments = in_containers(
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"secretRef": reference}
    )
    pod = user(kinds.POD, "p", environments | {"volumes": volumes, "imagePullSecrets": [reference]})
    ingress = object_of(kinds.INGRESS, "i") | {"spec": {"tls": [{"secretName": "s"}, {"hosts": ["a"]}]}}
    account = object_of(kinds.SERVICE_ACCOUNT, "a") | {"secrets": [reference], "imagePullSecrets": [reference]}

    (node,) = await uses_of(engine, "secrets", cluster(object_of(kinds.SECRET, "s"), pod, ingress, account))

    assert [one["kind"] for one in node["usedBy"]] == ["Ingress", "Pod", "ServiceAccount"]
    drivers = ("csi", "azureFile", "cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
    expected = [
        use("TLS", "Ingress", "i"),
        use("PULL_SECRET", "Pod", "p", isOptional=True),
        use("VOLUME", "Pod", "p", volume="plain"),
        use("PROJECTED_VOLUME", "Pod", "p", volume="mixed", isOptional=True),
        *(use("VOLUME_CREDENTIAL", "Pod", "p", volume=driver) for driver in drivers),
        *(use(way, "Pod", "p", container=name) for name in CONTAINERS for way in ("ENV_FROM", "ENV")),
        use("ACCOUNT_SECRET", "ServiceAccount", "a"),
        use("PULL_SECRET", "ServiceAccount", "a", isOptional=True),
    ]
    assert node["usedAs"] == expected


async def test_drivers_of_volumes_and_classes_use_secrets_of_other_namespaces(engine: Engine) -> None:
    def at(name: str, namespace: str | None = "till") -> Json:
        return {"name": name} | ({"namespace": namespace} if namespace else {})

    csi = {f"{step}SecretRef": at(step.lower()) for step in ("controllerPublish", "nodeStage", "nodePublish")}
    csi |= {f"{step}SecretRef": at(step.lower()) for step in ("controllerExpand", "nodeExpand")}
    volume, iscsi, azure = (object_of(kinds.PERSISTENT_VOLUME, name) for name in ("csi", "iscsi", "azure"))
    volume |= {"spec": {"csi": csi}}
    deletion = "volume.kubernetes.io/provisioner-deletion-secret-"
    volume["metadata"]["annotations"] = {f"{deletion}name": "delete", f"{deletion}namespace": "till"}
    iscsi |= {"spec": {"iscsi": {"secretRef": at("home", None)}, "claimRef": {"namespace": "till"}}}
    azure |= {"spec": {"azureFile": {"secretName": "home"}, "claimRef": {"namespace": "till"}}}
    parameters = {
        "csi.storage.k8s.io/provisioner-secret-name": "provision",
        "csi.storage.k8s.io/provisioner-secret-namespace": "till",
        "csi.storage.k8s.io/node-publish-secret-name": "${pvc.name}",
        "csi.storage.k8s.io/node-publish-secret-namespace": "till",
        "adminSecretName": "admin",
        "adminSecretNamespace": "till",
        "secretName": "lost",
    }
    fast = object_of(kinds.STORAGE_CLASS, "fast") | {"parameters": parameters}
    expected = {one["name"]: [use("VOLUME_CREDENTIAL", "PersistentVolume", "csi")] for one in csi.values()}
    expected["delete"] = [use("VOLUME_CREDENTIAL", "PersistentVolume", "csi")]
    expected["home"] = [use("VOLUME_CREDENTIAL", "PersistentVolume", name) for name in ("azure", "iscsi")]
    expected |= {name: [use("CLASS_CREDENTIAL", "StorageClass", "fast")] for name in ("provision", "admin")}
    expected |= {"lost": []}
    secrets = [object_of(kinds.SECRET, name, namespace=home) for name in expected for home in ("shop", "till")]

    nodes = await uses_of(engine, "secrets", cluster(volume, iscsi, azure, fast, *secrets))

    assert [(node["name"], node["usedAs"]) for node in nodes if node["usedAs"]] == sorted(
        (name, uses) for name, uses in expected.items() if uses
    )
    assert all(node["isUsed"] is bool(node["usedBy"]) is bool(node["usedAs"]) for node in nodes)


@pytest.mark.parametrize("kind", SPECS, ids=str)
@pytest.mark.parametrize(
    ("used", "root", "spec"),
    [
        (kinds.CONFIG_MAP, "configMaps", {"volumes": [{"name": "v", "configMap": {"name": "used"}}]}),
        (kinds.SECRET, "secrets", {"imagePullSecrets": [{"name": "used"}]}),
        (kinds.SERVICE_ACCOUNT, "serviceAccounts", {"serviceAccountName": "used"}),
        (
            kinds.PERSISTENT_VOLUME_CLAIM,
            "persistentVolumeClaims",
            {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "used"}}]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_templates_of_every_kind_are_users(engine: Engine, kind: Kind, used: Kind, root: str, spec: Json) -> None:
    nodes = await uses_of(
        engine, root, cluster(object_of(used, "used"), object_of(used, "free"), user(kind, "u", spec))
    )

    assert [(node["name"], node["isUsed"], node["usedBy"]) for node in nodes] == [
        ("free", False, []),
        ("used", True, [{"kind": kind.name, "name": "u"}]),
    ]


async def test_workloads_are_users_that_no_other_one_controls(engine: Engine) -> None:
    spec = {"volumes": [{"name": "v", "configMap": {"name": "settings"}}]}
    controlled = {
        kinds.REPLICA_SET: reference(kinds.DEPLOYMENT, "web"),
        kinds.JOB: reference(kinds.CRON_JOB, "nightly"),
        kinds.DEPLOYMENT: reference(ROLLOUT, "canary"),
    }
    users = [user(kind, "controlled", spec) for kind in controlled]
    for one, owner in zip(users, controlled.values(), strict=True):
        one["metadata"]["ownerReferences"] = [owner]
    free = [user(kind, "free", spec) for kind in (kinds.POD, kinds.REPLICA_SET, kinds.CRON_JOB)]
    sender = cluster(object_of(kinds.CONFIG_MAP, "settings"), object_of(kinds.CONFIG_MAP, "unused"), *users, *free)

    answer = await answered(engine, "{ configMaps { nodes { workloads { kind name } } } }", sender)

    found = [
        [(one["kind"], one["name"]) for one in node["workloads"]] for node in answer["data"]["configMaps"]["nodes"]
    ]
    assert found == [[("CronJob", "free"), ("Deployment", "controlled"), ("ReplicaSet", "free")], []]
    assert "pods" not in sender.counts


async def test_templates_without_an_account_use_the_default_one(engine: Engine) -> None:
    objects = object_of(kinds.SERVICE_ACCOUNT, "default"), object_of(kinds.SERVICE_ACCOUNT, "other")
    users = user(kinds.DEPLOYMENT, "d", {"volumes": []}), user(kinds.POD, "mirror", {"volumes": []})

    nodes = await uses_of(engine, "serviceAccounts", cluster(*objects, *users))

    assert [(node["name"], node["usedBy"]) for node in nodes] == [
        ("default", [{"kind": "Deployment", "name": "d"}]),
        ("other", []),
    ]


async def test_claims_made_for_pods_and_of_templates_are_used(engine: Engine) -> None:
    names = ("data-db-0", "data-db-10", "data-db-x", "data-dbx-0", "web-scratch", "scratch")
    claims = [object_of(kinds.PERSISTENT_VOLUME_CLAIM, name) for name in names]
    pod = user(kinds.POD, "web", {"volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]})
    sets = object_of(kinds.STATEFUL_SET, "db") | {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}

    nodes = await uses_of(engine, "persistentVolumeClaims", cluster(*claims, pod, sets))

    of_set = use("CLAIM_TEMPLATE", "StatefulSet", "db", volume="data")
    assert {node["name"]: node["usedAs"] for node in nodes} == {name: [] for name in names} | {
        "data-db-0": [of_set],
        "data-db-10": [of_set],
        "web-scratch": [use("VOLUME", "Pod", "web", volume="scratch")],
    }


async def test_an_object_of_the_same_name_in_another_namespace_is_not_used(engine: Engine) -> None:
    spec = {"volumes": [{"name": "v", "configMap": {"name": "settings"}}]}
    maps = [object_of(kinds.CONFIG_MAP, "settings", namespace=namespace) for namespace in ("shop", "till")]

    nodes = await uses_of(engine, "configMaps", cluster(*maps, user(kinds.POD, "p", spec, "till")))

    assert [node["isUsed"] for node in nodes] == [False, True]


async def test_any_number_of_config_maps_costs_one_list_for_each_kind_of_user(engine: Engine) -> None:
    maps = [object_of(kinds.CONFIG_MAP, f"m{place}", namespace=f"n{place % 7}") for place in range(60)]
    sender = cluster(*maps)

    nodes = await uses_of(engine, "configMaps", sender)

    assert len(nodes) == 60
    counts = sender.counts
    assert counts.pop("configmaps") == 1
    assert set(counts) == {user.kind.plural for user in USERS[kinds.CONFIG_MAP]}
    assert len(counts) == 8
    assert set(counts.values()) == {1}, counts


async def test_unused_ones_are_found_by_a_filter(engine: Engine) -> None:
    spec = {"imagePullSecrets": [{"name": "used"}]}
    sender = cluster(object_of(kinds.SECRET, "used"), object_of(kinds.SECRET, "free"), user(kinds.POD, "p", spec))

    for condition in ('{path: "isUsed", op: EQ, value: false}', '{path: "usedBy", op: NOT_EXISTS}'):
        answer = await answered(engine, f"{{ secrets(where: [{condition}]) {{ nodes {{ name }} }} }}", sender)

        assert answer == {"data": {"secrets": {"nodes": [{"name": "free"}]}}}, condition


@pytest.mark.parametrize("forbidden", ["cronjobs", "ingresses"])
async def test_an_object_is_not_unused_if_a_kind_of_users_cannot_be_read(engine: Engine, forbidden: str) -> None:
    pod = user(kinds.POD, "p", {"imagePullSecrets": [{"name": "used"}]})
    secrets = (object_of(kinds.SECRET, "s"), object_of(kinds.SECRET, "used"))
    sender = cluster(*secrets, pod, forbidden=[forbidden])

    answer = await answered(
        engine, "{ secrets { nodes { usedBy { name } isUsed usedAs { way } workloads { name } } } }", sender
    )

    is_workload = forbidden == "cronjobs"
    workloads: Json = None if is_workload else []
    assert answer["data"]["secrets"]["nodes"] == [
        {"usedBy": None, "isUsed": is_used, "usedAs": None, "workloads": workloads} for is_used in (None, True)
    ]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    fields = {error["path"][-1].replace("isUsed", "usedAs") for error in answer["errors"]}  # one of both has the cause
    assert fields == {"usedAs", "usedBy", *(["workloads"] if is_workload else [])}
    assert len(answer["errors"]) == len(fields)


@pytest.mark.parametrize("forbidden", ["persistentvolumes", "storageclasses"])
async def test_kinds_of_the_whole_cluster_that_may_not_be_listed_are_left_out_with_a_warning(
    engine: Engine, forbidden: str
) -> None:
    spec = {"imagePullSecrets": [{"name": "used"}]}
    secrets = (object_of(kinds.SECRET, "used"), object_of(kinds.SECRET, "free"))
    sender = cluster(*secrets, user(kinds.POD, "p", spec), forbidden=[forbidden])

    answer = await answered(engine, "{ secrets { nodes { name isUsed usedBy { name } } } }", sender)

    assert answer["data"]["secrets"]["nodes"] == [
        {"name": "free", "isUsed": False, "usedBy": []},
        {"name": "used", "isUsed": True, "usedBy": [{"name": "p"}]},
    ]
    assert "errors" not in answer
    (warning,) = answer["extensions"]["warnings"]
    assert (warning["code"], warning["reason"]) == ("LEFT_OUT", "FORBIDDEN")
    assert forbidden in warning["message"]


async def test_only_the_kinds_that_are_asked_for_are_read(engine: Engine) -> None:
    spec = {"volumes": [{"name": "v", "configMap": {"name": "m"}}]}
    users = [user(kinds.POD, name, spec) for name in ("a", "b")]
    sender = cluster(object_of(kinds.CONFIG_MAP, "m"), user(kinds.JOB, "j", spec), *users)

    answer = await answered(
        engine, '{ configMaps { nodes { usedBy(kinds: ["pods", "Deployment"], first: 1) { name } } } }', sender
    )

    assert answer == {"data": {"configMaps": {"nodes": [{"usedBy": [{"name": "a"}]}]}}}
    assert sorted(sender.counts) == ["configmaps", "deployments", "pods"]


@pytest.mark.parametrize("name", ["deploy", "deployment", "Deployment", "deployments.apps", "deployments.v1.apps"])
async def test_kinds_have_the_names_that_kubectl_takes(engine: Engine, name: str) -> None:
    sender = cluster(object_of(kinds.CONFIG_MAP, "m"))

    answer = await answered(
        engine, f'{{ configMaps {{ nodes {{ usedBy(kinds: ["po", "{name}"]) {{ name }} }} }} }}', sender
    )

    assert answer == {"data": {"configMaps": {"nodes": [{"usedBy": []}]}}}
    assert sorted(sender.counts) == ["configmaps", "deployments", "pods"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: 0", "first: 0 asks for no object; ask for 1 or more."),
        (
            'kinds: ["nodes"]',
            "kinds: 'nodes' is no kind whose objects use it; use cronjobs, daemonsets, deployments, jobs, pods, "
            "replicasets, replicationcontrollers or statefulsets.",
        ),
    ],
)
async def test_bad_arguments_are_refused_before_any_request(engine: Engine, arguments: str, message: str) -> None:
    sender = cluster(object_of(kinds.CONFIG_MAP, "m"))

    answer = await answered(engine, f"{{ configMaps {{ nodes {{ usedBy({arguments}) {{ name }} }} }} }}", sender)

    assert [error["message"] for error in answer["errors"]] == [message]
    assert sender.paths == []

"""`env` of containers: what it reads of clusters, what it shows of Secrets, and how it fails."""

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from graph.answer import Answer
from graph.engine import Engine
from k8s.errors import Forbidden
from k8s.kinds.builtin import CONFIG_MAP, NAMESPACE, NODE, POD, SECRET, SERVICE
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.graph.fleets import Asking, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender

Object = dict[str, Any]

CANARY: Final = "s3cr3t-canary"
ENV: Final = "containers { name env { name value source { kind name key } error } }"
ONE: Final = f'{{ pods(fieldSelector: "metadata.name=api-0") {{ nodes {{ {ENV} }} }} }}'
ALL: Final = f"{{ pods {{ nodes {{ {ENV} }} }} }}"


def _pod(name: str, env: Sequence[Object], env_from: Sequence[Object] = (), **spec: object) -> Object:
    container = {"name": "app", "image": "app", "env": [*env], "envFrom": [*env_from]}
    return {"metadata": {"namespace": "shop", "name": name, "uid": "1"}, "spec": {"containers": [container], **spec}}


def _of_key(kind: str, name: str, key: str, **more: object) -> Object:
    return {"valueFrom": {f"{kind}KeyRef": {"name": name, "key": key, **more}}}


ENTRIES: Final[Sequence[Object]] = (
    {"name": "MODE", "value": "fast"},
    {"name": "URL", **_of_key("configMap", "settings", "url")},
    {"name": "PASSWORD", **_of_key("secret", "db", "password")},
    {"name": "DSN", "value": "postgres://app:$(PASSWORD)@$(URL)"},
    {"name": "LINE", "value": "$(MODE) $$(MODE) $(NONE)"},
)


@dataclass
class EnvironmentSender:
    """An API server with pods and what their variables name; it counts lists and may refuse kinds."""

    pods: Sequence[Object]
    refused: Collection[Kind] = ()
    name: str = "alpha"
    lists: list[str] = field(default_factory=list)
    more: Mapping[Kind, Sequence[Object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        secret = {"password": b64encode(CANARY.encode()).decode(), "user": b64encode(b"app").decode()}
        objects: dict[Kind, Sequence[Object]] = {
            POD: self.pods,
            CONFIG_MAP: [_named("settings", data={"url": "db:5432", "level": "info", "1.x": "y"})],
            SECRET: [_named("db", data=secret)],
            NODE: [{"metadata": {"name": "node-1"}, "status": {"allocatable": {"cpu": "3920m", "memory": "4Gi"}}}],
            SERVICE: [
                _service("default", "kubernetes", "10.0.0.1"),
                _service("shop", "web-api", "10.0.0.2"),
                _service("other", "far", "10.0.0.3"),
            ],
            **self.more,
        }
        self.whole = ObjectsSender(self.name, lambda kind: objects.get(kind, ()))

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        plural = call.path.rsplit("/", 1)[-1]
        if plural in {"pods", "configmaps", "secrets", "nodes", "services"}:
            self.lists.append(plural)
        if plural in {kind.plural for kind in self.refused}:
            raise Forbidden(self.name, f"its RBAC does not allow to list {plural}.", status=403)
        return await self.whole.send(call, deadline, on_prefix=on_prefix)


def _named(name: str, **fields: object) -> Object:
    return {"metadata": {"namespace": "shop", "name": name}, **fields}


def _service(namespace: str, name: str, address: str) -> Object:
    ports = [{"name": "https", "port": 443, "protocol": "TCP"}]
    return {"metadata": {"namespace": namespace, "name": name}, "spec": {"clusterIP": address, "ports": ports}}


def _lists(answer: Answer) -> Sequence[Any]:
    """Returns the variables of the first container of each pod."""
    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    return [pod["containers"][0]["env"] for pod in nodes]


def _variables(answer: Answer) -> Mapping[str | None, Any]:
    """Returns the variables of the only container by name."""
    (variables,) = _lists(answer)
    return {one["name"]: one for one in variables}


def _errors(answer: Answer) -> Sequence[Any]:
    return [*answer.to_builtins().get("errors", [])]


async def test_shows_a_container_as_its_kubelet_will_start_it(ask: Callable[..., Asking]) -> None:
    sender = EnvironmentSender([_pod("api-0", ENTRIES)])
    answer = await ask(sender)(ONE)
    assert not _errors(answer)
    variables = _variables(answer)
    assert {name: one["value"] for name, one in variables.items()} == {
        "MODE": "fast",
        "URL": "db:5432",
        "PASSWORD": None,
        "DSN": None,
        "LINE": "fast $(MODE) $(NONE)",
    }
    secret = {"kind": "Secret", "name": "db", "key": "password"}
    assert variables["PASSWORD"]["source"] == variables["DSN"]["source"] == secret
    assert variables["URL"]["source"] == {"kind": "ConfigMap", "name": "settings", "key": "url"}
    assert variables["MODE"]["source"] is None
    assert [one["error"] for one in variables.values()] == [None] * 5


@pytest.mark.parametrize("count", [1, 40])
async def test_reads_two_lists_for_any_number_of_pods(ask: Callable[..., Asking], count: int) -> None:
    sender = EnvironmentSender([_pod(f"api-{number}", ENTRIES) for number in range(count)])
    answer = await ask(sender)(ALL)
    assert not _errors(answer)
    assert sorted(sender.lists) == ["configmaps", "pods", "secrets"]


async def test_reads_nothing_for_containers_that_name_nothing(ask: Callable[..., Asking]) -> None:
    sender = EnvironmentSender([_pod("api-0", [{"name": "MODE", "value": "fast"}])])
    assert _variables(await ask(sender)(ONE))["MODE"]["value"] == "fast"
    assert sender.lists == ["pods"]


async def test_a_caller_without_rights_to_secrets_gets_all_other_values(ask: Callable[..., Asking]) -> None:
    pods = [_pod(f"api-{number}", ENTRIES) for number in range(40)]
    answer = await ask(EnvironmentSender(pods, refused=[SECRET]))(ALL)
    (error,) = _errors(answer)
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["extensions"]["cluster"] == "alpha"
    reason = "cluster 'alpha': its RBAC does not allow to list secrets in namespace shop."
    for variables in _lists(answer):
        assert {one["name"]: (one["value"], one["error"]) for one in variables} == {
            "MODE": ("fast", None),
            "URL": ("db:5432", None),
            "PASSWORD": (None, reason),
            "DSN": (None, reason),
            "LINE": ("fast $(MODE) $(NONE)", None),
        }


async def test_a_cluster_that_fails_costs_its_own_values_only(ask: Callable[..., Asking]) -> None:
    senders = [
        EnvironmentSender([_pod("api-0", ENTRIES[1:3])], [SECRET] if name == "beta" else [], name)
        for name in ("alpha", "beta")
    ]
    answer = await ask(*senders)(f"{{ pods {{ nodes {{ cluster {{ name }} {ENV} }} }} }}")
    assert [error["extensions"]["cluster"] for error in _errors(answer)] == ["beta"]
    assert [[one["error"] is None for one in variables] for variables in _lists(answer)] == [
        [True, True],
        [True, False],
    ]


async def test_missing_objects_have_the_words_of_the_kubelet(ask: Callable[..., Asking]) -> None:
    entries: list[Object] = [
        {"name": "A", **_of_key("configMap", "gone", "x")},
        {"name": "B", **_of_key("secret", "gone", "x")},
        {"name": "C", **_of_key("configMap", "settings", "gone")},
        {"name": "D", **_of_key("secret", "db", "gone")},
        {"name": "E", **_of_key("secret", "db", "gone", optional=True)},
        {"name": "F", **_of_key("configMap", "gone", "x", optional=True)},
        {"name": "G", "value": "$(A)"},
    ]
    sources: list[Object] = [
        {"secretRef": {"name": "none"}},
        {"configMapRef": {"name": "none", "optional": True}},
    ]
    variables = _variables(await ask(EnvironmentSender([_pod("api-0", entries, sources)]))(ONE))
    assert {name: one["error"] for name, one in variables.items()} == {
        None: 'secret "none" not found',
        "A": 'configmap "gone" not found',
        "B": 'secret "gone" not found',
        "C": "couldn't find key gone in ConfigMap shop/settings",
        "D": "couldn't find key gone in Secret shop/db",
        "G": 'configmap "gone" not found',
    }
    assert {one["value"] for one in variables.values()} == {None}


async def test_env_overrides_env_from_and_the_last_of_that_wins(ask: Callable[..., Asking]) -> None:
    more = {CONFIG_MAP: [_named("one", data={"a": "1", "b": "1", "c": "1"}), _named("two", data={"b": "2"})]}
    sources: list[Object] = [
        {"configMapRef": {"name": "one"}},
        {"configMapRef": {"name": "two"}},
        {"prefix": "db_", "secretRef": {"name": "db"}},
    ]
    pod = _pod("api-0", [{"name": "c", "value": "3"}, {"name": "sum", "value": "$(a)$(b)$(c)$(later)"}], sources)
    variables = _variables(await ask(EnvironmentSender([pod], more=more))(ONE))
    assert {name: one["value"] for name, one in variables.items()} == {
        "a": "1",
        "b": "2",
        "db_password": None,
        "db_user": None,
        "c": "3",
        "sum": "123$(later)",
    }
    assert variables["db_user"]["source"] == {"kind": "Secret", "name": "db", "key": "user"}


async def test_limits_of_nodes_are_read_only_if_a_variable_needs_them(ask: Callable[..., Asking]) -> None:
    entry: Object = {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}
    pods = [_pod("api-0", [entry], nodeName="node-1"), _pod("api-1", [entry]), _pod("api-2", [entry], nodeName="gone")]
    sender = EnvironmentSender(pods)
    answer = await ask(sender)(ALL)
    assert [(one["value"], one["error"]) for (one,) in _lists(answer)] == [
        ("4", None),
        (None, "No limit of cpu is set, so the node decides, and the pod has none yet."),
        (None, 'nodes "gone" not found'),
    ]
    assert sorted(set(sender.lists)) == ["nodes", "pods"]


async def test_services_are_read_only_if_a_reference_may_lead_to_them(ask: Callable[..., Asking]) -> None:
    entries: list[Object] = [
        {"name": "API", "value": "$(WEB_API_SERVICE_HOST):$(WEB_API_SERVICE_PORT_HTTPS)"},
        {"name": "MASTER", "value": "$(KUBERNETES_SERVICE_HOST)"},
        {"name": "FAR", "value": "$(FAR_SERVICE_HOST)"},
    ]
    sender = EnvironmentSender([_pod("api-0", entries), _pod("api-1", entries, enableServiceLinks=False)])
    answer = await ask(sender)(ALL)
    assert not _errors(answer)
    assert [[one["value"] for one in variables] for variables in _lists(answer)] == [
        ["10.0.0.2:443", "10.0.0.1", "$(FAR_SERVICE_HOST)"],
        ["$(WEB_API_SERVICE_HOST):$(WEB_API_SERVICE_PORT_HTTPS)", "10.0.0.1", "$(FAR_SERVICE_HOST)"],
    ]
    assert set(sender.lists) == {"pods", "services"}


async def test_values_that_the_operator_masks_are_masked(engine: Engine) -> None:
    more = {CONFIG_MAP: [_named("settings", data={"url": CANARY, "level": "info"})]}
    entries: list[Object] = [*ENTRIES, {"name": "LEVEL", **_of_key("configMap", "settings", "level")}]
    masking = Masking(masked_paths('configmaps:data["url"]'))
    sender = EnvironmentSender([_pod("api-0", entries)], more=more)
    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(ONE)
    variables = _variables(answer)
    assert variables["URL"]["value"] is variables["URL"]["error"] is None
    assert variables["LEVEL"]["value"] == "info"
    assert CANARY not in answer.to_json().decode()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pods:spec.containers.env", None),
        ("pods:spec.containers.env.value", [("A", None), ("B", "api-0")]),
        ("pods:metadata.annotations", [("A", "1"), ("B", "api-0")]),
    ],
)
async def test_masked_fields_of_pods_are_masked_in_variables(
    engine: Engine, path: str, expected: Sequence[tuple[str, str | None]] | None
) -> None:
    entries: list[Object] = [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    masking = Masking(masked_paths(path))
    sender = EnvironmentSender([_pod("api-0", entries)])
    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(ALL)
    (variables,) = _lists(answer)
    assert (variables and [(one["name"], one["value"]) for one in variables]) == expected


async def test_values_can_be_compared_but_those_of_secrets_are_null(ask: Callable[..., Asking]) -> None:
    pods = [_pod("api-0", ENTRIES), _pod("api-1", [{"name": "MODE", "value": "slow"}])]
    sender = EnvironmentSender(pods)
    where = (
        '{{ pods(where: [{{path: "containers.env.{}", op: {}, value: "{}"}}]) {{ nodes {{ metadata {{ name }} }} }} }}'
    )

    async def found(path: str, operator: str, value: str) -> Sequence[str]:
        answer = await ask(sender)(where.format(path, operator, value))
        assert not _errors(answer)
        return [pod["metadata"]["name"] for pod in answer.to_builtins()["data"]["pods"]["nodes"]]

    assert await found("value", "EQ", "fast") == ["api-0"]
    assert await found("value", "CONTAINS", CANARY[:4]) == []
    assert await found("source.kind", "EQ", "Secret") == ["api-0"]
    groups = '{ pods { groups(by: ["containers.env.value"]) { key count } } }'
    answer = await ask(sender)(groups)
    assert not _errors(answer)
    assert CANARY not in answer.to_json().decode()


async def test_answers_as_graphql_core_does_object_by_object(ask: Callable[..., Asking]) -> None:
    sender = EnvironmentSender([_pod("api-0", ENTRIES), _pod("api-1", ENTRIES[:1])], refused=[SECRET])
    assert _lists(await ask(sender)(ALL)) == _lists(await ask(sender)(ALL, is_ordinary=True))


async def test_values_that_double_are_bounded(ask: Callable[..., Asking]) -> None:
    entries: list[Object] = [{"name": "V0", "value": "x" * 100}]
    entries += [{"name": f"V{place}", "value": f"$(V{place - 1})$(V{place - 1})"} for place in range(1, 40)]
    variables = _variables(await ask(EnvironmentSender([_pod("api-0", entries)]))(ONE))
    assert len(variables["V10"]["value"]) == 102_400
    assert variables["V11"]["value"] is None
    assert "more than 131072 characters" in variables["V11"]["error"] == variables["V39"]["error"]


async def test_secrets_that_may_be_listed_in_some_namespaces_only_cost_one_error(ask: Callable[..., Asking]) -> None:
    namespaces = ("dark", "deep", "shop")
    pods = [_pod(f"{namespace}-{number}", ENTRIES[2:3]) for namespace in namespaces for number in range(20)]
    pods = [pod | {"metadata": pod["metadata"] | {"namespace": pod["metadata"]["name"][:4]}} for pod in pods]
    names = [{"metadata": {"name": namespace}} for namespace in namespaces]
    sender = EnvironmentSender(pods, more={NAMESPACE: names})
    answer = await ask(LimitedSender(sender, {SECRET: ["shop"]}))(ALL)

    (error,) = _errors(answer)
    assert error["extensions"]["code"] == "FORBIDDEN"
    reason = "cluster 'alpha': its RBAC does not allow to list secrets in 2 namespaces, such as dark."
    assert error["message"] == reason
    assert [one["error"] for (one,) in _lists(answer)] == [reason] * 40 + [None] * 20

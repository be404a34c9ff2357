"""Fields and links of roles, bindings and the accounts that have them."""

from __future__ import annotations

from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.rbac.effective import EffectiveRule
from resolvers.kinds.rbac.role import CLUSTER_ROLES, ROLES
from resolvers.kinds.rbac.rolebinding import ROLE_BINDINGS
from tests.resolvers.kinds.derivedfields import derived
from tests.resolvers.links.owning import RecordingSender, answered, cluster_with, object_of

SERVES: Final = (
    kinds.ROLE,
    kinds.CLUSTER_ROLE,
    kinds.ROLE_BINDING,
    kinds.CLUSTER_ROLE_BINDING,
    kinds.SERVICE_ACCOUNT,
)


def role(kind: Kind, name: str, *verbs: str, namespace: str = "shop", **parts: Any) -> Any:
    """Returns a role with a rule about pods."""
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": [*verbs]}]
    return object_of(kind, name, namespace=namespace) | {"rules": rules} | parts


def binding(name: str, to: tuple[str, str], *subjects: tuple[str, str, str | None], namespace: str | None) -> Any:
    """Returns a binding; one of a whole cluster without a namespace."""
    kind = kinds.ROLE_BINDING if namespace else kinds.CLUSTER_ROLE_BINDING
    named = [{"kind": one, "name": subject, "namespace": home} for one, subject, home in subjects]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": to[0], "name": to[1]}
    return object_of(kind, name, namespace=namespace or "") | {"roleRef": reference, "subjects": named}


def cluster(*objects: Any, **options: Any) -> RecordingSender:
    """Returns a cluster with the kinds of RBAC."""
    return cluster_with([*objects], serves=[*SERVES], **options)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"verbs": ["get", "list"], "apiGroups": ["", "apps"], "resources": ["pods"]}, "get,list: pods,pods.apps"),
        ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, "*: *.*"),
        (
            {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a", "b"]},
            "get: configmaps [a,b]",
        ),
        ({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/metrics/*"]}, "get: /healthz,/metrics/*"),
        ({"verbs": ["get"], "resources": ["pods/log"]}, "get: pods/log"),
        ({}, ": "),
    ],
)
def test_the_text_of_a_rule(rule: Any, text: str) -> None:
    assert derived(ROLES, "ruleTexts", rules=[rule]) == [text]
    assert derived(CLUSTER_ROLES, "ruleTexts", rules=[rule]) == [text]


def test_a_binding_without_subjects_has_no_names() -> None:
    for name in ("users", "groups", "serviceAccountNames"):
        assert derived(ROLE_BINDINGS, name) == []
    assert derived(ROLE_BINDINGS, "roleText") == "/"


async def test_bindings_lead_to_roles_and_accounts_and_back(engine: Engine) -> None:
    account = ("ServiceAccount", "a", "shop")
    sender = cluster(
        role(kinds.ROLE, "own", "get"),
        role(kinds.ROLE, "own", "list", namespace="till"),
        role(kinds.CLUSTER_ROLE, "own", "watch"),
        object_of(kinds.SERVICE_ACCOUNT, "a"),
        object_of(kinds.SERVICE_ACCOUNT, "a", namespace="till"),
        binding("of-role", ("Role", "own"), account, namespace="till"),
        binding("of-cluster-role", ("ClusterRole", "own"), account, ("User", "a", None), namespace="shop"),
        binding("everywhere", ("ClusterRole", "own"), account, ("ServiceAccount", "gone", "shop"), namespace=None),
    )

    answer = await answered(
        engine,
        """{ roleBindings { nodes { name role { namespace } clusterRole { name } serviceAccounts { namespace } } }
        clusterRoleBindings { nodes { name clusterRole { name } serviceAccounts { namespace name } } }
        roles { nodes { namespace roleBindings { nodes { name } } } }
        clusterRoles { nodes { roleBindings { nodes { name } } clusterRoleBindings { nodes { name } } } }
        serviceAccounts { nodes { namespace roleBindings { nodes { name } } clusterRoleBindings { nodes { name } } } }
        }""",
        sender,
    )

    def nodes(*names: str) -> Any:
        return {"nodes": [{"name": name} for name in names]}

    assert answer["data"] == {
        "roleBindings": {
            "nodes": [
                {
                    "name": "of-cluster-role",
                    "role": None,
                    "clusterRole": {"name": "own"},
                    "serviceAccounts": [{"namespace": "shop"}],
                },
                {
                    "name": "of-role",
                    "role": {"namespace": "till"},
                    "clusterRole": None,
                    "serviceAccounts": [{"namespace": "shop"}],
                },
            ]
        },
        "clusterRoleBindings": {
            "nodes": [
                {
                    "name": "everywhere",
                    "clusterRole": {"name": "own"},
                    "serviceAccounts": [{"namespace": "shop", "name": "a"}],
                }
            ]
        },
        "roles": {
            "nodes": [
                {"namespace": "shop", "roleBindings": nodes()},
                {"namespace": "till", "roleBindings": nodes("of-role")},
            ]
        },
        "clusterRoles": {
            "nodes": [{"roleBindings": nodes("of-cluster-role"), "clusterRoleBindings": nodes("everywhere")}]
        },
        "serviceAccounts": {
            "nodes": [
                {
                    "namespace": "shop",
                    "roleBindings": nodes("of-cluster-role", "of-role"),
                    "clusterRoleBindings": nodes("everywhere"),
                },
                {"namespace": "till", "roleBindings": nodes(), "clusterRoleBindings": nodes()},
            ]
        },
    }


async def test_effective_rules_come_through_names_users_and_groups(engine: Engine) -> None:
    sender = cluster(
        object_of(kinds.SERVICE_ACCOUNT, "a"),
        role(kinds.ROLE, "own", "get"),
        role(kinds.CLUSTER_ROLE, "own", "watch"),
        binding("named", ("Role", "own"), ("ServiceAccount", "a", "shop"), namespace="shop"),
        binding("user", ("ClusterRole", "own"), ("User", "system:serviceaccount:shop:a", None), namespace="till"),
        binding("all", ("ClusterRole", "own"), ("Group", "system:serviceaccounts", None), namespace=None),
        binding("home", ("ClusterRole", "own"), ("Group", "system:serviceaccounts:shop", None), namespace=None),
        binding("any", ("ClusterRole", "own"), ("Group", "system:authenticated", None), namespace=None),
        binding("other", ("ClusterRole", "own"), ("ServiceAccount", "a", "till"), namespace=None),
        binding("group", ("ClusterRole", "own"), ("Group", "system:serviceaccounts:till", None), namespace=None),
        binding("dangling", ("ClusterRole", "gone"), ("ServiceAccount", "a", "shop"), namespace=None),
    )

    answer = await answered(
        engine, "{ serviceAccounts { nodes { effectiveRules { rule namespace role binding } } } }", sender
    )

    (node,) = answer["data"]["serviceAccounts"]["nodes"]
    rules = {(one["binding"], one["namespace"], one["role"], one["rule"]) for one in node["effectiveRules"]}
    assert rules == {
        ("named", "shop", "Role/own", "get: pods"),
        ("user", "till", "ClusterRole/own", "watch: pods"),
        ("all", None, "ClusterRole/own", "watch: pods"),
        ("home", None, "ClusterRole/own", "watch: pods"),
        ("any", None, "ClusterRole/own", "watch: pods"),
    }
    assert len(node["effectiveRules"]) == len(rules)
    assert set(sender.counts.values()) == {1}


def shared_role(*accounts: str, rules: int = 3) -> list[Any]:
    """Returns accounts with a role of some rules, through a group and, for the first one, by its name as well."""
    many = [{"verbs": [f"v{place}"], "resources": ["pods"]} for place in range(rules)]
    return [
        *(object_of(kinds.SERVICE_ACCOUNT, name) for name in accounts),
        role(kinds.CLUSTER_ROLE, "wide") | {"rules": many},
        binding("all", ("ClusterRole", "wide"), ("Group", "system:serviceaccounts", None), namespace=None),
        binding("one", ("ClusterRole", "wide"), ("ServiceAccount", accounts[0], "shop"), namespace="shop"),
    ]


async def test_accounts_share_the_rules_of_a_grant(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(rule: str, namespace: str | None, role: str, binding: str) -> EffectiveRule:
        made.append(binding)
        return EffectiveRule(rule, namespace, role, binding)

    monkeypatch.setattr("resolvers.kinds.rbac.effective.EffectiveRule", counted)
    sender = cluster(*shared_role("a", "b", "c"))

    answer = await answered(engine, "{ serviceAccounts { nodes { effectiveRules { rule binding } } } }", sender)

    rules = [{"rule": f"v{place}: pods", "binding": "all"} for place in range(3)]
    nodes = answer["data"]["serviceAccounts"]["nodes"]
    assert nodes[0]["effectiveRules"] == [{**one, "binding": "one"} for one in rules] + rules
    assert [node["effectiveRules"] for node in nodes[1:]] == [rules, rules]
    assert sorted(made) == ["all"] * 3 + ["one"] * 3


async def test_an_account_has_a_limited_number_of_effective_rules(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.kinds.rbac.effective.MAX_ITEMS", 4)
    sender = cluster(*shared_role("a", "b"))

    answer = await answered(engine, "{ serviceAccounts { nodes { effectiveRules { binding } } } }", sender)

    lists = [[one["binding"] for one in node["effectiveRules"]] for node in answer["data"]["serviceAccounts"]["nodes"]]
    assert lists == [["one", "one", "one", "all"], ["all"] * 3]


@pytest.mark.parametrize("weight", ["_RULE_BYTES", "REFERENCE_BYTES", "_TEXT_BYTES"])
async def test_effective_rules_count_for_the_memory_of_an_operation(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, weight: str
) -> None:
    monkeypatch.setattr(f"resolvers.kinds.rbac.effective.{weight}", 2**30)

    answer = await answered(
        engine, "{ serviceAccounts { nodes { effectiveRules { rule } } } }", cluster(*shared_role("a"))
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["LIMIT_EXCEEDED"]


def test_the_text_of_a_rule_has_a_limited_product_of_resources_and_groups() -> None:
    words = [f"w{place}" for place in range(2_000)]

    (text,) = derived(ROLES, "ruleTexts", rules=[{"verbs": ["get"], "apiGroups": words, "resources": words}])

    assert text.count(",") == MAX_ITEMS - 1


async def test_effective_rules_are_unknown_if_a_list_cannot_be_read(engine: Engine) -> None:
    sender = cluster(object_of(kinds.SERVICE_ACCOUNT, "a"), forbidden=["clusterrolebindings"])

    answer = await answered(engine, "{ serviceAccounts { nodes { effectiveRules { rule } } } }", sender)

    assert answer["data"] == {"serviceAccounts": {"nodes": [{"effectiveRules": None}]}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_aggregated_roles_have_those_that_their_labels_select(engine: Engine) -> None:
    def labelled(name: str, labels: Any, *selectors: Any) -> Any:
        one = role(kinds.CLUSTER_ROLE, name, "get")
        one["metadata"]["labels"] = labels
        return one | ({"aggregationRule": {"clusterRoleSelectors": [*selectors]}} if selectors else {})

    to_edit = {"matchLabels": {"edit": "true"}}
    to_view = {"matchExpressions": [{"key": "view", "operator": "Exists"}]}
    sender = cluster(
        labelled("edit", {"admin": "true", "edit": "true"}, to_edit, to_view),
        labelled("edit-base", {"edit": "true"}),
        labelled("view-base", {"view": "yes"}),
        labelled("other", {"edit": "false"}),
    )

    answer = await answered(
        engine,
        """{ clusterRoles { nodes { name isAggregated aggregatedFrom { nodes { name } }
        aggregatedInto { nodes { name } } } } }""",
        sender,
    )

    found = {
        node["name"]: (
            node["isAggregated"],
            [one["name"] for one in node["aggregatedFrom"]["nodes"]],
            [one["name"] for one in node["aggregatedInto"]["nodes"]],
        )
        for node in answer["data"]["clusterRoles"]["nodes"]
    }
    assert found == {
        "edit": (True, ["edit-base", "view-base"], []),
        "edit-base": (False, [], ["edit"]),
        "view-base": (False, [], ["edit"]),
        "other": (False, [], []),
    }

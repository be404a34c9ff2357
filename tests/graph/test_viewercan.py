"""`viewerCan`: decided by the clusters, in a few requests for any number of objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from graph.answer import Answer
from k8s.apiserver.access import Permission
from k8s.apiserver.rules import MOST_RULES, Rule, Rules
from k8s.errors import Forbidden
from k8s.kinds.builtin import NODE, POD
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import DownSender, ObjectsSender

Ask = Callable[..., Asking]
Json = Any
NAMESPACES = ("a", "b", "c")
EACH = "{ pods { nodes { namespace name viewerCan(verb: %s) } } }"


def _objects(kind: Kind) -> Sequence[JsonObject]:
    if kind == NODE:
        return [{"metadata": {"name": name}} for name in ("node-1", "node-2", "node-3")]
    if kind != POD:
        return []
    return [{"metadata": {"namespace": where, "name": f"web-{n:02}"}} for where in NAMESPACES for n in range(20)]


@dataclass
class RulesSender:
    """A cluster with rules: `roles` by namespace, and those of ClusterRoles under the empty one."""

    name: str
    roles: dict[str, list[Rule]]
    is_complete: bool = True
    refuses: bool = False
    questions: list[str] = field(default_factory=list)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if call.body is None:
            return await ObjectsSender(self.name, _objects).send(call, deadline, on_prefix=on_prefix)
        if self.refuses:
            raise Forbidden(self.name, "no.", status=403)
        spec = msgspec.json.decode(call.body)["spec"]
        if "resourceAttributes" not in spec:
            self.questions.append(f"rules {spec['namespace']}")
            told = self._rules(spec["namespace"]) if self.is_complete else []
            return msgspec.json.encode({"status": {"resourceRules": told, "incomplete": not self.is_complete}})
        asked = Permission(**spec["resourceAttributes"])
        self.questions.append(f"access {asked.namespace}/{asked.name}")
        allowed = await Rules(tuple(self._rules(asked.namespace)), are_complete=True).allowed(asked)
        return msgspec.json.encode({"status": {"allowed": allowed.decide(asked.name)}})

    def _rules(self, namespace: str) -> list[Rule]:
        return [*self.roles.get("", []), *(self.roles.get(namespace, []) if namespace else [])]


def _rule(*verbs: str, resource: str = "pods", names: tuple[str, ...] = ()) -> Rule:
    return Rule(verbs, ("",), (resource,), names)


def _values(answer: Answer, root: str = "pods") -> Json:
    data = answer.to_builtins()["data"]
    assert data is not None, answer.errors
    return [node["viewerCan"] for node in data[root]["nodes"]]


async def test_who_may_everywhere_is_asked_about_once(ask: Ask) -> None:
    sender = RulesSender("one", {"": [_rule("delete")]})

    answer = await ask(sender)(EACH % '"delete"')

    assert _values(answer) == [True] * 60
    assert sender.questions == ["access /"]


async def test_one_question_for_each_namespace_whatever_the_number_of_objects(ask: Ask) -> None:
    sender = RulesSender("one", {"b": [_rule("delete")], "c": [_rule("delete", names=("web-07",))]})

    answer = await ask(sender)(EACH % '"delete"')

    assert _values(answer) == [False] * 20 + [True] * 20 + [index == 7 for index in range(20)]
    assert sorted(sender.questions) == ["access /", "rules a", "rules b", "rules c"]


async def test_several_questions_of_a_query_share_a_namespace_s_rules(ask: Ask) -> None:
    sender = RulesSender("one", {"": [_rule("get", resource="pods/log")], "a": [_rule("delete")]})

    answer = await ask(sender)(
        """{ pods(namespaces: ["a"], first: 2) { nodes {
          d: viewerCan(verb: "delete") u: viewerCan(verb: "update") l: viewerCan(verb: "get", subresource: "log")
        } } cluster(name: "one") { viewerCan(resource: "pods", verb: "delete", namespace: "a") } }"""
    )

    data = answer.to_builtins()["data"]
    assert data is not None
    assert data["pods"]["nodes"] == [{"d": True, "u": False, "l": True}] * 2
    assert data["cluster"] == {"viewerCan": True}
    assert sender.questions == ["rules a"]


async def test_rules_that_are_not_all_are_not_taken_for_a_no(ask: Ask) -> None:
    sender = RulesSender("one", {"b": [_rule("delete")], "c": [_rule("delete", names=("web-07",))]}, is_complete=False)

    answer = await ask(sender)(EACH % '"delete"')

    assert _values(answer) == [False] * 20 + [True] * 20 + [index == 7 for index in range(20)]


async def test_a_role_in_a_namespace_says_nothing_of_objects_of_the_whole_cluster(ask: Ask) -> None:
    named = _rule("patch", resource="nodes", names=("node-2",))
    sender = RulesSender("one", {"default": [_rule("*", resource="*")], "": [named]})

    answer = await ask(sender)('{ nodes { nodes { viewerCan(verb: "patch") } } }')

    assert _values(answer, "nodes") == [False, True, False]


async def test_where_no_rule_is_about_nodes_none_is_asked_about(ask: Ask) -> None:
    sender = RulesSender("one", {"": [_rule("get")]})

    answer = await ask(sender)('{ nodes { nodes { viewerCan(verb: "patch") } } }')

    assert _values(answer, "nodes") == [False] * 3
    assert sender.questions == ["rules default"]


async def test_who_may_not_ask_gets_null_and_not_no(ask: Ask) -> None:
    answer = await ask(RulesSender("one", {"": [_rule("*")]}, refuses=True))(EACH % '"delete"')

    assert _values(answer) == [None] * 60
    assert answer.errors == []


async def test_a_cluster_that_is_down_costs_its_own_answers(ask: Ask) -> None:
    asking = ask(RulesSender("one", {"": [_rule("list")]}), DownSender("two"))

    answer = await asking('{ clusters { name viewerCan(resource: "pods", verb: "list") } }')

    data = answer.to_builtins()["data"]
    assert data is not None
    assert data["clusters"] == [{"name": "one", "viewerCan": True}, {"name": "two", "viewerCan": None}]
    assert [(error["path"], error["extensions"]["cluster"]) for error in answer.errors] == [  # type: ignore[index]
        (["clusters", 1, "viewerCan"], "two")
    ]


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        ("deployments", "apps"),
        ("deployments.apps", "apps"),
        ("pods", ""),
        ("events", ""),
        ("widgets.example.com", "example.com"),
    ],
)
async def test_resources_are_named_as_kubectl_names_them(ask: Ask, resource: str, asked: str) -> None:
    sender = RulesSender("one", {"": [Rule(("get",), (asked,), (resource.partition(".")[0],))]})

    answer = await ask(sender)(f'{{ cluster(name: "one") {{ viewerCan(resource: "{resource}", verb: "get") }} }}')

    assert answer.to_builtins()["data"] == {"cluster": {"viewerCan": True}}


@pytest.mark.parametrize(
    "given",
    [
        'resource: "pods", verb: "lst"',
        'resource: "pods", verb: "GET"',
        'resource: "pods", verb: ""',
        'resource: "pods/exec", verb: "create"',
        'resource: "*", verb: "get"',
        'resource: "", verb: "get"',
        'resource: "Pod", verb: "get"',
        'resource: "pods.", verb: "get"',
        'resource: "pods", verb: "get", subresource: "../log"',
        'resource: "pods", verb: "get", subresource: "*"',
        'resource: "pods", verb: "get", namespace: "../x"',
        'resource: "pods", verb: "get", namespace: ""',
        'resource: "pods", verb: "get", name: "a/b"',
        'resource: "nodes", verb: "get", namespace: "a"',
    ],
)
async def test_what_cannot_be_asked_is_refused_and_nothing_sent(ask: Ask, given: str) -> None:
    sender = RulesSender("one", {})

    answer = await ask(sender)(f"{{ clusters {{ viewerCan({given}) }} }}")

    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "retryable": False}]
    assert sender.questions == []


async def test_a_path_does_not_lead_through_it(ask: Ask) -> None:
    answer = await ask(RulesSender("one", {}))('{ pods(where: [{path: "viewerCan", value: true}]) { totalCount } }')

    assert [error["message"] for error in answer.errors] == [
        "path: viewerCan takes arguments, and a path has none; select it instead."
    ]


async def test_questions_count_as_requests(ask: Ask) -> None:
    sender = RulesSender("one", {}, is_complete=False)

    answer = await ask(sender)(EACH % '"delete"', limits=OperationLimits(requests=20))

    assert [error["extensions"]["code"] for error in answer.errors] == ["LIMIT_EXCEEDED"]  # type: ignore[index]
    assert len(sender.questions) <= 20


async def test_each_rule_is_looked_at_once_whatever_the_number_of_objects(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Rule] = []
    concerns = Rule.concerns

    def counted(rule: Rule, permission: Permission) -> bool:
        looked.append(rule)
        return concerns(rule, permission)

    names = [_rule("delete", names=(f"web-{number:02}",)) for number in range(1000)]
    sender = RulesSender("one", {"a": names})
    asking = ask(sender)
    monkeypatch.setattr(Rule, "concerns", counted)

    answer = await asking('{ pods(namespaces: ["a"]) { nodes { namespace name viewerCan(verb: "delete") } } }')

    assert _values(answer) == [True] * 20
    assert sender.questions == ["rules a"]
    assert len(looked) == 1000


async def test_too_many_rules_cost_the_answers_of_their_cluster(ask: Ask) -> None:
    asking = ask(
        RulesSender("one", {"a": [_rule("get")] * (MOST_RULES + 1)}), RulesSender("two", {"a": [_rule("delete")]})
    )

    answer = await asking('{ pods(namespaces: ["a"]) { nodes { cluster { name } viewerCan(verb: "delete") } } }')

    data = answer.to_builtins()["data"]
    assert data is not None
    found = {(node["cluster"]["name"], node["viewerCan"]) for node in data["pods"]["nodes"]}
    assert found == {("one", None), ("two", True)}
    messages = {error["message"] for error in answer.to_builtins()["errors"]}
    assert messages == {
        f"cluster 'one': its answer to a SelfSubjectRulesReview has {MOST_RULES + 1} rules; the limit is {MOST_RULES}. "
        "Bind the identity to fewer or narrower roles."
    }

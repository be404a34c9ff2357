"""The rights that rules grant, and the limits of reading them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import product
from types import TracebackType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.apiserver.access import Permission
from k8s.apiserver.rules import MOST_RULES, MOST_WORDS, Rule, Rules, read_rules
from k8s.errors import AnswerTooLarge
from k8s.kinds.builtin import BUILT_IN, POD
from k8s.transport.call import SMALL_ANSWER_BYTES
from k8s.transport.deadline import Deadline
from tests.k8s.apiserver.test_access import FakeSender
from tests.otherturns import turns_during

GET_PODS = Permission("get", "", "pods")
PODS = Rule(("get",), ("",), ("pods",))


def words_of(*words: str) -> st.SearchStrategy[tuple[str, ...] | None]:
    """Returns some words."""
    return st.none() | st.lists(st.sampled_from(words), max_size=3).map(tuple)


some_rules = st.lists(
    st.builds(
        Rule,
        verbs=words_of("get", "list", "*"),
        api_groups=words_of("", "apps", "batch", "*"),
        resources=words_of("pods", "deployments", "nodes", "pods/log", "*/log", "no/kind", "*"),
        resource_names=words_of("web", "db"),
    ),
    max_size=4,
)


def answering(rules: Sequence[Rule]) -> FakeSender:
    """Returns a cluster with these rules."""
    body = msgspec.json.encode({"status": {"resourceRules": rules}})
    return FakeSender(lambda _: body)


def allows(rule: Rule, permission: Permission) -> bool:
    """Returns the decision of RBAC's authorizer."""
    resource = permission.resource + (f"/{permission.subresource}" if permission.subresource else "")
    return (
        bool({"*", permission.verb} & {*(rule.verbs or ())})
        and bool({"*", permission.group} & {*(rule.api_groups or ())})
        and bool(
            {"*", resource, f"*/{permission.subresource}" if permission.subresource else "*"}
            & {*(rule.resources or ())}
        )
        and (not rule.resource_names or permission.name in rule.resource_names)
    )


@given(rules=some_rules, are_complete=st.booleans())
async def test_what_is_decided_is_what_rbac_decides(rules: list[Rule], *, are_complete: bool) -> None:
    known_rules = Rules(tuple(rules), are_complete)
    for verb, group, resource, subresource in product(
        ("get", "list"), ("", "apps"), ("pods", "deployments"), ("", "log")
    ):
        permission = Permission(verb, group, resource, subresource=subresource)
        allowed = await known_rules.allowed(permission)
        for name in ("", "web", "other"):
            named = Permission(verb, group, resource, name=name, subresource=subresource)
            is_allowed = any(allows(rule, named) for rule in rules)
            assert allowed.decide(name) is (True if is_allowed else False if are_complete else None)


@given(rules=some_rules)
async def test_kinds_are_listed_where_rbac_allows_it(rules: list[Rule]) -> None:
    listed = await Rules(tuple(rules), are_complete=True).listed()

    assert listed == {
        kind for kind in BUILT_IN if kind.namespaced and any(allows(rule, Permission.to_list(kind)) for rule in rules)
    }


async def test_a_review_has_a_small_answer() -> None:
    sender = answering([PODS])

    rules = await read_rules(sender, Deadline(10), namespace="shop")

    assert rules == Rules((PODS,), are_complete=True)
    assert [call.most_bytes for call in sender.calls] == [SMALL_ANSWER_BYTES]


WAY_OUT = r"Bind the identity to fewer or narrower roles\."


@pytest.mark.parametrize(
    ("rules", "cause"),
    [
        ([Rule()] * (MOST_RULES + 1), rf"has {MOST_RULES + 1} rules; the limit is {MOST_RULES}\. {WAY_OUT}"),
        ([Rule(("a",) * MOST_WORDS, ("",))], rf"lists more .* than the limit, {MOST_WORDS}\. {WAY_OUT}"),
    ],
    ids=["rules", "words"],
)
async def test_too_many_rules_are_an_error_of_the_cluster(rules: list[Rule], cause: str) -> None:
    with pytest.raises(
        AnswerTooLarge, match=f"cluster 'alpha': its answer to a SelfSubjectRulesReview {cause}"
    ) as told:
        await read_rules(answering(rules), Deadline(10), namespace="shop")

    assert not any("rules" in frame.tb_frame.f_locals for frame in _frames(told.value.__traceback__)[1:])


async def test_too_large_an_answer_names_the_way_out() -> None:
    sender = FakeSender(lambda _: AnswerTooLarge("alpha", "it is larger than 1 MiB."))

    with pytest.raises(AnswerTooLarge, match=rf"cluster 'alpha': it is larger than 1 MiB\. {WAY_OUT}$"):
        await read_rules(sender, Deadline(10), namespace="shop")


async def test_too_many_values_are_not_something_else() -> None:
    sender = FakeSender(lambda _: b'{"status":{"a":[' + b"1.5," * 250_000 + b"0]}}")

    with pytest.raises(AnswerTooLarge, match=rf"one answer has more values than are decoded at once\. {WAY_OUT}$"):
        await read_rules(sender, Deadline(10), namespace="shop")


async def test_as_many_as_are_allowed_are_none() -> None:
    rules = await read_rules(answering([PODS] * MOST_RULES), Deadline(10), namespace="shop")

    assert rules is not None
    assert len(rules.rules) == MOST_RULES


@pytest.mark.parametrize("work", [lambda rules: rules.allowed(GET_PODS), lambda rules: rules.listed()])
async def test_others_go_on_while_rules_are_looked_at(
    work: Callable[[Rules], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(tuple(Rule(("list",), ("",), ("pods",), (f"web-{number}",)) for number in range(1000)), True)

    assert await turns_during(partial(work, rules), monkeypatch) > 100


async def test_a_rule_of_many_words_is_looked_at_once_for_each_of_them() -> None:
    many = ("pods",) * (MOST_WORDS // 2)
    rule = Rule(("list",), tuple(f"group-{number}" for number in range(len(many))), many)

    assert await Rules((rule,), are_complete=True).listed() == frozenset()
    assert await Rules((Rule(("list",), ("",), many),), are_complete=True).listed() == {POD}


def _frames(traceback: TracebackType | None) -> list[TracebackType]:
    tracebacks: list[TracebackType] = []
    while traceback is not None:
        tracebacks.append(traceback)
        traceback = traceback.tb_next
    return tracebacks

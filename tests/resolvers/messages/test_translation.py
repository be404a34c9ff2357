"""The catalogue: complete, consistent, and equal to the messages of the sources."""

import re
from collections.abc import Iterator

import pytest

import server.app.app  # noqa: F401  so that every error class is there
from graph.errors import INTERNAL_MESSAGE
from k8s import listednames
from k8s.credentials.credential import Secret
from k8s.credentials.fault import Presented
from k8s.errors import ClusterError, Forbidden
from k8s.transport.status import status_error
from resolvers.errors import QueryError, UnknownCluster
from resolvers.messages.language import Language, speaking
from resolvers.messages.translation import catalogue, joints, localize, parameters, translated
from tests.resolvers.messages.raised import Raised, joined_names, raised_messages

ENGLISH, CHINESE = catalogue(Language.ENGLISH), catalogue(Language.CHINESE)
HAN = re.compile(r"[\u4e00-\u9fff]")

OTHERS = frozenset({"ClusterError", "QueryError", "Refusal", "GraphQLError", "PathInvalid", "error_response"})
"""Further errors and functions that carry messages to callers, outside the two error trees."""

OF_THE_COMMAND_LINE = frozenset(
    {
        "server/cli/clusters/check.py",
        "server/cli/grants.py",
        "server/cli/clusters/importing.py",
        "server/cli/clusters/inventory.py",
    }
)
"""Messages of modules that no caller of the server reaches."""

NAMES_FOR_OPERATORS = frozenset(
    {
        "graph/planning/elementwarnings.py",  # a condition in GraphQL
        "k8s/endpoint.py",
        "k8s/kubeconfig/errors.py",
        "k8s/kubeconfig/exec.py",
        "k8s/kubeconfig/kubeconfig.py",
        "k8s/kubeconfig/permission.py",
        "k8s/kubeconfig/policy.py",
        "k8s/kubeconfig/user.py",
        "resolvers/authorization.py",  # the audit
        "resolvers/fleet/probe.py",
        "server/auth/oidc/configuration.py",
        "server/pages/files.py",  # a header
        "server/settings/settings.py",
        "server/terminal/output.py",
    }
)
"""Modules that join names for the command line, the audit or settings, which are in English, or as code."""


def _subclasses(kind: type[Exception]) -> Iterator[str]:
    for item in kind.__subclasses__():
        yield item.__name__
        yield from _subclasses(item)


@pytest.fixture(scope="module")
def raised() -> list[Raised]:
    """Returns the messages of the sources."""
    errors = OTHERS | {*_subclasses(ClusterError), *_subclasses(QueryError)}
    return list(dict.fromkeys(raised_messages(errors, apart_from=OF_THE_COMMAND_LINE)))


def test_the_sources_are_read(raised: list[Raised]) -> None:
    texts = {one.text for one in raised}

    assert "The server is stopping; ask again." in texts  # a constant
    assert "no connection within 1 s." in texts  # a cause of a ClusterError
    assert len(texts) > 120


def test_every_message_that_can_reach_a_caller_has_an_entry(raised: list[Raised]) -> None:
    missing = [
        str(one)
        for one in raised
        if not HAN.search(translated(one.text, Language.CHINESE))
        and not re.fullmatch(r"[\d.: ]*", one.text)  # holds nothing but another message
    ]

    assert not missing, "\n".join(("add to resolvers/messages/en.toml and zh.toml:", *missing))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 429, 500])
@pytest.mark.parametrize("verb", ["list", "get"])
def test_every_answer_of_an_api_server_has_an_entry(status: int, verb: str) -> None:
    error = status_error("alpha", status=status, body=b"", verb=verb, target="pods in namespace 'shop'")

    said = translated(str(error), Language.CHINESE)
    assert said.startswith("集群 'alpha'：")
    assert len(HAN.findall(said)) > 4


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("is_issued", [False, True])
def test_the_fault_of_a_credential_is_translated(status: int, *, is_issued: bool) -> None:
    expired = Presented(token=Secret("a.eyJleHAiOjE3MDAwMDAwMDB9.c"), is_issued=is_issued)

    error = status_error("alpha", status=status, body=b"", verb="get", target="pods", presented=expired)

    said = translated(str(error), Language.CHINESE)
    assert "令牌已于 2023-11-14 22:13 UTC 过期" in said
    assert not re.search("[a-z]{4} [a-z]{3}", said)


def test_both_languages_have_the_same_keys() -> None:
    assert list(ENGLISH) == list(CHINESE)


def test_a_translation_names_the_same_parameters() -> None:
    for key, english in ENGLISH.items():
        assert sorted(parameters(CHINESE[key])) == sorted(parameters(english)), key
        assert HAN.search(CHINESE[key]), key


def test_each_entry_is_found_by_its_own_text() -> None:
    for key, english in ENGLISH.items():
        filled, expected = (re.sub(r"\{([a-z_]+)\}", r"<\1>", text) for text in (english, CHINESE[key]))

        assert translated(filled, Language.CHINESE) == expected, key


def test_messages_within_messages_are_translated() -> None:
    text = "cluster 'alpha': it failed a moment ago and is asked again in 2 s: no connection (Connection refused)."

    assert translated(text, Language.CHINESE) == (
        "集群 'alpha'：它刚刚失败，2 秒后才会再次请求：无法连接（Connection refused）。"
    )


@pytest.mark.parametrize(
    "text", ["Cannot query field 'x' on type 'Pod'.", "", "cluster", "No cluster named", "x" * 10_000]
)
def test_what_has_no_entry_stays(text: str) -> None:
    assert translated(text, Language.CHINESE) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "path: statu.phase: Pod has no field statu; did you mean status.phase or state.phase?",
            "path：statu.phase：Pod 没有字段 statu；您是否想用 status.phase 或 state.phase？",
        ),
        (
            "path: statu.phase: Pod has no field statu; did you mean status.phase?",
            "path：statu.phase：Pod 没有字段 statu；您是否想用 status.phase？",
        ),
        ("'x' is no verb; write one of get, list or watch.", "'x' 不是动词；请写 get、list 或 watch 之一。"),
        (
            "minClusters is 4, and 1 of 4 answered; alpha, beta and gamma did not.",
            "minClusters：要求 4 个集群应答，4 个中有 1 个应答；alpha、beta 和 gamma 没有。",
        ),
    ],
)
def test_lists_of_names_are_joined_as_the_language_does(text: str, expected: str) -> None:
    assert translated(text, Language.CHINESE) == expected


def test_english_joints_are_those_of_the_sources() -> None:
    assert joints(Language.ENGLISH) == {
        "between": listednames.BETWEEN,
        "any": listednames.OR,
        "all": listednames.AND,
    }
    assert joints(Language.ENGLISH).keys() == joints(Language.CHINESE).keys()


def test_no_other_module_joins_names_for_callers() -> None:
    assert joined_names() - NAMES_FOR_OPERATORS == {"k8s/listednames.py"}


def test_what_callers_send_is_not_taken_for_words_of_ours() -> None:
    hostile = "'{message}{0}{cluster} no connection within 1 s.'"
    text = f"No cluster named {hostile} is registered; the field `clusters` lists all that are."

    assert hostile in translated(text, Language.CHINESE)


def test_english_is_spoken_unless_something_else_is() -> None:
    assert localize(INTERNAL_MESSAGE) == INTERNAL_MESSAGE
    with speaking(Language.CHINESE):
        assert localize(INTERNAL_MESSAGE) == "内部错误；fleetgraph 的日志中有详细信息，编号见 `extensions.id`。"
    assert localize(INTERNAL_MESSAGE) == INTERNAL_MESSAGE


def test_an_error_itself_stays_english() -> None:
    with speaking(Language.CHINESE):
        assert str(UnknownCluster("x")).startswith("No cluster named")
        assert str(Forbidden("alpha", "no.", status=403)) == "cluster 'alpha': no."

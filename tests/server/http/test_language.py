"""Refusals and answers in the caller's language; logs in English."""

import json

import pytest

from graph.engine import Engine
from k8s.errors import ErrorCode
from resolvers.messages.language import Language, speaking
from server.app.metrics import MetricsPolicy
from server.http.responses import Refusal
from server.observe.logs import configure_logging
from server.settings.observation import MetricsAccess
from server.settings.settings import Settings
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import DownSender
from tests.server.http_parts import FakeExecutor, Fakes


async def test_a_refusal_is_in_the_language_that_is_asked_for() -> None:
    response = await Fakes().post(authorization="none", accept_language="zh-CN,zh;q=0.9,en;q=0.5")

    (error,) = response.json()["errors"]
    assert error["message"] == "需要有效的令牌：Authorization: Bearer <token>。"
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert response.headers["content-language"] == "zh-Hans"
    assert "accept-language" in response.headers["vary"].lower()


async def test_without_a_wish_it_is_english_and_says_so() -> None:
    response = await Fakes().post(authorization="none")

    assert response.json()["errors"][0]["message"].startswith("A valid token is needed")
    assert response.headers["content-language"] == "en"


async def test_an_answer_says_its_language_too() -> None:
    response = await Fakes().post(accept_language="zh")

    assert (response.status_code, response.headers["content-language"]) == (200, "zh-Hans")
    assert "accept-language" in response.headers["vary"].lower()


async def test_a_masked_error_is_translated_and_its_log_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    response = await Fakes(FakeExecutor(error=RuntimeError("canary"))).post(accept_language="zh")

    assert response.json()["errors"][0]["message"] == "内部错误"
    assert any(json.loads(line)["event"] == "unexpected error" for line in capsys.readouterr().err.splitlines())


async def test_one_callers_language_is_not_anothers() -> None:
    fakes = Fakes(FakeExecutor(error=Refusal(503, "The server is stopping; ask again.", code=ErrorCode.INTERNAL)))

    chinese = await fakes.post(accept_language="zh")
    english = await fakes.post()

    assert chinese.json()["errors"][0]["message"] == "服务器正在停止；请重试。"
    assert english.json()["errors"][0]["message"] == "The server is stopping; ask again."


async def test_data_for_everybody_says_no_language() -> None:
    async with Fakes(metrics_policy=MetricsPolicy(access=MetricsAccess.OPEN)).client() as client:
        response = await client.get("/metrics", headers={"Accept-Language": "zh"})

    assert "content-language" not in response.headers


@pytest.fixture(scope="module")
def ask() -> Asking:
    return Asking(Engine(), fleet_of([DownSender("alpha")]))


async def test_errors_of_a_query_and_its_envelope_are_in_the_language(ask: Asking) -> None:
    with speaking(Language.CHINESE):
        answer = await ask("{ pods { clusters { error { code message } } } }")

    expected = "集群 'alpha'：无法连接（refused）。"
    (error,) = answer.errors
    assert error["message"] == expected
    assert answer.to_builtins()["data"]["pods"]["clusters"] == [
        {"error": {"code": "CLUSTER_UNREACHABLE", "message": expected}}
    ]


async def test_a_list_of_names_has_no_english_word(ask: Asking) -> None:
    with speaking(Language.CHINESE):
        (error,) = (await ask('{ pods(where: [{path: "statu.phase", value: "x"}]) { totalCount } }')).errors

    assert error["message"] == "path：statu.phase：Pod 没有字段 statu；您是否想用 status 或 statefulSet？"


async def test_a_refusal_that_is_remembered_is_so_for_every_language(ask: Asking) -> None:
    query = f"{{ {' '.join(f'a{index}: clusters {{ name }}' for index in range(5000))} }}"

    with speaking(Language.CHINESE):
        (chinese,) = (await ask(query)).errors
    (english,) = (await ask(query)).errors

    assert str(chinese["message"]).startswith("文档有")
    assert str(english["message"]).startswith("The document has")


async def test_what_graphql_core_says_stays_english(ask: Asking) -> None:
    with speaking(Language.CHINESE):
        (error,) = (await ask("{ nothing }")).errors

    assert error["message"] == "Cannot query field 'nothing' on type 'Query'."

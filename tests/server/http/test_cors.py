"""CORS: pages of other origins that are named exactly, and no others."""

import httpx
import pytest

from server.commanderrors import SettingsError
from server.settings.settings import load_settings
from tests.server.http_parts import AUTHORIZED, Fakes

PORTAL = "https://portal.example.com"
LISTED = frozenset({PORTAL, "http://localhost:5173"})


async def ask(fakes: Fakes, method: str, origin: str | None, path: str = "/graphql", **headers: str) -> httpx.Response:
    all_headers = {
        **AUTHORIZED,
        "Content-Type": "application/json",
        **({"Origin": origin} if origin is not None else {}),
    }
    async with fakes.client() as client:
        return await client.request(method, path, content=b'{"query":"{ ok }"}', headers={**all_headers, **headers})


async def preflight(fakes: Fakes, origin: str, path: str = "/graphql") -> httpx.Response:
    async with fakes.client() as client:
        return await client.options(
            path,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )


async def test_a_listed_origin_may_read_answers() -> None:
    response = await ask(Fakes(cors_origins=LISTED), "POST", PORTAL)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == PORTAL
    assert response.headers["access-control-expose-headers"] == "retry-after, x-request-id"
    assert response.headers["vary"] == "Origin, Accept-Language"
    assert "access-control-allow-credentials" not in response.headers


async def test_a_listed_origin_may_read_refusals() -> None:
    response = await ask(Fakes(cors_origins=LISTED), "POST", PORTAL, Authorization="Bearer none")

    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == PORTAL


async def test_a_preflight_of_a_listed_origin_is_answered_without_a_token() -> None:
    fakes = Fakes(cors_origins=LISTED)

    response = await preflight(fakes, PORTAL)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == PORTAL
    assert response.headers["access-control-allow-methods"] == "GET, POST"
    assert "authorization" in response.headers["access-control-allow-headers"]
    assert "*" not in response.headers["access-control-allow-headers"]
    assert response.headers["access-control-max-age"] == "600"
    assert fakes.tokens.verified == []


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "*",
        "",
        f"{PORTAL}.evil.test",
        f"{PORTAL}:444",
        "http://portal.example.com",
        "https://PORTAL.example.com",
        f"{PORTAL}/",
        f"{PORTAL}, https://evil.test",
    ],
)
async def test_no_other_origin_is_ever_sent_back(origin: str) -> None:
    fakes = Fakes(cors_origins=LISTED)

    answered, asked_before = await ask(fakes, "POST", origin), await preflight(fakes, origin)

    assert asked_before.status_code == 405
    for response in (answered, asked_before):
        assert [name for name in response.headers if name.startswith("access-control")] == []
        assert response.headers["vary"].startswith("Origin")


async def test_without_the_setting_nothing_is_said_of_other_origins() -> None:
    response, asked_before = await ask(Fakes(), "POST", PORTAL), await preflight(Fakes(), PORTAL)

    assert asked_before.status_code == 405
    for either in (response, asked_before):
        assert [name for name in either.headers if name.startswith("access-control")] == []
        assert "Origin" not in either.headers.get("vary", "")


@pytest.mark.parametrize("path", ["/", "/graphiql", "/metrics", "/schema.graphql", "/config.json"])
async def test_only_the_endpoint_may_be_read(path: str) -> None:
    response = await ask(Fakes(cors_origins=LISTED), "GET", PORTAL, path)

    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "portal.example.com",
        f"{PORTAL}/",
        f"{PORTAL}/path",
        "https://*.example.com",
        "https://A.test",
        "ftp://a",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLEETGRAPH_CORS_ORIGINS", value)

    with pytest.raises(SettingsError, match=r"^FLEETGRAPH_CORS_ORIGINS: origins are scheme, host and port"):
        load_settings({})


def test_origins_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_CORS_ORIGINS", f"{PORTAL}, http://localhost:5173")

    assert load_settings({}).cors_origins == LISTED

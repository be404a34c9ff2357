"""Security headers of every response, and those of pages."""

import httpx
import pytest

from tests.server.http_parts import AUTHORIZED, FakeExecutor, Fakes, client_of, pages_app

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ALWAYS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PAGES = ("/", "/graphiql", "/docs/", "/docs/cli", "/nothing", "/docs/nothing")
OTHERS = ("/landing/landing.js", "/landing/base.css", "/landing/icon.svg", "/config.json", "/schema.graphql")
REDIRECTS = ("/docs", "/graphiql/", "/docs/cli.md")
PROBES = ("/healthz", "/readyz")


async def _get(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with client_of(pages_app()) as client:
        return await client.request(method, path, headers=HTML | headers)


@pytest.mark.parametrize(("scheme", "expected"), [("https", "max-age=31536000"), ("http", None)])
async def test_browsers_stay_with_tls_where_it_is_spoken_here(scheme: str, expected: str | None) -> None:
    transport = httpx.ASGITransport(app=Fakes().app())

    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://fleetgraph.test") as client:
        response = await client.get("/healthz", headers={"X-Forwarded-Proto": "https"})

    assert response.headers.get("strict-transport-security") == expected


def _policy(response: httpx.Response) -> dict[str, str]:
    directives = response.headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (directive.partition(" ") for directive in directives)}


@pytest.mark.parametrize("path", [*PAGES, *OTHERS, *REDIRECTS, *PROBES])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_answer_has_them(path: str, method: str) -> None:
    response = await _get(path, method)

    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert "camera=()" in response.headers["permissions-policy"]
    assert response.headers["cache-control"] in {"no-store", "no-cache", "public, max-age=31536000, immutable"}
    policy = _policy(response)
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_runs_inline_scripts_or_sends_forms(path: str) -> None:
    policy = _policy(await _get(path))

    assert policy.get("script-src", "'none'") in {"'self'", "'none'"}
    assert (policy["form-action"], policy["base-uri"]) == ("'none'", "'none'")


@pytest.mark.parametrize("path", ["/", "/docs/", "/nothing"])
async def test_our_own_pages_have_no_inline_styles_either(path: str) -> None:
    response = await _get(path)

    assert _policy(response)["style-src"] == "'self'"
    assert "<style" not in response.text
    assert " style=" not in response.text


async def test_the_start_page_makes_no_markup_of_strings() -> None:
    policy = _policy(await _get("/"))

    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")


async def test_answers_of_the_api_keep_their_media_type() -> None:
    async with client_of(pages_app()) as client:
        accept = {"Accept": "application/graphql-response+json"}
        response = await client.post("/graphql", json={"query": "{ ok }"}, headers=AUTHORIZED | accept)

    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert response.headers["cache-control"] == "no-store"


async def test_what_nobody_expected_has_them_too() -> None:
    async with Fakes(executor=FakeExecutor(error=RuntimeError("boom"))).client() as client:
        response = await client.post("/graphql", json={"query": "{ ok }"}, headers=AUTHORIZED)

    assert response.status_code == 500
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
async def test_nothing_says_that_other_origins_may_read_it(path: str) -> None:
    response = await _get(path, Origin="https://evil.example")

    assert [name for name in response.headers if name.startswith("access-control-")] == []

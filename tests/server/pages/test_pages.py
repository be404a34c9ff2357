"""The addresses that people open."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

import web
from k8s.kinds.builtin import BUILT_IN
from server.auth.development import DevelopmentIdentity
from server.pages.files import MEDIA_TYPES
from server.pages.graphiql import Graphiql
from server.pages.routes import SchemaFile
from server.version import fleetgraph_version
from store.errors import StoreUnavailable
from tests.server.http_parts import AUTHORIZED, FakeExecutor, Fakes, client_of, pages_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def _get(
    path: str, headers: Mapping[str, str] | None = None, *, fakes: Fakes | None = None, method: str = "GET"
) -> httpx.Response:
    async with client_of(fakes.app() if fakes else pages_app()) as client:
        return await client.request(method, path, headers=headers)


async def test_people_get_a_page() -> None:
    response = await _get("/", BROWSER)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>All your Kubernetes clusters" in response.text
    assert response.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/plain", "application/json, text/html", "x"])
async def test_programs_get_the_places(accept: str) -> None:
    response = await _get("/", {"Accept": accept})

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    places = response.json()
    assert (places.pop("name"), places.pop("version")) == ("fleetgraph", fleetgraph_version())
    assert places == {
        "graphql": "/graphql",
        "graphiql": "/graphiql",
        "schema": "/schema.graphql",
        "docs": "/docs/",
        "health": "/healthz",
        "readiness": "/readyz",
    }


@pytest.mark.parametrize("path", ["/graphiql", "/schema.graphql", "/docs/", "/healthz", "/readyz"])
async def test_the_places_exist(path: str) -> None:
    assert (await _get(path)).status_code == (503 if path == "/graphiql" and web.dist() is None else 200)


@pytest.mark.parametrize("development", [None, DevelopmentIdentity(port=80)])
async def test_pages_are_told_whether_a_token_is_needed(development: DevelopmentIdentity | None) -> None:
    response = await _get("/config.json", fakes=Fakes(development=development))

    is_required = development is None
    assert response.headers["cache-control"] == "no-store"
    kinds = response.json().pop("kinds")
    assert {"Pod": "", "Deployment": "apps"}.items() <= kinds.items()
    assert len(kinds) == len(BUILT_IN)
    assert response.json() == {
        "tokenRequired": is_required,
        "demo": not is_required,
        "version": fleetgraph_version(),
        "contact": "",
        "kinds": kinds,
    }


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("landing.js", "text/javascript; charset=utf-8"),
        ("base.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_the_page_has_its_files(name: str, media_type: str) -> None:
    response = await _get(f"/landing/{name}")

    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert (await _get(f"/landing/{name}", {"If-None-Match": response.headers["etag"]})).status_code == 304


@pytest.mark.parametrize("folder", ["/landing/", "/graphiql/assets/", "/graphiql/", "/docs/", "/docs/images/", "/"])
@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fpyproject.toml",
        "%2e%2e/%2e%2e/pyproject.toml",
        "..\\..\\pyproject.toml",
        "..%5c..%5cpyproject.toml",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "%00",
        "landing.js%00.css",
        "....//....//pyproject.toml",
        "%252e%252e%252fpyproject.toml",
        "index.html",
        ".built-from",
        "landing.js.gz",
        "LANDING.JS",
        "%ff%fe",
        "x" * 5000,
    ],
)
async def test_there_is_nothing_but_the_files_of_the_list(folder: str, name: str) -> None:
    response = await _get(f"{folder}{name}")

    assert response.status_code == 404
    assert response.json() == {"errors": [{"message": "Not Found", "extensions": {"code": "NOT_FOUND"}}]}


async def test_people_get_errors_as_a_page() -> None:
    response = await _get("/no<b>where</b>", BROWSER)

    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page at this address." in response.text
    assert "where" not in response.text.replace("where they", "")


async def test_people_who_open_the_endpoint_are_shown_the_way() -> None:
    response = await _get("/graphql", BROWSER)

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert '<a href="/graphiql">GraphiQL</a>' in response.text


@pytest.mark.parametrize(("path", "target"), [("/docs", "/docs/"), ("/graphiql/", "/graphiql")])
async def test_redirects_name_no_host(path: str, target: str) -> None:
    response = await _get(path, {"Host": "evil.example"})

    assert (response.status_code, response.headers["location"]) == (308, target)


@pytest.mark.parametrize("path", ["/", "/config.json", "/schema.graphql", "/docs/", "/landing/landing.js", "/graphiql"])
async def test_pages_are_only_read(path: str) -> None:
    assert (await _get(path, method="POST")).status_code == 405


async def test_the_schema_is_text_with_a_name() -> None:
    fakes = Fakes(executor=FakeExecutor(sdl="type Query {\n  ok: Boolean\n}\n\n"))

    response = await _get("/schema.graphql", BROWSER, fakes=fakes)

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"] == 'inline; filename="schema.graphql"'
    assert response.text == "type Query {\n  ok: Boolean\n}\n"
    assert fakes.executor.requests == []


async def test_a_caller_gets_its_own_schema() -> None:
    fakes = Fakes(executor=FakeExecutor(sdl="type Query {\n  ok: Boolean\n}\n"))

    plain, own = [await _get("/schema.graphql", headers, fakes=fakes) for headers in (BROWSER, BROWSER | AUTHORIZED)]

    assert own.text == "type Query {\n  ok: Boolean\n}\n# of robot\n"
    assert (plain.text, own.text) == ("type Query {\n  ok: Boolean\n}\n", f"{plain.text}# of robot\n")
    assert "Authorization" in plain.headers["vary"]
    assert "Authorization" in own.headers["vary"]
    assert plain.headers["etag"] != own.headers["etag"]


@pytest.mark.parametrize(
    ("headers", "error", "status"),
    [({"Authorization": "Bearer wrong"}, None, 401), (AUTHORIZED, StoreUnavailable("it is down"), 503)],
)
async def test_a_schema_that_cannot_be_given(headers: dict[str, str], error: Exception | None, status: int) -> None:
    fakes = Fakes(executor=FakeExecutor(error=error))

    response = await _get("/schema.graphql", headers, fakes=fakes)

    assert response.status_code == status
    assert "type Query" not in response.text


async def test_the_schema_is_made_once_and_kept_by_who_has_it() -> None:
    printed: list[str] = []

    def sdl() -> str:
        printed.append("type Query { ok: Boolean }\n" * 100)
        return printed[-1]

    async with _client(Route("/schema.graphql", SchemaFile(sdl).get)) as client:
        first = await client.get("/schema.graphql", headers={"Accept-Encoding": "gzip"})
        second = await client.get("/schema.graphql", headers={"If-None-Match": first.headers["etag"]})

    assert (first.headers["content-encoding"], second.status_code, second.content) == ("gzip", 304, b"")
    assert len(printed) == 1


def _client(*routes: Route) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=Starlette(routes=routes)), base_url="http://localhost")


def _built(folder: Path) -> Path:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>GraphiQL</title>")
    (folder / "licenses.md").write_text("# Licenses\n")
    (folder / "assets" / "index-AbCd.js").write_bytes(b"let x\n" * 400)
    (folder / "assets" / "index-AbCd.js.gz").write_bytes(gzip.compress(b"let x\n" * 400))
    return folder


def _graphiql(dist: Path | None) -> httpx.AsyncClient:
    graphiql = Graphiql(lambda: dist)
    return _client(
        Route("/graphiql", graphiql.page),
        Route("/graphiql/licenses.md", graphiql.licenses),
        Route("/graphiql/assets/{name}", graphiql.asset),
    )


async def test_graphiql_has_its_policy_and_is_compared_each_time(tmp_path: Path) -> None:
    async with _graphiql(_built(tmp_path)) as client:
        response = await client.get("/graphiql")

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")
    assert response.headers["content-security-policy"] == web.GRAPHIQL_CSP


async def test_files_with_a_hash_are_kept_for_ever_and_come_compressed(tmp_path: Path) -> None:
    async with _graphiql(_built(tmp_path)) as client:
        response = await client.get("/graphiql/assets/index-AbCd.js", headers={"Accept-Encoding": "gzip"})

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-security-policy"] == web.GRAPHIQL_CSP  # what its workers may do
    assert (response.headers["content-encoding"], response.content) == ("gzip", b"let x\n" * 400)
    assert int(response.headers["content-length"]) < 400


async def test_the_licenses_are_there(tmp_path: Path) -> None:
    async with _graphiql(_built(tmp_path)) as client:
        response = await client.get("/graphiql/licenses.md")

    assert (response.text, response.headers["content-type"]) == ("# Licenses\n", "text/plain; charset=utf-8")


async def test_graphiql_that_is_not_built_says_how() -> None:
    async with _graphiql(None) as client:
        page = await client.get("/graphiql")
        asset = await client.get("/graphiql/assets/index-AbCd.js")

    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "python -m web.build" in page.text
    assert asset.status_code == 404


def test_every_file_of_a_build_has_a_type() -> None:
    dist = web.dist()
    if dist is None:
        pytest.skip("GraphiQL is not built")
    assert {path.suffix for path in (dist / "assets").iterdir()} <= {".gz", *MEDIA_TYPES}

"""The imports of commands: only the modules that they use."""

import subprocess
import sys

import pytest

SQL = ("sqlalchemy", "sqlmodel")
HTTP = ("starlette", "uvicorn")
GRAPHQL = ("strawberry", "graphql")
EVERYTHING = (*SQL, *HTTP, *GRAPHQL, "asyncio", "pydantic", "aiohttp", "rich", "structlog")
SELDOM = (
    "kubernetes",  # a cache spares its models
    "alembic",  # a database that is as it should be
    "asyncpg",  # SQLite
    "sqlalchemy.dialects.postgresql",
    "joserfc",  # API tokens alone
    "server.auth.oidc",
    "opentelemetry",  # no traces
    "markdown_it",  # the manual, when its first reader comes
)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("server.main", EVERYTHING),
        ("server.serve.demoserver", (*SQL, "aiohttp", "k8s.transport.connection")),
        ("server.serve.registryserver", ()),
        ("server.cli.query.ask", HTTP),
        ("server.cli.schema", (*SQL, *HTTP, "aiohttp")),
        ("server.cli.clusters.inventory", (*HTTP, *GRAPHQL, "aiohttp")),
        ("server.cli.tokens", (*HTTP, *GRAPHQL)),
    ],
)
def test_a_command_imports_only_what_it_uses(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported = set(done.stdout.split())

    assert module in imported
    assert [name for name in (*SELDOM, *unwanted) if name in imported] == []

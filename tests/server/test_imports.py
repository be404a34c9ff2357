"""What a command waits for before it begins: nothing is imported that it does not use."""

import subprocess
import sys

import pytest

SQL = ("sqlalchemy", "sqlmodel", "alembic", "aiosqlite", "asyncpg")
SELDOM = ("kubernetes", "joserfc", "server.oidc", "opentelemetry", "markdown_it")
"""The vendor's models, which a cache spares; JWTs and traces, which are settings; the parser of the manual."""
EVERYTHING = ("asyncio", "pydantic", "strawberry", "graphql", "starlette", "uvicorn", "aiohttp", "rich", "structlog")


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("server.main", (*SQL, *SELDOM, *EVERYTHING)),
        ("server.demoserving", (*SQL, *SELDOM, "aiohttp", "k8s.connection")),
        ("server.registryserving", ("alembic", "asyncpg", *SELDOM)),
        ("server.asking", ("alembic", "asyncpg", "starlette", "uvicorn", *SELDOM)),
        ("server.inventory", ("alembic", "asyncpg", "strawberry", "graphql", "starlette", "uvicorn", *SELDOM)),
        ("server.tokenadmin", ("alembic", "asyncpg", "strawberry", "graphql", "starlette", "uvicorn", *SELDOM)),
    ],
)
def test_a_command_imports_only_what_it_uses(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported = set(done.stdout.split())

    assert module in imported
    assert [name for name in unwanted if name in imported] == []

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
    "server.pages.codeblocks",
)


# A line is one process, since a start takes a second: a module may import nothing that is unwanted for later ones.
@pytest.mark.parametrize(
    "modules",
    [
        (
            ("server.main", EVERYTHING),
            ("server.cli.tokens", (*HTTP, *GRAPHQL)),
            ("server.cli.clusters.inventory", (*HTTP, *GRAPHQL, "aiohttp")),
        ),
        (("server.cli.query.remoteserver", (*SQL, *HTTP, "strawberry", "pydantic", "rich")),),
        (
            ("server.cli.schema", (*SQL, *HTTP, "aiohttp")),
            ("server.serve.demoserver", (*SQL, "aiohttp", "k8s.transport.connection")),
        ),
        (
            ("server.cli.snapshots.writing", (*HTTP, *GRAPHQL, "structlog")),
            ("server.cli.query.ask", HTTP),
            ("server.serve.registryserver", ()),
        ),
    ],
    ids=lambda modules: modules[0][0],
)
def test_a_command_imports_only_what_it_uses(modules: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    code = "import sys\n" + "\n".join(f"import {module}; print(*sys.modules)" for module, _unwanted in modules)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    for (module, unwanted), line in zip(modules, done.stdout.splitlines(), strict=True):
        imported = set(line.split())
        assert module in imported
        assert [name for name in (*SELDOM, *unwanted) if name in imported] == [], module

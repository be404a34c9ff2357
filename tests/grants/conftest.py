"""Fixtures of an installation with two real clusters for each test, and of the users seen by its API servers."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.engine import Engine
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.grants.installations import Installation, opened_installation


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns the schema, ready to execute."""
    return Engine()


@pytest.fixture
def account_namespace(alpha: Cluster, beta: Cluster) -> str:
    """Returns a namespace for accounts that no other test has."""
    name = f"accounts-{secrets.token_hex(4)}"
    for cluster in (alpha, beta):
        ask(cluster, "POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return name


@pytest.fixture
async def installation(
    engine: Engine, tmp_path: Path, alpha: Cluster, beta: Cluster, account_namespace: str
) -> AsyncIterator[Installation]:
    """Yields an installation with alpha and beta, as their administrator."""
    async with opened_installation(engine, tmp_path, (alpha, beta), namespace=account_namespace) as opened:
        yield opened

"""Places without secrets: files, `repr`, errors."""

import base64
from pathlib import Path

import pytest

from store.clusters.cluster import OpenedCluster
from store.database.tables import ApiToken, Cluster
from store.errors import NameTaken
from store.registry import Registry
from tests.store.clock import NOON
from tests.store.samples import CANARY_PEM, CANARY_TOKEN, new_cluster

CANARIES = (CANARY_TOKEN.encode(), b"canary-private-key")


async def test_cr_1_no_file_of_sqlite_holds_a_credential_or_a_token(tmp_path: Path) -> None:
    async with await Registry.open(f"sqlite:///{tmp_path}/fleetgraph.db") as registry:
        for name in ("a", "b", "c"):
            await registry.clusters.add(new_cluster(name))
        await registry.clusters.add(new_cluster("a"), overwrite=True)
        await registry.clusters.remove("b")
        token = (await registry.tokens.create("ci", is_administrator=True)).plaintext
        await registry.tokens.verify(token)
        await registry.tokens.drain()
        secrets = (*CANARIES, *map(base64.b64encode, CANARIES), token[17:].encode())

        open_files = _contents(tmp_path)
    closed_files = _contents(tmp_path)

    assert open_files.keys() >= {"fleetgraph.db", "fleetgraph.db-wal"}
    assert b"api.example.com" in open_files["fleetgraph.db-wal"]
    assert b"api.example.com" in closed_files["fleetgraph.db"]
    for content in (*open_files.values(), *closed_files.values()):
        assert [secret for secret in secrets if secret in content] == []


def test_a_new_cluster_does_not_show_its_credential() -> None:
    shown = repr(new_cluster("prod"))

    assert "prod" in shown
    assert "canary" not in shown


async def test_an_opened_cluster_does_not_show_its_credential(tmp_path: Path) -> None:
    async with await Registry.open(f"sqlite:///{tmp_path}/fleetgraph.db") as registry:
        await registry.clusters.add(new_cluster("prod"))
        (opened,) = await registry.clusters.open()

    assert isinstance(opened, OpenedCluster)
    assert opened.open_credential() == f"{CANARY_TOKEN}\n{CANARY_PEM}".encode()
    assert "canary" not in f"{opened!r} {opened}"


def test_rows_do_not_show_their_secret_columns() -> None:
    cluster = Cluster(
        id="1",
        name="prod",
        labels={},
        server="https://host",
        ca_pem=None,
        tls_server_name=None,
        skip_tls_verify=False,
        proxy_url=None,
        description="",
        credential=b"canary",
        credential_key_version=1,
        created_at=NOON,
        updated_at=NOON,
        identity="service-account",
    )
    token = ApiToken(
        id="1",
        name="ci",
        user_name="ci",
        groups=[],
        prefix="abc",
        secret_sha256=b"canary",
        is_administrator=True,
        created_at=NOON,
    )

    shown = f"{cluster!r} {cluster} {token!r} {token}"

    assert "prod" in shown
    assert "canary" not in shown


async def test_f_14_an_error_does_not_show_the_values_of_its_statement(database_url: str) -> None:
    keys = f"v1:{base64.b64encode(bytes(32)).decode()}"
    async with await Registry.open(database_url, encryption_keys=keys) as registry:
        await registry.clusters.add(new_cluster("prod"))

        with pytest.raises(NameTaken) as failure:
            await registry.clusters.add(new_cluster("prod", description="canary-description"))

    shown = _chain(failure.value)
    assert "INSERT INTO cluster" in shown
    assert "canary" not in shown


def _contents(directory: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in directory.iterdir()}


def _chain(error: BaseException | None) -> str:
    """Returns the log text of an error and of its causes."""
    return "" if error is None else f"{error} {error!r}\n{_chain(error.__cause__ or error.__context__)}"

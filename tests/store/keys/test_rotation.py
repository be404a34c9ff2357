"""Rotation of keys during other work: every cluster is usable at each step, and after any interruption."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store.clusters.cluster import NewSnapshot
from store.clusters.snapshots import SnapshotKey
from store.database.database import Database
from store.errors import KeyRingError
from store.keys.keyfile import load_key_file
from store.keys.rotation import KeyUse, key_use
from store.registry import Registry
from tests.store.clusters.test_snapshots import origin
from tests.store.samples import CREDENTIAL, new_cluster

PARTS = tuple(b"part %d" % number for number in range(20))
KEY_1, KEY_2 = (f"v{version}:{base64.b64encode(bytes([version]) * 32).decode()}" for version in (1, 2))

_ROTATE = """
import asyncio, sys
from pathlib import Path
from store.registry import Registry

async def main():
    async with await Registry.open(sys.argv[1], key_file=Path(sys.argv[2]), timeout_s=30) as registry:
        print("ready", flush=True)
        sys.stdin.readline()
        if sys.argv[3] == "halfway":
            await registry.rotation.rotate(on_done=lambda done: (print("some", flush=True), sys.stdin.readline()))
        rotated = await registry.rotation.rotate()
        print(rotated.version, rotated.is_new, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "fleetgraph.key"


@pytest.fixture
async def registry(database_url: str, key_file: Path) -> AsyncIterator[Registry]:
    """Returns three clusters and a snapshot, encrypted with v1."""
    async with await Registry.open(database_url, key_file=key_file) as registry:
        for name in ("a", "b", "c"):
            await registry.clusters.add(new_cluster(name))
        await registry.snapshots.put(NewSnapshot(name="s", origin=origin()), _given(PARTS))
        yield registry


async def test_cr_5_everything_is_sealed_with_a_new_key_and_the_old_one_can_go(
    registry: Registry, key_file: Path
) -> None:
    before = {cluster.record.name: cluster.record.updated_at for cluster in await registry.clusters.open()}

    rotated = await registry.rotation.rotate()

    assert (rotated.version, rotated.is_new) == (2, True)
    assert (rotated.reencrypted.clusters, rotated.reencrypted.parts, rotated.reencrypted.unreadable) == (4, 20, set())
    assert await key_use(registry.database) == {2: KeyUse(clusters=("a", "b", "c", "s"), parts=20)}
    assert load_key_file(key_file).versions == (1, 2)
    await _require_all(registry)
    assert (await registry.rotation.prune()).versions == (1,)
    assert load_key_file(key_file).versions == (2,)
    await _require_all(registry)
    assert {cluster.record.name: cluster.record.updated_at for cluster in await registry.clusters.open()} == before


async def test_cr_5_a_server_that_runs_takes_each_step_without_a_restart(
    registry: Registry, key_file: Path, database_url: str
) -> None:
    async with await Registry.open(database_url, key_file=key_file) as elsewhere:
        await elsewhere.rotation.rotate()
        await _require_all(registry)
        await registry.check()
        await registry.clusters.add(new_cluster("new"))
        assert await key_use(registry.database) == {2: KeyUse(clusters=("a", "b", "c", "new", "s"), parts=20)}

        await elsewhere.rotation.prune()
        await elsewhere.rotation.rotate()

    await _require_all(registry)
    await registry.check()


async def test_a_key_that_is_needed_is_not_dropped(registry: Registry, key_file: Path) -> None:
    assert (await registry.rotation.prune()).versions == ()
    await registry.rotation.rotate()
    await _execute(registry.database, "UPDATE snapshot_part SET key_version = 1 WHERE number = 3")

    assert (await registry.rotation.prune()).versions == ()
    assert load_key_file(key_file).versions == (1, 2)


async def test_cr_6_two_processes_that_rotate_at_once_make_one_key(
    registry: Registry, key_file: Path, database_url: str
) -> None:
    processes = [await _start(database_url, key_file, "whole") for _ in range(2)]

    ended = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(out.split()[-2:] for out, _ in ended) == [[b"2", b"False"], [b"2", b"True"]]
    assert await key_use(registry.database) == {2: KeyUse(clusters=("a", "b", "c", "s"), parts=20)}
    await _require_all(registry)


async def test_cr_5_a_process_that_is_killed_in_the_middle_loses_nothing(
    registry: Registry, key_file: Path, database_url: str
) -> None:
    process = await _start(database_url, key_file, "halfway")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"go\ngo\n")
    for _ in range(2):  # the credentials and some of the parts are done
        assert await process.stdout.readline() == b"some\n"
    process.kill()
    await process.wait()

    halfway = await key_use(registry.database)
    assert (halfway[2].parts, halfway[1].parts) == (8, 12)
    await _require_all(registry)
    async with await Registry.open(database_url, key_file=key_file) as restarted:
        await _require_all(restarted)
        assert (await restarted.rotation.prune()).versions == ()
        finished = await restarted.rotation.rotate()
        assert (finished.version, finished.is_new, finished.reencrypted.parts) == (2, False, 12)
        assert (await restarted.rotation.prune()).versions == (1,)
        await _require_all(restarted)
    await _require_all(registry)


async def test_a_credential_that_does_not_open_is_named_and_does_not_stop_the_next_rotation(
    registry: Registry,
) -> None:
    await _execute(registry.database, "UPDATE cluster SET server = 'https://evil.example.com' WHERE name = 'b'")

    first, second = await registry.rotation.rotate(), await registry.rotation.rotate()

    assert [(item.version, item.is_new, item.reencrypted.unreadable) for item in (first, second)] == [
        (2, True, {"b"}),
        (3, True, {"b"}),
    ]
    assert await key_use(registry.database) == {
        1: KeyUse(clusters=("b",)),
        3: KeyUse(clusters=("a", "c", "s"), parts=20),
    }
    assert (await registry.rotation.prune()).versions == (2,)


async def test_keys_from_the_environment_are_changed_by_hand(database_url: str) -> None:
    async with await Registry.open(database_url, encryption_keys=KEY_1) as registry:
        await registry.clusters.add(new_cluster("a"))
        with pytest.raises(KeyRingError, match="add it as v2:KEY after the others on every replica and restart them"):
            await registry.rotation.rotate()
    async with await Registry.open(database_url, encryption_keys=f"{KEY_1},{KEY_2}") as registry:
        assert (await registry.rotation.prune()).versions == ()

        rotated = await registry.rotation.rotate()

        assert (rotated.version, rotated.is_new, rotated.reencrypted.clusters) == (2, False, 1)
        pruned = await registry.rotation.prune()
        assert (pruned.versions, pruned.is_done) == ((1,), False)
    async with await Registry.open(database_url, encryption_keys=KEY_2) as registry:
        assert [opened.open_credential() for opened in await registry.clusters.open()] == [CREDENTIAL]


async def test_cr_4_the_start_is_refused_if_a_part_of_a_snapshot_needs_a_missing_key(
    registry: Registry, database_url: str
) -> None:
    await _execute(registry.database, "UPDATE snapshot_part SET key_version = 7 WHERE number = 3")

    with pytest.raises(KeyRingError, match="need encryption key v1, v7; there is v2"):
        await Registry.open(database_url, encryption_keys=KEY_2)


async def test_a_part_without_a_version_is_sealed_again(registry: Registry) -> None:
    await _execute(registry.database, "UPDATE snapshot_part SET key_version = 0 WHERE number = 3")
    await registry.check()

    await registry.rotation.rotate()

    assert await key_use(registry.database) == {2: KeyUse(clusters=("a", "b", "c", "s"), parts=20)}


async def test_cr_1_no_key_is_in_the_database(registry: Registry, key_file: Path, tmp_path: Path) -> None:
    await registry.rotation.rotate()
    keys = load_key_file(key_file)
    secrets = [secret for version in (1, 2) for secret in (keys.key(version), base64.b64encode(keys.key(version)))]

    assert [secret for content in _files(tmp_path) for secret in secrets if secret in content] == []


async def _require_all(registry: Registry) -> None:
    """Checks that every credential and every part can be decrypted."""
    opened = await registry.clusters.open()
    for item in opened:
        item.open_credential()
    snapshot = next(item.record for item in opened if item.record.name == "s")
    key = SnapshotKey(snapshot.id, "one")
    sealed = await registry.snapshots.parts(key, 0, 19)
    assert [registry.snapshots.opened(part, key, number) for number, part in enumerate(sealed)] == list(PARTS)


def _files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("fleetgraph.db*")]


async def _start(url: str, key_file: Path, how: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-W", "error", "-c", _ROTATE, url, str(key_file), how]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _given(parts: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await (await session.connection()).execute(text(statement))

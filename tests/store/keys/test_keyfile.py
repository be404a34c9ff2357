"""The file of the encryption keys."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from store.errors import KeyRingError
from store.keys.keyfile import KeyFile, change_key_file, create_key_file, load_key_file
from store.keys.keyring import KeyRing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "fleetgraph.key"


def test_a_new_file_holds_one_key_and_only_its_owner_may_read_it(path: Path) -> None:
    was_created = create_key_file(path)

    assert was_created
    assert path.stat().st_mode & 0o7777 == 0o600
    assert path.parent.stat().st_mode & 0o7777 == 0o700
    assert load_key_file(path).versions == (1,)


def test_the_mode_does_not_depend_on_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_file(path)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o7777 == 0o600


def test_nothing_is_left_beside_the_file(path: Path) -> None:
    create_key_file(path)

    assert [entry.name for entry in path.parent.iterdir()] == ["fleetgraph.key"]


def test_a_file_that_is_there_is_kept(path: Path) -> None:
    create_key_file(path)
    before = path.read_bytes()

    was_created = create_key_file(path)

    assert not was_created
    assert path.read_bytes() == before


def test_of_many_at_once_one_creates_and_all_read_the_same(path: Path) -> None:
    def create_and_read(_: int) -> tuple[bool, bytes]:
        return create_key_file(path), load_key_file(path).key(1)

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(create_and_read, range(32)))

    assert sum(was_created for was_created, _ in results) == 1
    assert len({key for _, key in results}) == 1


def test_two_files_have_different_keys(tmp_path: Path) -> None:
    create_key_file(tmp_path / "a.key")
    create_key_file(tmp_path / "b.key")

    assert load_key_file(tmp_path / "a.key").key(1) != load_key_file(tmp_path / "b.key").key(1)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_open_to_others_is_refused_with_the_way_out(path: Path, mode: int) -> None:
    create_key_file(path)
    path.chmod(mode)

    with pytest.raises(KeyRingError) as refusal:
        load_key_file(path)

    expected = f"The key file {path} is open to other users (mode {mode:04o}). Run: chmod 600 {path}"
    assert str(refusal.value) == expected


def test_a_read_only_file_is_accepted(path: Path) -> None:
    create_key_file(path)
    path.chmod(0o400)

    assert load_key_file(path).versions == (1,)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"fleetgraph\.key cannot be read: No such file or directory\."):
        load_key_file(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="is not a regular file"):
        load_key_file(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    pipe = tmp_path / "fleetgraph.key"
    os.mkfifo(pipe, 0o600)

    with pytest.raises(KeyRingError, match="is not a regular file"):
        load_key_file(pipe)


@pytest.mark.parametrize("content", [b"", b"canary-key", b"\xff\xfe"])
def test_a_malformed_file_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fleetgraph.key"
    path.touch(0o600)
    path.write_bytes(content)

    with pytest.raises(KeyRingError) as refusal:
        load_key_file(path)

    assert str(refusal.value).startswith(f"The key file {path} ")
    assert "canary" not in str(refusal.value)


def test_a_directory_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(KeyRingError, match="cannot be created"):
        create_key_file(tmp_path / "data" / "fleetgraph.key")


def test_a_changed_file_appears_whole_and_private(path: Path) -> None:
    create_key_file(path)
    before = load_key_file(path)

    after = change_key_file(path, KeyRing.with_new_key)

    assert after.versions == load_key_file(path).versions == (1, 2)
    assert load_key_file(path).key(1) == before.key(1)
    assert path.stat().st_mode & 0o7777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_changes_nothing_writes_nothing(path: Path) -> None:
    create_key_file(path)
    before = path.stat()

    change_key_file(path, lambda ring: ring)

    assert path.stat() == before


def test_changes_at_once_come_one_after_the_other(path: Path) -> None:
    create_key_file(path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: change_key_file(path, KeyRing.with_new_key), range(16)))

    assert load_key_file(path).versions == tuple(range(1, 18))


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    create_key_file(path)
    link = tmp_path / "link"
    link.symlink_to(path)

    change_key_file(link, KeyRing.with_new_key)

    assert link.is_symlink()
    assert load_key_file(path).versions == (1, 2)


def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    create_key_file(path)
    before = path.read_bytes()

    with pytest.raises(KeyRingError, match="There is no encryption key"):
        change_key_file(path, lambda ring: ring.without(ring.versions))

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_keys_that_were_read_are_read_again_when_the_file_changed(path: Path) -> None:
    create_key_file(path)
    keys = KeyFile(path)
    first = keys.sealing()
    assert keys.sealing() is first

    change_key_file(path, KeyRing.with_new_key)

    assert keys.opening((1,)) is first
    assert keys.opening((1, 2)).versions == (1, 2)
    assert keys.sealing().current_version == 2


def test_keys_that_were_read_still_open_when_the_file_is_gone_but_seal_nothing(path: Path) -> None:
    create_key_file(path)
    keys = KeyFile(path)
    path.unlink()

    assert keys.opening((1, 2)).versions == (1,)
    with pytest.raises(KeyRingError, match="cannot be read"):
        keys.sealing()


def test_neither_repr_shows_a_key(path: Path) -> None:
    create_key_file(path)
    text = path.read_text().partition(":")[2].strip()

    assert text not in f"{KeyFile(path)!r} {KeyFile(path)}"

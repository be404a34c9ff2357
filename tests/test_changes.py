"""A change is tested by the folders that mirror it."""

import subprocess
from pathlib import Path

import pytest

from tests.changes import changed_files, main, mirrored_tests, without_repeats

FILES = (
    "k8s/endpoint.py",
    "k8s/kubeconfig/yaml/reading.py",
    "server/main.py",
    "server/ratelimit/strangers.py",
    "tests/conftest.py",
    "tests/clock.py",
    "tests/test_clock.py",
    "tests/k8s/wire.py",
    "tests/k8s/test_page.py",
    "tests/k8s/test_reader.py",
    "tests/k8s/kubeconfig/test_exec.py",
    "tests/server/pages/test_headers.py",
    "tests/server/auth/test_bearer.py",
    "tests/server/auth/test_oidc.py",
    "tests/server/auth/test_keys.py",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with packages, and folders of tests for some."""
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("k8s", ["tests/k8s"]),
        ("k8s/kubeconfig", ["tests/k8s/kubeconfig"]),
        ("k8s/endpoint.py", ["tests/k8s/test_page.py", "tests/k8s/test_reader.py"]),
        ("k8s/removed.py", ["tests/k8s/test_page.py", "tests/k8s/test_reader.py"]),
        ("k8s/kubeconfig/yaml", ["tests/k8s/kubeconfig/test_exec.py"]),
        ("k8s/kubeconfig/yaml/reading.py", ["tests/k8s/kubeconfig/test_exec.py"]),
        ("server/main.py", ["tests/server"]),
        ("server/auth/cookies.py", [f"tests/server/auth/test_{name}.py" for name in ("bearer", "keys", "oidc")]),
        ("server/auth/oidc/discovery.py", ["tests/server/auth/test_oidc.py"]),
        ("server/auth/oidc/keys.py", ["tests/server/auth/test_keys.py"]),
        ("server/ratelimit/strangers.py", ["tests/server"]),
        ("tests/k8s/test_page.py", ["tests/k8s/test_page.py"]),
        ("tests/k8s/wire.py", ["tests/k8s"]),
        ("tests/k8s/test_removed.py", ["tests/k8s"]),
        ("tests/server/auth", ["tests/server/auth"]),
        ("tests/clock.py", ["tests/test_clock.py"]),
        ("tests/conftest.py", []),
        ("tests/gone/test_removed.py", []),
        ("bench/small.py", []),
        ("pyproject.toml", []),
    ],
)
def test_a_change_needs_the_tests_that_mirror_it(root: Path, changed: str, tests: list[str]) -> None:
    assert mirrored_tests(changed, root) == tests


def test_what_lies_in_a_chosen_folder_is_not_named_again() -> None:
    tests = ["tests/k8s/test_page.py", "tests/graph/test_plan.py", "tests/k8s", "tests/graph/test_plan.py"]

    assert without_repeats(tests) == ["tests/graph/test_plan.py", "tests/k8s"]


def test_all_that_differs_from_the_main_branch_has_changed(root: Path) -> None:
    _git(root, "init", "--initial-branch=main")
    _commit(root, "first")
    (root / "k8s/endpoint.py").write_text("committed on main")
    _commit(root, "second")
    assert changed_files(root) == ["k8s/endpoint.py"]

    _git(root, "checkout", "-b", "work")
    (root / "server/main.py").write_text("committed on the branch")
    _git(root, "mv", "tests/clock.py", "tests/moved.py")
    _commit(root, "third")
    (root / "tests/test_clock.py").unlink()
    (root / "tests/k8s/wire.py").write_text("not committed")
    (root / "k8s/untracked.py").write_text("")

    assert changed_files(root) == [
        "k8s/untracked.py",
        "server/main.py",
        "tests/clock.py",
        "tests/k8s/wire.py",
        "tests/moved.py",
        "tests/test_clock.py",
    ]


def test_without_a_main_branch_what_is_not_committed_has_changed(root: Path) -> None:
    _git(root, "init", "--initial-branch=other")
    _commit(root, "first")
    (root / "k8s/endpoint.py").write_text("not committed")

    assert changed_files(root) == ["k8s/endpoint.py"]


def test_a_package_without_tests_is_refused_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere"]) == 2
    assert capsys.readouterr() == (
        "",
        "No tests mirror nowhere: name a folder or a file, such as k8s or k8s/endpoint.py.\n",
    )


def test_tests_of_packages_are_printed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["k8s/", "store"]) == 0
    assert capsys.readouterr() == ("tests/k8s\ntests/store\n", "")


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def _commit(root: Path, subject: str) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--message", subject)

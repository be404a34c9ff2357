"""Completion by a shell: names of clusters, kinds and saved queries."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import kubeconfigs
from tests.server.commandline import Cli

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def registered(cli: Cli, tmp_path: Path) -> Cli:
    """Returns a registry with `alpha`, `alps` and `beta`."""
    file = kubeconfigs.write(tmp_path / "config", "alpha", "alps", "beta")
    cli("clusters", "import", "--no-check", "--all", "--kubeconfig", str(file))
    return cli


def _completed(cli: Cli, monkeypatch: pytest.MonkeyPatch, *words: str, shell: str = "bash") -> str:
    """Returns the answer to a shell that completes the last of the words after the command."""
    line = " ".join(("fleetgraph", *words))
    with monkeypatch.context() as patched:
        patched.setenv("_FLEETGRAPH_COMPLETE", f"complete_{shell}")
        patched.setenv("COMP_WORDS", line)
        patched.setenv("COMP_CWORD", str(len(words)))
        patched.setenv("_TYPER_COMPLETE_ARGS", line)
        patched.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        ran = cli()
    assert ran.err == ""
    return ran.out


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "words",
    [
        ("clusters", "show", "al"),
        ("clusters", "label", "al"),
        ("clusters", "remove", "al"),
        ("clusters", "check", "beta", "al"),
        ("grants", "add", "--cluster", "al"),
        ("audit", "list", "--cluster", "al"),
    ],
    ids=" ".join,
)
def test_names_of_clusters(
    registered: Cli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], shell: str
) -> None:
    completed = _completed(registered, monkeypatch, *words, shell=shell)

    assert "alpha" in completed
    assert "alps" in completed
    assert "beta" not in completed


@pytest.mark.parametrize("shell", SHELLS)
def test_kinds_at_the_beginning_of_a_query(cli: Cli, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    completed = _completed(cli, monkeypatch, "query", "'{ repl", shell=shell)

    assert "{ replicaSets" in completed
    assert "{ replicationControllers" in completed
    assert "pods" not in completed


@pytest.mark.parametrize("query", ["'{ pods { na", "pods", "'query Q { po"])
def test_no_kind_where_none_may_stand(cli: Cli, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    assert _completed(cli, monkeypatch, "query", query).strip() == ""


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:canary@127.0.0.1:1/db", "nonsense", "sqlite:////nowhere/x.db", "sqlite:///{tmp}/text.db"],
)
def test_a_database_that_cannot_be_read_completes_nothing(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    (tmp_path / "text.db").write_text("no database, but more than the header of one " * 10)
    monkeypatch.setenv("FLEETGRAPH_DATABASE_URL", url.replace("{tmp}", str(tmp_path)))

    assert _completed(cli, monkeypatch, "clusters", "show", "").strip() == ""
    assert not Path("/nowhere").exists()


def test_completion_imports_nothing_slow(tmp_path: Path) -> None:
    code = """if True:
        import json, sys, server.main
        from server.cli.commands.completion import cluster_names, example_names, queries
        cluster_names(""), example_names("")
        print(json.dumps(sorted(sys.modules)))
        assert len(queries("{ ")) > 50
        print(json.dumps(sorted(sys.modules)))
    """
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )

    names, kinds = (set(json.loads(line)) for line in ran.stdout.splitlines())
    slow = {"sqlalchemy", "sqlmodel", "aiohttp", "kubernetes", "graphql", "strawberry", "structlog", "rich", "asyncio"}
    assert names & {*slow, "pydantic", "msgspec"} == set()
    assert kinds & (slow - {"asyncio"}) == set()

"""`fleetgraph keys`: list, rotation and removal of keys."""

import base64
from pathlib import Path

import httpx
import pytest

from tests.server import kubeconfigs
from tests.server.commandline import Cli
from tests.server.kubeconfigs import CANARY
from tests.server.serverprocess import ServerProcess

KEY_1, KEY_2 = (f"v{version}:{base64.b64encode(bytes([version]) * 32).decode()}" for version in (1, 2))


def _import(cli: Cli, tmp_path: Path, *names: str) -> None:
    file = kubeconfigs.write(tmp_path / "config", *names)
    assert cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all").exit_code == 0


def test_a_rotation_from_the_first_key_to_the_second(cli: Cli, tmp_path: Path) -> None:
    _import(cli, tmp_path, "a", "b")

    rotated, listed = cli("keys", "rotate"), cli("keys", "list")
    pruned, again = cli("keys", "prune"), cli("keys", "prune")

    assert (rotated.exit_code, rotated.out) == (
        0,
        "rotated   v2 (a new key): 2 credentials and 0 snapshot parts encrypted again\n",
    )
    assert [line.split() for line in listed.out.splitlines()[1:]] == [
        ["v1", "unused", "0", "0"],
        ["v2", "current", "2", "0"],
    ]
    assert (pruned.out, again.out) == ("removed   v1\n", "Every key is needed.\n")
    assert cli("keys", "list", "--json").json == [
        {"version": 2, "state": "current", "clusters": ["a", "b"], "snapshotParts": 0}
    ]


def test_what_cannot_be_read_is_named_and_the_exit_code_says_so(cli: Cli, tmp_path: Path) -> None:
    _import(cli, tmp_path, "a", "b")
    (tmp_path / "fleetgraph.key").write_text(KEY_2)
    (tmp_path / "fleetgraph.key").write_text(f"{KEY_1},{KEY_2}")

    ran = cli("keys", "rotate", "--json")

    assert (ran.exit_code, ran.json["unreadable"]) == (1, ["a", "b"])
    assert "a cannot be decrypted and is still under its old key" in ran.err


def test_keys_of_the_environment_come_with_the_steps(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", KEY_1)
    _import(cli, tmp_path, "a")

    by_hand = cli("keys", "rotate")
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", f"{KEY_1},{KEY_2}")
    rotated, pruned = cli("keys", "rotate"), cli("keys", "prune")

    assert (by_hand.exit_code, by_hand.out) == (3, "")
    assert "add it as v2:KEY after the others on every replica" in by_hand.err
    assert rotated.out == (
        "rotated   v2 (which was there already): 1 credentials and 0 snapshot parts encrypted again\n"
    )
    assert pruned.out == "unused    v1: remove it from FLEETGRAPH_ENCRYPTION_KEYS on every replica.\n"


@pytest.mark.parametrize(
    ("keys", "message"),
    [("v1:AAAA", "key v1 has 3 bytes, not 32"), (KEY_2, "need encryption key v1; there is v2")],
)
def test_cr_4_wrong_keys_stop_the_start_by_their_version(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str, message: str
) -> None:
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", KEY_1)
    _import(cli, tmp_path, "a")
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", keys)

    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.out) == (3, "")
    assert message in ran.err
    assert keys.partition(":")[2] not in ran.err


def test_kc_11_no_command_shows_a_key_or_a_credential(cli: Cli, tmp_path: Path) -> None:
    _import(cli, tmp_path, "a")
    commands = [("rotate",), ("list",), ("list", "--json"), ("rotate", "--json"), ("prune",), ("prune", "--json")]

    printed = "".join(f"{ran.out}{ran.err}" for ran in (cli("keys", *command) for command in commands))

    keys = [entry.partition(":")[2].strip() for entry in (tmp_path / "fleetgraph.key").read_text().split(",")]
    assert [secret for secret in (CANARY, *keys) if secret in printed] == []


def test_cr_1_no_file_of_the_database_holds_what_an_exec_plugin_gets(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEETGRAPH_EXEC_PLUGINS", "no-such-plugin")
    monkeypatch.setenv("FLEETGRAPH_EXEC_PLUGIN_ENVIRONMENT", "SECRET")
    body = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "no-such-plugin",
        "args": [f"--secret={CANARY}"],
        "env": [{"name": "SECRET", "value": CANARY}],
    }
    file = kubeconfigs.write(tmp_path / "config", "a", exec=body)
    commands = [
        ("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all", "--json"),
        ("clusters", "list", "--json"),
        ("clusters", "show", "a", "--json"),
        ("clusters", "check", "--json"),
        ("keys", "rotate"),
        ("audit", "list", "--json"),
    ]

    printed = "".join(f"{ran.out}{ran.err}" for ran in (cli(*command) for command in commands))
    files = {path.name: path.read_bytes() for path in tmp_path.glob("fleetgraph.*")}

    assert b"no-such-plugin" not in files["fleetgraph.db"]
    assert "EXEC_PLUGIN" in printed
    assert CANARY not in printed
    assert [name for name, content in files.items() if CANARY.encode() in content] == []


def test_cr_5_a_server_that_runs_goes_on_through_a_rotation(cli: Cli, tmp_path: Path) -> None:
    _import(cli, tmp_path, "a", "b")
    token = cli("tokens", "create", "--name", "test", "--admin").out.strip()
    asked = {"query": "{ clusters { name } }"}
    headers = {"Authorization": f"Bearer {token}"}

    with ServerProcess({"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}) as it:
        answers = []
        for command in (("list",), ("rotate",), ("prune",), ("rotate",), ("prune",)):
            assert cli("keys", *command).exit_code == 0
            answers.append(httpx.post(f"{it.url}/graphql", json=asked, headers=headers, timeout=30).json())
            assert httpx.get(f"{it.url}/readyz", timeout=30).status_code == 200
        log = it.log

    assert answers == [{"data": {"clusters": [{"name": "a"}, {"name": "b"}]}}] * 5
    assert "key" not in log


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc")
def test_cr_11_a_server_keeps_no_key_in_its_environment(tmp_path: Path) -> None:
    environment = {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_ENCRYPTION_KEYS": KEY_1,
    }

    with ServerProcess(environment) as server:
        shown = Path(f"/proc/{server.pid}/environ").read_bytes()
        arguments = Path(f"/proc/{server.pid}/cmdline").read_bytes()

    assert b"HOME=" in shown
    assert KEY_1.partition(":")[2].encode() not in shown + arguments
    assert b"fleetgraph.db" not in shown

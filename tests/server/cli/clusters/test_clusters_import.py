"""`clusters import` without a cluster: selection, names, refusals, and storage without a probe."""

from pathlib import Path

import pytest

from tests.k8s.kubeconfig_samples import authority
from tests.k8s.plugins import V1, runs, write_plugin
from tests.server import kubeconfigs
from tests.server.commandline import Cli
from tests.server.kubeconfigs import CANARY, NOWHERE

UNCHECKED = ("clusters", "import", "--no-check")


def test_the_current_context_is_imported_by_default(cli: Cli, tmp_path: Path) -> None:
    kubeconfigs.write(tmp_path / ".kube" / "config", "a", "b", current="b")

    ran = cli(*UNCHECKED)

    assert (ran.exit_code, ran.out) == (0, "added     b: not checked\n")
    assert [cluster["name"] for cluster in cli("clusters", "list", "--json").json] == ["b"]


def test_without_a_current_context_one_of_several_has_to_be_named(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a", "b")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file))

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "error: No current context is set. Name one with --context, or import all with --all: 'a', 'b'.\n"
    )


def test_the_files_of_kubeconfig_are_merged_and_the_first_wins(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kubeconfigs.write(tmp_path / "first", "a")
    second = kubeconfigs.write(tmp_path / "second", "a", "b", server="https://127.0.0.1:2")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/missing:{first}:{second}")

    ran = cli(*UNCHECKED, "--all", "--json")

    assert [(one["name"], one["server"]) for one in ran.json] == [("a", NOWHERE), ("b", "https://127.0.0.1:2")]


def test_a_broken_file_of_kubeconfig_names_itself_and_the_others_go_on(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, empty, folder = tmp_path / "broken", tmp_path / "empty", tmp_path / "folder"
    broken.write_text("contexts: [")
    empty.touch()
    folder.mkdir()
    good = kubeconfigs.write(tmp_path / "good", "a")
    monkeypatch.setenv("KUBECONFIG", f"{broken}:{empty}:{folder}:{good}:{broken}")

    ran = cli(*UNCHECKED, "--all")
    as_json = cli(*UNCHECKED, "--all", "--json")

    assert (ran.exit_code, ran.out.splitlines()) == (
        1,
        [
            f"failed    {broken}: the file is not YAML (line 2, column 1).",
            f"failed    {folder} cannot be read: Is a directory.",
            "added     a: not checked",
        ],
    )
    assert [(one["context"], one["result"]) for one in as_json.json] == [
        (None, "failed"),
        (None, "failed"),
        ("a", "replaced"),
    ]


def test_broken_files_alone_are_an_error_with_a_line_for_each(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text("[]")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/one:{tmp_path}/two")

    ran = cli(*UNCHECKED, "--all")

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"error: {tmp_path}/{name}: the file is not a kubeconfig: it is not a mapping." for name in ("one", "two")
    ]


def test_without_any_kubeconfig_it_says_where_it_looked(cli: Cli) -> None:
    ran = cli(*UNCHECKED)

    assert (ran.exit_code, ran.err) == (
        2,
        "error: No kubeconfig: there is no ~/.kube/config; name one with --kubeconfig.\n",
    )


def test_one_bad_context_does_not_stop_the_others(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "good", "also good")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--context", "nope", "--context", "also good", "--json")

    assert ran.exit_code == 1
    assert [(one["context"], one["name"], one["result"]) for one in ran.json] == [
        ("nope", None, "failed"),
        ("also good", "also-good", "added"),
    ]
    assert ran.json[0]["error"]["code"] == "CONTEXT_NOT_FOUND"


def test_two_contexts_that_would_have_one_name_are_not_mixed_up(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a_b", "a@b")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--all")

    assert ran.exit_code == 1
    assert ran.out.splitlines() == [
        "added     a-b (context a_b): not checked",
        "failed    a-b (context a@b): its name would be 'a-b', as that of context 'a_b'; import it alone with --name.",
    ]


def test_a_cluster_that_does_not_answer_is_not_stored(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "dead")

    ran = cli("clusters", "import", "--kubeconfig", str(file), "--json")

    assert (ran.exit_code, ran.json[0]["result"], ran.json[0]["error"]["code"]) == (1, "failed", "CLUSTER_UNREACHABLE")
    assert cli("clusters", "list", "--json").json == []


def test_importing_again_keeps_labels_and_tells_of_another_server(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a")
    cli(*UNCHECKED, "--kubeconfig", str(file), "--label", "env=prod")
    kubeconfigs.write(file, "a", server="https://127.0.0.1:2")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file))

    assert ran.out == f"replaced  a: not checked (its server was {NOWHERE})\n"
    assert cli("clusters", "show", "a", "--json").json["labels"] == {"env": "prod"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--all", "--context", "a"), "--all and --context contradict each other"),
        (("--all", "--name", "x"), "--name is for one context, but 2 are selected"),
        (("--context", "a", "--name", "Not_A_Name"), "'Not_A_Name' is not a cluster name"),
        (("--context", "a", "--label", "x"), "'x' is not a label; write KEY=VALUE"),
        (("--context", "a", "--label", "x=1", "--label", "x=2"), "The label 'x' has two values"),
        (("--context", "a", "--label", "x=y z"), "'y z' is not a value for label 'x'"),
        (("--kubeconfig", "missing"), "missing cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_stored(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfigs.write(tmp_path / "config", "a", "b")))

    ran = cli(*UNCHECKED, *arguments)

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {message}")
    assert cli("clusters", "list", "--json").json == []


@pytest.mark.parametrize("content", ["", "[]", "\0", "a: &a [*a]", "{" * 2000, "kind: Pod"])
def test_a_file_that_is_no_kubeconfig_is_one_line(cli: Cli, tmp_path: Path, content: str) -> None:
    file = tmp_path / "config"
    file.write_text(content)

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--all")

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_kc_1_a_program_in_a_kubeconfig_is_refused_by_name(cli: Cli, tmp_path: Path) -> None:
    program = {"apiVersion": V1, "command": "touch", "args": [f"{tmp_path}/ran"]}
    file = kubeconfigs.write(tmp_path / "config", "a", exec=program)

    ran = cli("clusters", "import", "--kubeconfig", str(file), "--all", "--json")

    assert (ran.exit_code, ran.json[0]["error"]["code"]) == (1, "KUBECONFIG_UNSUPPORTED_FIELD")
    assert "exec" in ran.json[0]["error"]["message"]
    assert ran.json[0]["error"]["allow"] == ["exec=touch"]
    assert not (tmp_path / "ran").exists()


def test_kc_11_no_command_shows_the_credential(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a")
    cli(*UNCHECKED, "--kubeconfig", str(file))

    commands = [
        ("clusters", "import", "--kubeconfig", str(file), "--all"),
        (*UNCHECKED, "--kubeconfig", str(file), "--json"),
        ("clusters", "list"),
        ("clusters", "list", "--json"),
        ("clusters", "show", "a"),
        ("clusters", "show", "a", "--json"),
        ("clusters", "check"),
        ("clusters", "check", "--json"),
        ("clusters", "label", "a", "x=y"),
    ]
    printed = "".join(f"{ran.out}{ran.err}" for ran in (cli(*command) for command in commands))

    assert "a" in printed
    assert CANARY not in printed


def test_names_from_a_kubeconfig_cannot_command_the_terminal(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "x\x1b]0;title\x07\u202e")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--all")

    assert (ran.exit_code, ran.out.count("\n")) == (1, 1)
    assert not any(character in f"{ran.out}{ran.err}" for character in "\x1b\x07\u202e")


@pytest.mark.parametrize("options", [(), ("--no-check",)])
def test_kc_7_an_address_that_is_denied_is_not_imported(cli: Cli, tmp_path: Path, options: tuple[str, ...]) -> None:
    file = kubeconfigs.write(tmp_path / "config", "meta", server="https://169.254.169.254")

    ran = cli("clusters", "import", "--kubeconfig", str(file), *options)

    assert (ran.exit_code, ran.out) == (
        1,
        "failed    meta: its address, or its proxy's, is in 169.254.169.254/32, which is denied; "
        "FLEETGRAPH_ALLOWED_ADDRESSES can allow it.\n",
    )
    assert cli("clusters", "list", "--json").json == []


def test_kc_7_the_operator_denies_networks(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_DENIED_ADDRESSES", "127.0.0.0/8, ::1")
    file = kubeconfigs.write(tmp_path / "config", "own")

    ran = cli("clusters", "import", "--kubeconfig", str(file), "--json")

    assert (ran.exit_code, ran.json[0]["error"]["code"]) == (1, "CLUSTER_UNREACHABLE")
    assert "is in 127.0.0.0/8" in ran.json[0]["error"]["message"]


def test_the_cluster_of_a_pod_is_imported_by_reference(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.crt").write_bytes(authority().pem)
    (tmp_path / "token").write_text(CANARY)
    for name, value in (("HOST", "10.96.0.1"), ("PORT", "443")):
        monkeypatch.setenv(f"KUBERNETES_SERVICE_{name}", value)
    monkeypatch.setenv("FLEETGRAPH_SERVICE_ACCOUNT_FOLDER", str(tmp_path))

    ran = cli(*UNCHECKED, "--in-cluster", "--label", "env=own")
    named = cli(*UNCHECKED, "--in-cluster", "--name", "home")

    assert (ran.exit_code, ran.out) == (0, "added     in-cluster: not checked\n")
    assert named.out == "added     home (context in-cluster): not checked\n"
    assert cli("clusters", "show", "in-cluster", "--json").json["server"] == "https://10.96.0.1"


def test_outside_of_a_pod_there_is_no_cluster_of_its_own(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    ran = cli(*UNCHECKED, "--in-cluster")

    assert (ran.exit_code, ran.out) == (2, "")
    assert "this is no pod" in ran.err


def test_a_program_is_allowed_by_the_operator_alone(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = write_plugin(tmp_path / "plugin")
    body = {"apiVersion": V1, "command": str(plugin)}
    file = kubeconfigs.write(tmp_path / "config", "a", exec=body)

    refused = cli("clusters", "import", "--kubeconfig", str(file))
    monkeypatch.setenv("FLEETGRAPH_EXEC_PLUGINS", str(plugin))
    stored = cli(*UNCHECKED, "--kubeconfig", str(file))

    assert (refused.exit_code, f"--allow exec={plugin}" in refused.out) == (1, True)
    assert (stored.exit_code, stored.out) == (0, "added     a: not checked\n")
    assert runs(plugin) == 0
    cli("clusters", "check")
    assert runs(plugin) == 1


def test_failures_beside_json_are_lines_on_a_terminal(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kubeconfigs.write(tmp_path / "config", "dead")
    in_a_pipe = cli("clusters", "import", "--kubeconfig", str(file), "--json")
    cli(*UNCHECKED, "--kubeconfig", str(file), "--all")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    imported = cli("clusters", "import", "--kubeconfig", str(file), "--json")
    checked = cli("clusters", "check", "--json")

    cause = in_a_pipe.json[0]["error"]["message"]
    assert "error: " not in in_a_pipe.err
    assert f"error: dead: {cause}\n" in imported.err
    assert "error: cluster 'dead': no connection" in checked.err

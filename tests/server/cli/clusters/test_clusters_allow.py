"""`clusters import --allow`: the command that a refusal prints, what it allows, and for how long."""

import shlex
from pathlib import Path

import pytest

from tests.k8s.kubeconfig_samples import authority
from tests.k8s.plugins import V1, runs, write_plugin
from tests.server import kubeconfigs
from tests.server.commandline import Cli, Ran

UNCHECKED = ("clusters", "import", "--no-check")
ENVIRONMENT = (
    "It got only PATH, HOME and the variables that --allow env=NAME or FLEETGRAPH_EXEC_PLUGIN_ENVIRONMENT allows."
)
CANARY = "canary-token-52b7"


def printed_command(ran: Ran) -> tuple[str, ...]:
    """Returns the arguments of the command that a refused import prints last on stderr."""
    program, *arguments = shlex.split(ran.err.splitlines()[-1])
    assert program == "fleetgraph"
    return tuple(arguments)


def of_minikube(path: Path) -> Path:
    """Writes a kubeconfig that names files by relative paths."""
    file = kubeconfigs.write(path / ".kube" / "config", "minikube", tokenFile="../.minikube/token")
    (path / ".minikube").mkdir()
    (path / ".minikube" / "token").write_text("token-of-a-file")
    return file


def managed(path: Path, plugin: Path, *contexts: str) -> Path:
    """Writes a kubeconfig with an exec plugin and a variable."""
    program = {"apiVersion": V1, "command": str(plugin), "env": [{"name": "AWS_PROFILE", "value": "prod"}]}
    return kubeconfigs.write(path / "managed", *(contexts or ("prod",)), exec=program)


def test_the_printed_command_imports_what_was_refused(cli: Cli, tmp_path: Path) -> None:
    of_minikube(tmp_path)

    refused = cli(*UNCHECKED, "--all", "--label", "env=test")
    allowed = cli(*printed_command(refused))

    assert (refused.exit_code, refused.out.count("\n")) == (1, 1)
    assert refused.out.endswith(
        "it reads files (tokenFile). Allow this with --allow files, or give the token of a service account instead "
        "(kubectl create token NAME --duration=24h, or a Secret of type kubernetes.io/service-account-token).\n"
    )
    assert printed_command(refused) == (
        *UNCHECKED[:2],
        "--all",
        "--label",
        "env=test",
        "--no-check",
        "--allow",
        "files",
    )
    assert (allowed.exit_code, allowed.out) == (0, "added     minikube: not checked\n")


def test_one_command_allows_all_that_all_contexts_need(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = write_plugin(tmp_path / "my plugin")
    files = (of_minikube(tmp_path), managed(tmp_path, plugin, "prod", "test"))
    monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))

    refused = cli(*UNCHECKED, "--all")
    allowed = cli(*printed_command(refused))

    assert printed_command(refused)[4:] == (
        *("--allow", "files"),
        *("--allow", f"exec={plugin}"),
        *("--allow", "env=AWS_PROFILE"),
    )
    assert (allowed.exit_code, allowed.out.splitlines()) == (
        0,
        [f"added     {name}: not checked" for name in ("minikube", "prod", "test")],
    )
    assert runs(plugin) == 0


def test_the_command_keeps_the_options(cli: Cli, tmp_path: Path) -> None:
    file = managed(tmp_path, write_plugin(tmp_path / "plugin"))

    refused = cli(*UNCHECKED, "--kubeconfig", str(file), "--context", "prod", "--name", "x", "--allow", "proxy-url")

    assert printed_command(refused) == (
        *("clusters", "import", "--kubeconfig", str(file), "--name", "x", "--context", "prod", "--no-check"),
        *("--allow", "proxy-url", "--allow", f"exec={tmp_path}/plugin", "--allow", "env=AWS_PROFILE"),
    )


def test_a_refusal_for_programs_has_the_words(cli: Cli, tmp_path: Path) -> None:
    file = managed(tmp_path, write_plugin(tmp_path / "plugin"))

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--all", "--json")

    assert ran.json[0]["error"]["allow"] == [f"exec={tmp_path}/plugin", "env=AWS_PROFILE"]


def test_what_was_allowed_for_one_import_holds_for_that_cluster_until_the_operator_forbids_it(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = write_plugin(tmp_path / "plugin", f"env > '{tmp_path}/env'")
    file = str(managed(tmp_path, plugin))
    words = ("--allow", f"exec={plugin}", "--allow", "env=AWS_PROFILE")

    cli(*UNCHECKED, "--kubeconfig", file, "--all", *words)
    another = cli(*UNCHECKED, "--kubeconfig", file, "--all", "--name", "another")
    cli("clusters", "check")
    monkeypatch.setenv("FLEETGRAPH_ALLOW_AT_IMPORT", "false")
    forbidden = cli("clusters", "check", "--json")

    assert another.exit_code == 1
    assert runs(plugin) == 1
    assert "AWS_PROFILE=prod" in (tmp_path / "env").read_text().splitlines()
    assert "not in FLEETGRAPH_EXEC_PLUGINS" in forbidden.json[0]["error"]["message"]


def test_an_operator_who_forbids_it_is_named(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_minikube(tmp_path)
    monkeypatch.setenv("FLEETGRAPH_ALLOW_AT_IMPORT", "false")

    refused = cli(*UNCHECKED, "--all")
    allowed = cli(*UNCHECKED, "--all", "--allow", "files")

    assert "Only the operator's settings allow this: FLEETGRAPH_KUBECONFIG_ALLOW=files, or " in refused.out
    assert "--allow" not in refused.out + refused.err
    assert (allowed.exit_code, allowed.out) == (2, "")
    assert allowed.err.startswith("error: --allow is disabled (FLEETGRAPH_ALLOW_AT_IMPORT=false); only ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--allow", "exec=./aws"), "'exec=./aws' cannot be allowed; write one of files, "),
        (("--allow", "everything"), "'everything' cannot be allowed"),
        (("--allow", "env=FLEETGRAPH_ENCRYPTION_KEYS"), "cannot be allowed"),
        (("--allow", "files", "--in-cluster"), "--allow cannot be combined with --in-cluster"),
        (("--allow", "files", "--snapshot", "x"), "cannot be combined with"),
    ],
)
def test_what_cannot_be_allowed_is_refused(cli: Cli, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    of_minikube(tmp_path)

    ran = cli("clusters", "import", *arguments)

    assert (ran.exit_code, ran.out) == (2, "")
    assert message in " ".join(ran.err.replace("│", " ").split())


def test_the_error_output_of_a_plugin_is_shown_escaped_and_without_its_token(cli: Cli, tmp_path: Path) -> None:
    script = rf"printf '\033[31mlogin\033[0m first \033]0;title\007 Bearer {CANARY}\n' >&2; exit 7"
    plugin = write_plugin(tmp_path / "plugin", script)
    file = str(managed(tmp_path, plugin))
    words = ("--allow", f"exec={plugin}", "--allow", "env=AWS_PROFILE")

    imported = cli("clusters", "import", "--kubeconfig", file, "--all", *words)
    cli(*UNCHECKED, "--kubeconfig", file, "--all", *words)
    checked = cli("clusters", "check")
    as_json = cli("clusters", "check", "--json")

    cause = r"its exec plugin failed (exit code 7). Its error output: login first \x1b]0;title\x07 Bearer ***"
    assert (imported.exit_code, imported.out) == (1, f"failed    prod: {cause}. {ENVIRONMENT}\n")
    assert cause in checked.out
    assert as_json.json[0]["error"]["message"].startswith("its exec plugin failed (exit code 7). Its error output: ")
    assert CANARY not in imported.out + imported.err + checked.out + as_json.out


def test_a_program_that_is_not_installed_is_named(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a", exec={"apiVersion": V1, "command": "not-installed-anywhere"})

    ran = cli("clusters", "import", "--kubeconfig", str(file), "--allow", "exec=not-installed-anywhere")

    assert ran.out == (
        "failed    a: the exec plugin that gives its credential is not installed here. "
        "not-installed-anywhere is not in PATH.\n"
    )


def test_ignored_keys_are_noted_once(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a", "b", token=CANARY, surprise="x")

    ran = cli(*UNCHECKED, "--kubeconfig", str(file), "--all")

    assert (ran.exit_code, ran.out.count("added")) == (0, 2)
    notes = [line for line in ran.err.splitlines() if line.startswith("note: ")]
    assert notes == ["note: surprise is ignored in user entries, as kubectl does."]


def test_every_line_ends_in_one_full_stop(cli: Cli, tmp_path: Path) -> None:
    expired = authority().expired()
    certificate, key = expired.write(tmp_path, "old")
    user = {"client-certificate": str(certificate), "client-key": str(key)}
    old = kubeconfigs.write(tmp_path / "old", "old", **user)
    twins = kubeconfigs.write(tmp_path / "twins", "a_b", "a@b", "...", "x\ny")

    lines = [
        line
        for arguments in (("--kubeconfig", str(old), "--allow", "files"), ("--kubeconfig", str(twins), "--all"))
        for ran in [cli(*UNCHECKED, *arguments)]
        for line in (*ran.err.splitlines(), *ran.out.splitlines())
        if not line.endswith("not checked")
    ]

    assert len(lines) >= 4
    assert [line for line in lines if not line.endswith(".") or line.endswith("..")] == []

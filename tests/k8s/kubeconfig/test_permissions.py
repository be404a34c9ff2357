"""Permissions for one import, and refusals that name all that a context needs at once."""

from pathlib import Path

import pytest

from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.kubeconfig.errors import PermissionNeeded
from k8s.kubeconfig.permission import to_run
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.audit_events import outside_events
from tests.k8s.kubeconfig_samples import SERVER, Sample
from tests.k8s.plugins import V1

PROGRAM: dict[str, object] = {
    "apiVersion": V1,
    "command": "aws",
    "env": [{"name": "AWS_PROFILE", "value": "prod"}, {"name": "AWS_REGION"}],
}
WORDS = ("files", "insecure-skip-tls-verify", "proxy-url", "exec=aws", "env=AWS_PROFILE", "env=AWS_REGION")


def everything() -> Sample:
    """Returns a kubeconfig that needs every kind of permission."""
    cluster = {
        "server": SERVER,
        "certificate-authority": "/etc/passwd",
        "insecure-skip-tls-verify": True,
        "proxy-url": "http://proxy.example:3128",
    }
    return Sample(cluster=cluster, user={"exec": PROGRAM})


def refusal(policy: KubeconfigPolicy) -> PermissionNeeded:
    refused = everything().refusal(policy)
    assert isinstance(refused, PermissionNeeded)
    return refused


def test_a_refusal_names_all_that_is_needed_and_touches_nothing() -> None:
    with outside_events() as events:
        refused = refusal(KubeconfigPolicy())

    assert sorted(refused.words) == sorted(WORDS)
    assert " Allow this with " in str(refused)
    assert all(f"--allow {word}" in str(refused) for word in WORDS)
    assert events == []


@pytest.mark.parametrize("missing", WORDS)
def test_each_permission_counts(missing: str) -> None:
    policy = KubeconfigPolicy().allowing_once([word for word in WORDS if word != missing])

    assert refusal(policy).words == (missing,)


def test_settings_and_permissions_of_one_import_add_up() -> None:
    exec_policy = ExecPolicy(commands=frozenset({"aws"}), environment=frozenset({"AWS_REGION"}))
    policy = KubeconfigPolicy(files=True, exec=exec_policy).allowing_once(["proxy-url"])

    assert refusal(policy).words == ("env=AWS_PROFILE", "insecure-skip-tls-verify")


def test_the_plugin_keeps_what_was_allowed_for_it() -> None:
    by_import = KubeconfigPolicy().allowing_once(["exec=aws", "env=AWS_PROFILE", "env=AWS_REGION", "env=AWS_ROLE"])
    by_setting = KubeconfigPolicy(exec=ExecPolicy(commands=frozenset({"aws"}))).allowing_once(
        ["env=AWS_PROFILE", "env=AWS_REGION"]
    )

    kept = []
    for policy in (by_import, by_setting):
        plugin = Sample(user={"exec": PROGRAM}).read(policy).credential
        assert isinstance(plugin, ExecPlugin)
        kept.append((plugin.is_allowed, plugin.allowed_environment))

    assert kept == [(True, ("AWS_PROFILE", "AWS_REGION", "AWS_ROLE")), (False, ("AWS_PROFILE", "AWS_REGION"))]


@pytest.mark.parametrize(
    "text",
    ["", "exec", "exec=", "exec=./aws", "exec=bin/aws", "exec=a\nb", "env=", "env=a b", "env=1", "file", "files=x",
     "env=FLEETGRAPH_ENCRYPTION_KEYS", "env=fleetgraph_x", "auth-provider", "files,sudo"],
)  # fmt: skip
def test_what_cannot_be_allowed_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"write one of files, .*, proxy-url, exec=COMMAND, env=NAME\."):
        KubeconfigPolicy().allowing_once([text])


def test_words_without_a_value_may_be_separated_by_commas() -> None:
    assert KubeconfigPolicy().allowing_once(["files, proxy-url", "exec=/opt/a,b"]).once == {
        "files",
        "proxy-url",
        "exec=/opt/a,b",
    }


def test_an_operator_may_forbid_it() -> None:
    policy = KubeconfigPolicy(may_allow=False)

    with pytest.raises(ValueError, match="FLEETGRAPH_ALLOW_AT_IMPORT=false"):
        policy.allowing_once(["files"])
    assert "Only the operator's settings allow this: FLEETGRAPH_EXEC_PLUGINS=aws " in str(refusal(policy))
    assert "--allow" not in str(refusal(policy))


def test_the_ways_out_are_quoted_for_a_shell() -> None:
    permission = to_run("/opt/x;id", "")

    assert permission.option == "--allow 'exec=/opt/x;id'"
    assert permission.setting == "FLEETGRAPH_EXEC_PLUGINS='/opt/x;id'"


@pytest.mark.parametrize("command", ["./aws", "bin/aws", "../aws"])
def test_a_relative_command_belongs_to_the_folder_of_the_kubeconfig(tmp_path: Path, command: str) -> None:
    sample = Sample(user={"exec": {"apiVersion": V1, "command": command}})
    folder = tmp_path / "folder"

    refused = sample.refusal(folder=folder)
    assert isinstance(refused, PermissionNeeded)
    [permission] = refused.permissions
    allowed = sample.read(KubeconfigPolicy().allowing_once([permission.word]), folder=folder)

    absolute = {"./aws": folder / "aws", "bin/aws": folder / "bin/aws", "../aws": tmp_path / "aws"}[command]
    assert permission.word == f"exec={absolute}"
    assert isinstance(allowed.credential, ExecPlugin)
    assert allowed.credential.command == str(absolute)


@pytest.mark.parametrize("command", ["a b", "$(id)", "a;b", "-x", "/opt/my plugin"])
def test_an_option_is_quoted_for_a_shell(command: str) -> None:
    refused = Sample(user={"exec": {"apiVersion": V1, "command": command}}).refusal()

    assert isinstance(refused, PermissionNeeded)
    quoted = f"'exec={command}'" if command != "-x" else "exec=-x"
    assert refused.permissions[0].option == f"--allow {quoted}"


@pytest.mark.parametrize("command", ["a\x1bb", "a\nb", "x" * 1025])
def test_a_command_that_no_message_can_show_is_refused(command: str) -> None:
    refused = Sample(user={"exec": {"apiVersion": V1, "command": command}}).refusal()

    assert not isinstance(refused, PermissionNeeded)
    assert command not in str(refused)

"""Credentials from other sources, and their replacement, with real API servers."""

import json
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.k8s.kubeconfig_samples import encoded
from tests.k8s.plugins import V1, exec_credential, runs, write_plugin
from tests.server import kubeconfigs
from tests.server.commandline import Cli

pytestmark = pytest.mark.controlplane


def _with_authority(file: Path, alpha: Cluster) -> str:
    """Adds the authority of alpha to a kubeconfig."""
    content = file.read_text().replace(kubeconfigs.NOWHERE, alpha.server)
    entry = f'"server": "{alpha.server}"'
    file.write_text(content.replace(entry, f'{entry}, "certificate-authority-data": "{encoded(alpha.ca_pem)}"'))
    return str(file)


def test_a_token_of_an_exec_plugin_reaches_a_real_cluster(
    cli: Cli, alpha: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = write_plugin(tmp_path / "plugin", prints=exec_credential(alpha.token("viewer")))
    file = kubeconfigs.write(tmp_path / "config", "managed", exec={"apiVersion": V1, "command": str(plugin)})
    monkeypatch.setenv("FLEETGRAPH_EXEC_PLUGINS", str(plugin))

    imported = cli("clusters", "import", "--kubeconfig", _with_authority(file, alpha), "--all", "--json")
    checked = cli("clusters", "check", "--json")
    monkeypatch.delenv("FLEETGRAPH_EXEC_PLUGINS")
    unlisted = cli("clusters", "check", "--json")

    assert (imported.exit_code, imported.json[0]["user"]) == (0, "viewer")
    assert (checked.exit_code, checked.json[0]["user"]) == (0, "viewer")
    assert checked.json[0]["credential"] == {"kind": "EXEC_PLUGIN", "expiresAt": None, "isExpiring": False}
    assert checked.json[0]["certificateExpiresAt"] is not None
    assert "FLEETGRAPH_EXEC_PLUGINS" in unlisted.json[0]["error"]["message"]
    assert runs(plugin) == 2  # one for each command, however many requests it makes


def test_a_program_that_was_allowed_at_its_import_reaches_a_real_cluster_without_settings(
    cli: Cli, alpha: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(tmp_path / "plugin", prints=exec_credential(alpha.token("viewer")))
    program = {"apiVersion": V1, "command": "./plugin", "env": [{"name": "AWS_PROFILE", "value": "prod"}]}
    file = kubeconfigs.write(tmp_path / "config", "managed", exec=program)

    refused = cli("clusters", "import", "--kubeconfig", _with_authority(file, alpha), "--all", "--json")
    words = [word for text in refused.json[0]["error"]["allow"] for word in ("--allow", text)]
    imported = cli("clusters", "import", "--kubeconfig", str(file), "--all", "--json", *words)
    asked = cli("query", "{ namespaces { totalCount clusters { status } } }")
    monkeypatch.setenv("FLEETGRAPH_ALLOW_AT_IMPORT", "false")
    forbidden = cli("clusters", "check", "--json")

    assert words == ["--allow", f"exec={tmp_path}/plugin", "--allow", "env=AWS_PROFILE"]
    assert (imported.exit_code, imported.json[0]["user"]) == (0, "viewer")
    assert asked.json["data"]["namespaces"]["clusters"] == [{"status": "OK"}]
    assert "FLEETGRAPH_EXEC_PLUGINS" in forbidden.json[0]["error"]["message"]


def test_files_beside_merged_kubeconfigs_reach_a_real_cluster_on_the_second_try(
    cli: Cli, alpha: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts, entries = tmp_path / "contexts" / "config", tmp_path / "entries" / "config"
    for file in (contexts, entries):
        file.parent.mkdir()
    (entries.parent / "ca.crt").write_bytes(alpha.ca_pem)
    (entries.parent / "token").write_text(alpha.token("viewer"))
    cluster = {"server": alpha.server, "certificate-authority": "ca.crt", "extensions": [{"name": "cluster_info"}]}
    contexts.write_text(json.dumps({"contexts": [{"name": "mk", "context": {"cluster": "mk", "user": "mk"}}]}))
    entries.write_text(
        json.dumps(
            {
                "current-context": "mk",
                "clusters": [{"name": "mk", "cluster": cluster}],
                "users": [{"name": "mk", "user": {"tokenFile": "./token"}}],
            }
        )
    )
    monkeypatch.setenv("KUBECONFIG", f"{contexts}:{entries}")

    refused = cli("clusters", "import")
    imported = cli(*shlex.split(refused.err.splitlines()[-1])[1:])

    assert (refused.exit_code, imported.exit_code) == (1, 0)
    assert imported.out.startswith("added     mk: v")
    assert ", as viewer: " in imported.out


def test_the_pods_own_token_is_read_when_it_is_needed(
    cli: Cli, alpha: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.crt").write_bytes(alpha.ca_pem)
    (tmp_path / "token").write_text(alpha.token("admin"))
    place = urlsplit(alpha.server)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", str(place.hostname))
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(place.port))
    monkeypatch.setenv("FLEETGRAPH_SERVICE_ACCOUNT_FOLDER", str(tmp_path))

    imported = cli("clusters", "import", "--in-cluster", "--json")
    (tmp_path / "token").write_text(alpha.token("viewer"))
    checked = cli("clusters", "check", "--json")

    assert (imported.json[0]["result"], imported.json[0]["user"]) == ("added", "admin")
    assert checked.json[0]["user"] == "viewer"
    assert checked.json[0]["credential"]["kind"] == "POD_SERVICE_ACCOUNT"


def test_kc_12_a_new_credential_that_the_cluster_refuses_leaves_the_old_one(
    cli: Cli, alpha: Cluster, tmp_path: Path
) -> None:
    good = write_kubeconfig(tmp_path / "good", [alpha])
    cli("clusters", "import", "--kubeconfig", str(good), "--all")
    before = cli("clusters", "show", "alpha", "--json").json
    bad = kubeconfigs.write(tmp_path / "bad", "alpha")

    refused = cli("clusters", "import", "--kubeconfig", _with_authority(bad, alpha), "--all")

    assert refused.exit_code == 1
    assert refused.out.startswith("failed    alpha: it does not accept the credential")
    assert cli("clusters", "show", "alpha", "--json").json == before
    assert cli("clusters", "check", "alpha").exit_code == 0

"""Masked values in a whole fleetgraph, with its settings: from a registered cluster to the answer of a command."""

from pathlib import Path
from typing import Any

import pytest

from tests.server import dumps
from tests.server.commandline import Cli

CONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"namespace": "shop", "name": "settings"},
    "data": {"password": dumps.CANARY, "port": "80"},
}
RELEASE = CONFIG | {"metadata": {"namespace": "shop", "name": "v1", "labels": {"owner": "helm"}}}


@pytest.fixture
def night(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Returns a registry with a cluster that has a Secret and two ConfigMaps, of which one is a release of Helm."""
    dump = dumps.write(tmp_path / "dump.json", dumps.secret("db"), CONFIG, RELEASE)
    cli("clusters", "import", "--snapshot", str(dump), "--name", "night")
    monkeypatch.setenv("FLEETGRAPH_MASKED_PATHS", "configmaps:data.password")
    return cli


def test_masked_values_are_null(night: Cli) -> None:
    ran = night("query", "{ secrets { nodes { data metadata { annotations } } } configMaps { nodes { name data } } }")

    data = ran.json["data"]
    copy = "kubectl.kubernetes.io/last-applied-configuration"
    assert data["secrets"]["nodes"] == [{"data": {"password": None}, "metadata": {"annotations": {copy: None}}}]
    assert data["configMaps"]["nodes"] == [
        {"name": "settings", "data": {"password": None, "port": "80"}},
        {"name": "v1", "data": {"password": None, "port": None}},
    ]
    assert dumps.CANARY not in ran.out + ran.err


def test_types_of_secrets_in_a_snapshot_are_listed(night: Cli) -> None:
    ran = night("query", "{ secrets { nodes { name type } } }")

    assert ran.json["data"]["secrets"]["nodes"] == [{"name": "db", "type": "Opaque"}]


def test_the_setting_applies_to_paths_too(night: Cli) -> None:
    query = '{ configMaps(where: {path: "data.password", op: EXISTS}) { totalCount } }'

    ran = night("query", query)

    assert "configMaps" in ran.json["data"]
    assert ran.json["errors"][0]["message"] == (
        "path: data.password: data.password is masked; it can be selected, but not compared, ordered or grouped by."
    )


def test_reveal_follows_the_setting(night: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    query = '{ secrets { nodes { reveal(keys: ["password"]) { value } } } }'

    allowed = night("query", query)
    monkeypatch.setenv("FLEETGRAPH_REVEAL", "nobody")
    refused = night("query", query)

    assert allowed.json["data"]["secrets"]["nodes"] == [{"reveal": [{"value": dumps.CANARY}]}]
    assert refused.json["data"]["secrets"]["nodes"] == [{"reveal": None}]
    assert refused.json["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    events = night("query", "{ auditEvents(action: SECRET_REVEAL) { nodes { name outcome namespace } } }")
    assert events.json["data"]["auditEvents"]["nodes"] == [
        {"name": "db[password]", "outcome": "SUCCEEDED", "namespace": "shop"}
    ]


def test_a_masked_path_that_masks_nothing_stops_every_command(night: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_MASKED_PATHS", "configmap:data")

    ran = night("query", "{ clusters { name } }")

    assert ran.exit_code == 2
    assert "FLEETGRAPH_MASKED_PATHS: 'configmap' is no kind; did you mean configmaps or ConfigMap?" in ran.err

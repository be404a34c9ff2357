"""Queries for typed custom kinds in this process, where no server has run yet."""

import json
from pathlib import Path

import pytest

from demo.fleet.customkinds.certmanager import CERTIFICATE
from tests.server.commandline import Cli

READY = {"conditions": [{"type": "Ready", "status": "False", "reason": "Expired", "message": "It has expired."}]}
QUERY = "{ certManagerCertificates { nodes { name spec { dnsNames } health { status message } columns { value } } } }"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Returns a dump with a definition and an object of its kind."""
    certificate = {
        "apiVersion": CERTIFICATE.kind.api_version,
        "kind": "Certificate",
        "metadata": {"name": "shop-tls", "namespace": "shop", "uid": "u-1"},
        "spec": {"dnsNames": ["a.example.com", "b.example.com"], "secretName": "shop-tls"},
        "status": READY,
    }
    folder = tmp_path / "dump"
    folder.mkdir()
    items = [CERTIFICATE.definition("u-0", "2026-11-01T12:00:00Z"), certificate]
    (folder / "all.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    return folder


def test_a_typed_kind_is_found_without_a_server(cli: Cli, dump: Path) -> None:
    cli("clusters", "import", "--snapshot", str(dump), "--name", "night")

    asked = cli("query", QUERY, "-o", "table")

    assert (asked.exit_code, asked.err) == (0, "")
    header, row = asked.out.splitlines()
    assert header.split() == ["NAME", "DNS-NAMES", "HEALTH", "STATUS", "HEALTH", "MESSAGE", "COLUMNS", "VALUE"]
    assert "a.example.com,b.example.com" in row
    assert "It has expired." in row
    assert "shop-tls,False,shop-tls" in row
    csv = cli("query", QUERY, "-o", "csv").out.splitlines()
    assert csv[0] == "name,spec.dnsNames,health.status,health.message,columns.value"


def test_the_live_schema_says_which_kinds_are_not_learned_yet(cli: Cli, dump: Path) -> None:
    cli("clusters", "import", "--snapshot", str(dump), "--name", "night")

    before = cli("schema", "--live")
    unknown = cli("query", "{ certificates { totalCount } }", "-o", "table")
    after = cli("schema", "--live")

    assert "custom kinds of night are not learned yet" in before.err
    assert "CertManagerCertificate" not in before.out
    assert unknown.exit_code == 2
    assert "Did you mean 'certManagerCertificates'" in unknown.err
    assert (after.exit_code, after.err) == (0, "")
    assert "type CertManagerCertificate implements KubernetesObject" in after.out

"""`clusters list`, `show`, `label`, `check` and `remove`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.k8s.credentials.test_expiry import jwt
from tests.server import kubeconfigs
from tests.server.commandline import Cli


@pytest.fixture
def registered(cli: Cli, tmp_path: Path) -> Cli:
    """Returns a registry with `one`, labelled env=dev, and `two`; neither answers."""
    file = kubeconfigs.write(tmp_path / "config", "one", "two")
    for name, labels in (("one", ["--label", "env=dev"]), ("two", [])):
        cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--context", name, *labels)
    return cli


def test_an_empty_registry_says_what_to_do(cli: Cli) -> None:
    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.out) == (0, "")
    assert "No clusters are registered; register some with: fleetgraph clusters import\n" in ran.err


def test_the_list_is_a_table_by_name(registered: Cli) -> None:
    header, *rows = registered("clusters", "list").out.splitlines()

    assert header.split() == ["NAME", "SERVER", "LABELS", "UPDATED", "CREDENTIAL"]
    assert [row.split()[0] for row in rows] == ["one", "two"]
    assert rows[0].split()[2] == "env=dev"


def test_one_cluster_with_everything_but_its_secrets(registered: Cli) -> None:
    told = registered("clusters", "show", "one", "--json").json

    assert sorted(told) == sorted(
        (
            "createdAt",
            "credential",
            "description",
            "hasOwnCertificateAuthority",
            "id",
            "identity",
            "labels",
            "name",
            "prometheus",
            "proxyUrl",
            "server",
            "skipsTlsVerification",
            "snapshot",
            "source",
            "tlsServerName",
            "updatedAt",
        )
    )


@pytest.mark.parametrize(
    "command",
    [
        ("show", "nope"),
        ("remove", "nope", "--yes"),
        ("label", "nope", "a=b"),
        ("check", "nope"),
        ("prometheus", "nope"),
        ("prometheus", "nope", "--remove"),
    ],
)
def test_an_unknown_name_is_one_line(registered: Cli, command: tuple[str, ...]) -> None:
    ran = registered("clusters", *command)

    assert (ran.exit_code, ran.out) == (1, "")
    assert ran.err.startswith("error: No cluster is named 'nope'")


def test_labels_are_set_and_removed_as_kubectl_does(registered: Cli) -> None:
    ran = registered("clusters", "label", "one", "env-", "tier=gold", "team.example.org/name=a")

    assert (ran.exit_code, ran.out) == (0, "one: team.example.org/name=a,tier=gold\n")


@pytest.mark.parametrize("changes", [("env",), ("env=a", "env-"), ("-",), ("=x",), ("env=a", "env=b")])
def test_what_is_no_change_of_labels_changes_nothing(registered: Cli, changes: tuple[str, ...]) -> None:
    ran = registered("clusters", "label", "one", "--", *changes)

    assert ran.exit_code == 2
    assert registered("clusters", "show", "one", "--json").json["labels"] == {"env": "dev"}


def test_a_prometheus_is_set_shown_and_removed(registered: Cli) -> None:
    outputs = [
        registered("clusters", "prometheus", "one", *arguments).out
        for arguments in ([], ["HTTPS://Prometheus:443/select/"], [], ["--remove"], [])
    ]

    normal = "one: https://prometheus/select\n"
    assert outputs == ["one: no Prometheus\n", normal, normal, "one: no Prometheus\n", "one: no Prometheus\n"]
    service = 'service:monitoring/prometheus:9090{cluster="a"}'
    assert registered("clusters", "prometheus", "one", service, "--json").json["prometheus"] == service
    assert f"prometheus: {service}\n" in registered("clusters", "show", "one").out
    told = {told["name"]: told["prometheus"] for told in registered("clusters", "list", "--json").json}
    assert told == {"one": service, "two": None}
    events = registered("audit", "list", "--json").json
    assert [event["resource"] for event in events][:3] == ["clusters/prometheus"] * 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["https://user:s3cret@prometheus"], "has a user, a password"),
        (["https://prometheus?token=s3cret"], "a query"),
        (["service:s3cret"], "names no service; write it as service:NAMESPACE/NAME:PORT"),
        (["https://prometheus", "--remove"], "give an ADDRESS or --remove, not both"),
    ],
)
def test_a_prometheus_that_is_refused_changes_nothing(registered: Cli, arguments: list[str], reason: str) -> None:
    ran = registered("clusters", "prometheus", "one", *arguments)

    assert ran.exit_code == 2
    assert reason in ran.err
    assert "s3cret" not in ran.err
    assert registered("clusters", "show", "one", "--json").json["prometheus"] is None


def test_check_tells_of_each_cluster_and_fails_if_one_does_not_answer(registered: Cli) -> None:
    ran = registered("clusters", "check", "--json")

    assert ran.exit_code == 1
    assert [(one["name"], one["reachable"], one["error"]["code"]) for one in ran.json] == [
        ("one", False, "CLUSTER_UNREACHABLE"),
        ("two", False, "CLUSTER_UNREACHABLE"),
    ]


def test_removing_without_a_terminal_has_to_be_confirmed(registered: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = registered("clusters", "remove", "one")

    assert (ran.exit_code, ran.err) == (2, "error: Removing one has to be confirmed; add --yes.\n")
    assert len(registered("clusters", "list", "--json").json) == 2


def test_a_removed_cluster_is_gone(registered: Cli) -> None:
    ran = registered("clusters", "remove", "one", "--yes")

    assert (ran.exit_code, ran.out) == (0, "removed   one\n")
    assert [cluster["name"] for cluster in registered("clusters", "list", "--json").json] == ["two"]


def test_a_lost_key_is_exit_code_3(registered: Cli, tmp_path: Path) -> None:
    (tmp_path / "fleetgraph.key").unlink()

    ran = registered("clusters", "list")

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (3, "", 1)


def test_a_database_that_cannot_be_used_is_exit_code_3(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_DATABASE_URL", "mysql://u:canary@h/db")

    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.err.count("\n")) == (3, 1)
    assert "canary" not in ran.err


def test_when_a_credential_ends_is_shown_and_warned_of(cli: Cli, tmp_path: Path) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9, hours=1)
    token = jwt({"exp": ends.timestamp()})
    file = kubeconfigs.write(tmp_path / "config", "one", token=token)

    imported = cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")
    listed, shown = cli("clusters", "list"), cli("clusters", "show", "one", "--json")
    checked = cli("clusters", "check", "--json")

    words = f"expires on {ends:%Y-%m-%d}, in 9 days"
    assert f"warning: one: its token {words}; import the cluster again with a new one.\n" in imported.err
    assert listed.out.splitlines()[1].endswith(f"token, {words}")
    told = {"kind": "TOKEN", "expiresAt": ends.isoformat(), "isExpiring": True}
    assert (shown.json["credential"], checked.json[0]["credential"]) == (told, told)
    assert checked.json[0]["certificateExpiresAt"] is None
    assert f"one: its token {words}" in checked.err
    assert token not in f"{imported}{listed}{shown}{checked}"

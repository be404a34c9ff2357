"""`fleetgraph grants` and `clusters identity`, without a cluster that answers."""

from pathlib import Path

import pytest

from resolvers.audit.commandline import operator
from tests.server import kubeconfigs
from tests.server.commandline import Cli

ALICE = ("--user", "alice@example.com")
VIEW = ("--cluster-role", "view")


@pytest.fixture
def registered(cli: Cli, tmp_path: Path) -> Cli:
    """Returns a registry with `one`, labelled env=dev, and `two`; neither answers."""
    file = kubeconfigs.write(tmp_path / "config", "one", "two")
    for name, labels in (("one", ["--label", "env=dev"]), ("two", [])):
        cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--context", name, *labels)
    return cli


def test_without_grants_clusters_are_their_administrators_alone(registered: Cli) -> None:
    ran = registered("grants", "list")

    assert (ran.exit_code, ran.out) == (0, "")
    assert "Nothing is granted: clusters exist for administrators only." in ran.err
    assert registered("grants", "check", *ALICE, "--no-ask").err == "No cluster exists for alice@example.com.\n"


def test_a_grant_is_listed_and_shown_for_its_user_alone(registered: Cli) -> None:
    added = registered("grants", "add", *ALICE, "--cluster", "one", *VIEW, "--json").json
    registered("grants", "add", "--group", "sre", "--cluster-labels", "env=dev", "--role", "fix", "--namespace", "shop")

    listed = registered("grants", "list").out

    assert added["subject"] == {"kind": "user", "name": "alice@example.com"}
    assert (added["clusterNames"], added["clusterLabels"], added["createdBy"]) == (["one"], None, operator())
    assert [" ".join(line.split()[1:5]) for line in listed.splitlines()[1:]] == [
        "group:sre env=dev Role fix",
        "user:alice@example.com one ClusterRole view",
    ]
    checked = registered("grants", "check", *ALICE, "--no-ask", "--json").json
    assert [(item["name"], item["roles"]) for item in checked] == [("one", ["view"])]
    assert registered("grants", "check", "--user", "bob", "--no-ask", "--json").json == []
    members = registered("grants", "check", "--user", "bob", "--group", "sre", "--no-ask", "--json").json
    assert [(member["name"], member["roles"]) for member in members] == [("one", ["shop/fix"])]


def test_the_same_grant_twice(registered: Cli) -> None:
    first = registered("grants", "add", *ALICE, "--all-clusters", *VIEW, "--json").json

    ran = registered("grants", "add", *ALICE, "--all-clusters", *VIEW)

    assert ran.exit_code == 1
    assert f"The same grant exists: {first['id']}." in ran.err


def test_a_removed_grant_is_gone_though_its_cluster_does_not_answer(registered: Cli) -> None:
    added = registered("grants", "add", *ALICE, "--cluster", "one", *VIEW, "--json").json

    ran = registered("grants", "remove", added["id"])

    assert ran.exit_code == 1
    assert ran.out == f"removed   {added['id']}: user:alice@example.com was ClusterRole view\n"
    assert "cluster 'one'" in ran.err
    assert registered("grants", "list", "--json").json == []
    assert registered("grants", "remove", added["id"]).exit_code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((*VIEW, "--cluster", "one"), "--user or --group"),
        ((*ALICE, "--group", "sre", *VIEW, "--cluster", "one"), "--user or --group"),
        ((*ALICE, "--cluster", "one"), "--cluster-role, or --role"),
        ((*ALICE, *VIEW, "--role", "fix", "--namespace", "a", "--cluster", "one"), "--cluster-role, or --role"),
        ((*ALICE, *VIEW), "Say which clusters"),
        ((*ALICE, *VIEW, "--cluster", "one", "--all-clusters"), "Say which clusters"),
        ((*ALICE, *VIEW, "--cluster-labels", ""), "--cluster-labels is empty"),
        ((*ALICE, *VIEW, "--cluster-labels", "env in (a)"), "is no label"),
        ((*ALICE, "--role", "fix", "--cluster", "one"), "belongs to a namespace"),
        ((*ALICE, *VIEW, "--namespace", "Shop", "--cluster", "one"), "is not a valid namespace"),
        ((*ALICE, *VIEW, "--cluster", "three"), "No cluster is named 'three'"),
        ((*ALICE, *VIEW, "--cluster", "one", "--cluster", "tow"), "No cluster is named 'tow'; did you mean two?"),
        (("--user", "system:admin", *VIEW, "--cluster", "one"), "is reserved by Kubernetes"),
        (("--group", "system:masters", *VIEW, "--cluster", "one"), "is reserved by Kubernetes"),
        (("--user", "a\nb", *VIEW, "--cluster", "one"), "printable"),
    ],
)
def test_what_cannot_be_granted_is_refused_and_nothing_stored(
    registered: Cli, options: tuple[str, ...], said: str
) -> None:
    ran = registered("grants", "add", *options)

    assert ran.exit_code in {1, 2}
    assert said in ran.err
    assert registered("grants", "list", "--json").json == []


def test_how_a_cluster_tells_callers_apart_is_shown_and_set(registered: Cli) -> None:
    before = registered("clusters", "show", "one", "--json").json["identity"]

    ran = registered("clusters", "identity", "one", "impersonation")

    assert before == "service-account"
    assert ran.out == "one: callers are distinguished by impersonation\n"
    assert registered("clusters", "show", "one", "--json").json["identity"] == "impersonation"
    assert registered("clusters", "show", "two", "--json").json["identity"] == "service-account"
    assert registered("clusters", "identity", "one", "service-account").exit_code == 0


def test_another_way_to_tell_callers_apart(registered: Cli) -> None:
    ran = registered("clusters", "identity", "one", "magic")

    assert ran.exit_code == 2
    assert "write service-account or impersonation" in ran.err


def test_a_user_whose_cluster_does_not_answer(registered: Cli) -> None:
    registered("grants", "add", *ALICE, "--cluster", "one", *VIEW)

    ran = registered("grants", "check", *ALICE)

    assert ran.exit_code == 1
    assert "no connection" in ran.out

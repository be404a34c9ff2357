"""`clusters import --snapshot`, and the output of other commands for snapshots."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.server import dumps, kubeconfigs
from tests.server.commandline import Cli

IMPORT = ("clusters", "import", "--snapshot")
PODS = "{ pods { totalCount nodes { cluster { name } name node { name } } clusters { status observedAt } } }"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return dumps.write(tmp_path / "Night Shift.json", dumps.pod("a"), dumps.pod("b"), dumps.node("n1"))


def test_one_line_says_what_was_imported(cli: Cli, dump: Path) -> None:
    ran = cli(*IMPORT, str(dump))

    assert ran.exit_code == 0
    assert ran.out.startswith("added     night-shift: v1.31.2, taken ")
    assert ran.out.endswith(" UTC, 3 objects of 2 kinds\n")


def test_it_answers_queries_as_a_cluster(cli: Cli, dump: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night")
    dump.unlink()

    answer = cli("query", PODS).json["data"]["pods"]

    (taken_at,) = [cluster["observedAt"] for cluster in answer["clusters"]]
    assert answer["nodes"] == [
        {"cluster": {"name": "night"}, "name": name, "node": {"name": "n1"}} for name in ("a", "b")
    ]
    assert taken_at == cli("clusters", "show", "night", "--json").json["snapshot"]["takenAt"]


def test_a_query_says_that_it_is_a_snapshot(cli: Cli, dump: Path, tmp_path: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night")
    kubeconfig = kubeconfigs.write(tmp_path / "config", "live")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(kubeconfig), "--context", "live")

    (live, night) = cli("query", "{ clusters { name source takenAt version } }").json["data"]["clusters"]

    assert live == {"name": "live", "source": "LIVE", "takenAt": None, "version": None}
    assert (night["name"], night["source"], night["version"]) == ("night", "SNAPSHOT", "v1.31.2")
    assert night["takenAt"].startswith("20")


def test_what_the_dump_has_no_list_of_is_not_served(cli: Cli, dump: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night")

    (error,) = cli("query", "{ jobs { totalCount } }").json["errors"]

    assert error["message"].startswith("cluster 'night': it does not serve jobs.batch;")
    assert error["extensions"]["code"] == "KIND_UNAVAILABLE"


def test_broken_places_are_named_and_counted(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    dumps.write(tmp_path / "dump" / "good.json", dumps.pod("a"), {"kind": "Pod"}, dumps.pod("a"))
    (tmp_path / "dump" / "bad.yaml").write_text("a: 1\nb: [\n")
    (tmp_path / "dump" / "web.log").write_text("log")
    (tmp_path / "dump" / "policy.yaml").write_text("apiVersion: acme.io/v1\nkind: Policy\nmetadata: {name: p}\n")

    ran = cli(*IMPORT, str(tmp_path / "dump"))

    assert ran.exit_code == 0
    assert ran.out.endswith("2 objects of 2 kinds, 2 skipped\n")
    assert ran.err.splitlines()[1:] == [
        "skipped: bad.yaml:3: it is not YAML.",
        "skipped: good.json:1: items[1]: it has no apiVersion and no metadata.name.",
        "1 object occurred more than once; the newest of each is used.",
        "1 file without objects, such as logs, left out.",
        "guessed: acme.io/v1 Policy is treated as policies, without namespaces; "
        "the dump has no CustomResourceDefinition for it.",
        "2 objects of 3 read; left out: 1 object, 1 unreadable document.",
    ]


def test_programs_are_told_the_same(cli: Cli, tmp_path: Path) -> None:
    dump = dumps.write(tmp_path / "dump.json", dumps.pod("a"), {"kind": "Pod"})

    (told,) = cli(*IMPORT, str(dump), "--json").json

    kinds = told.pop("kinds")
    assert told.pop("takenAt").startswith("20")
    assert told == {
        "name": "dump",
        "context": None,
        "result": "added",
        "version": "unknown",
        "objects": 1,
        "skipped": 1,
        "skippedPlaces": [
            {"path": "dump.json", "line": 1, "cause": "items[1]: it has no apiVersion and no metadata.name"}
        ],
        "leftOut": {"objects": 1, "documents": 0, "texts": 0},
        "duplicates": 0,
        "ignoredFiles": 0,
        "error": None,
    }
    assert kinds == [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "plural": "pods",
            "namespaced": True,
            "objects": 1,
            "isGuessed": False,
            "canBeQueried": True,
        }
    ]


def test_importing_again_replaces_the_content_and_keeps_id_and_labels(cli: Cli, dump: Path, tmp_path: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night", "--label", "env=dump")
    before = cli("clusters", "show", "night", "--json").json

    ran = cli(*IMPORT, str(dumps.write(tmp_path / "new.json", dumps.pod("c"))), "--name", "night")

    after = cli("clusters", "show", "night", "--json").json
    assert ran.out.startswith("replaced  night: ")
    assert (after["id"], after["labels"], after["snapshot"]["file"]) == (before["id"], {"env": "dump"}, "new.json")
    assert [node["name"] for node in cli("query", "{ pods { nodes { name } } }").json["data"]["pods"]["nodes"]] == ["c"]


def test_a_dump_that_is_refused_leaves_what_was_there(cli: Cli, dump: Path, tmp_path: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night")

    ran = cli(*IMPORT, str(dumps.write(tmp_path / "empty.json")), "--name", "night")

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == f"error: {tmp_path}/empty.json holds no Kubernetes objects.\n"
    assert cli("query", "{ pods { totalCount } }").json["data"]["pods"]["totalCount"] == 2


def test_a_snapshot_never_takes_the_place_of_a_connection_nor_the_other_way(
    cli: Cli, dump: Path, tmp_path: Path
) -> None:
    kubeconfig = kubeconfigs.write(tmp_path / "config", "prod", "night")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(kubeconfig), "--context", "prod")
    cli(*IMPORT, str(dump), "--name", "night")
    before = cli("clusters", "list", "--json").json

    taken = cli(*IMPORT, str(dump), "--name", "prod")
    other = cli("clusters", "import", "--no-check", "--kubeconfig", str(kubeconfig), "--context", "night")

    assert (taken.exit_code, taken.out) == (1, "")
    assert taken.err == "error: prod is a cluster with a connection. Choose another name with --name.\n"
    assert (other.exit_code, other.out) == (
        1,
        "failed    night: night is a snapshot. Remove it, or choose another name.\n",
    )
    assert cli("clusters", "list", "--json").json == before


@pytest.mark.parametrize("options", [("--all",), ("--context", "a"), ("--kubeconfig", "x"), ("--no-check",)])
def test_options_for_kubeconfigs_are_refused(cli: Cli, dump: Path, options: tuple[str, ...]) -> None:
    ran = cli(*IMPORT, str(dump), *options)

    assert ran.exit_code == 2
    assert cli("clusters", "list", "--json").json == []


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (
            "BYTES",
            "1024",
            "It has more than 1024 bytes, unpacked. The limit is the setting FLEETGRAPH_MAX_SNAPSHOT_BYTES.",
        ),
        ("FILES", "1", "It has more than 1 files. The limit is the setting FLEETGRAPH_MAX_SNAPSHOT_FILES."),
    ],
)
def test_a_limit_is_named_with_its_setting(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"FLEETGRAPH_MAX_SNAPSHOT_{setting}", value)
    (tmp_path / "dump").mkdir()
    for name in "ab":
        dumps.write(tmp_path / "dump" / f"{name}.json", *[dumps.pod(f"{name}-{number}") for number in range(9)])

    ran = cli(*IMPORT, str(tmp_path / "dump"))

    assert (ran.exit_code, ran.out, ran.err.splitlines()[-1]) == (2, "", f"error: {message}")
    assert cli("clusters", "list", "--json").json == []


def test_a_name_that_is_none_is_refused_before_anything_is_read(cli: Cli, tmp_path: Path) -> None:
    ran = cli(*IMPORT, str(tmp_path / "nowhere"), "--name", "Not_A_Name")

    assert ran.exit_code == 2
    assert "is not a cluster name" in ran.err


def test_list_show_check_label_and_remove(cli: Cli, dump: Path) -> None:
    cli(*IMPORT, str(dump), "--name", "night")

    listed, shown, checked = cli("clusters", "list"), cli("clusters", "show", "night"), cli("clusters", "check")

    assert "snapshot Night Shift.json of 20" in listed.out
    assert "Night Shift.json" in shown.out
    assert (checked.exit_code, checked.out.splitlines()[1].split()[:3]) == (0, ["night", "ok", "v1.31.2"])
    assert cli("clusters", "label", "night", "a=b").out == "night: a=b\n"
    assert cli("clusters", "remove", "night", "--yes").out == "removed   night\n"
    assert cli("clusters", "list", "--json").json == []


def test_the_database_holds_nothing_in_the_clear(cli: Cli, tmp_path: Path) -> None:
    cli(*IMPORT, str(dumps.write(tmp_path / "dump.json", dumps.secret("s"))))
    database = tmp_path / "fleetgraph.db"
    with sqlite3.connect(database) as connection:
        parts = connection.execute("SELECT content FROM snapshot_part").fetchall()

    assert len(parts) == 2
    assert dumps.CANARY.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("fleetgraph.db*"))
    revealed = cli("query", '{ secrets { nodes { reveal(keys: ["password"]) { value } } } }')
    assert dumps.CANARY in json.dumps(revealed.json)


def test_names_from_a_dump_cannot_steer_the_terminal(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    dumps.write(tmp_path / "dump" / "good.json", dumps.pod("a"))
    (tmp_path / "dump" / "\x1b[2Jx.json").write_text("{")

    ran = cli(*IMPORT, str(tmp_path / "dump"))

    assert "\x1b" not in ran.err
    assert "skipped: \\x1b[2Jx.json:1: " in ran.err


def test_text_around_objects_is_named_with_its_control_characters_spelt_out(cli: Cli, tmp_path: Path) -> None:
    dump = dumps.write(tmp_path / "dump.json", dumps.pod("a"))
    dump.write_text(f"Warning: \x1b[2J\n{dump.read_text()}")

    ran = cli(*IMPORT, str(dump))

    assert ran.err.splitlines()[-2:] == [
        "skipped: dump.json:1: text around the objects: Warning: \\x1b[2J.",
        "1 object of 1 read; left out: 1 text around the objects.",
    ]


def test_an_older_version_is_asked_like_the_current_one(cli: Cli, tmp_path: Path) -> None:
    job = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "nightly", "namespace": "shop"}}
    autoscaler = {**job, "apiVersion": "autoscaling/v2beta1", "kind": "HorizontalPodAutoscaler"}

    ran = cli(*IMPORT, str(dumps.write(tmp_path / "dump.json", job, autoscaler)))

    (found,) = cli("query", "{ cronJobs { nodes { name apiVersion } } }").json["data"]["cronJobs"]["nodes"]
    assert found == {"name": "nightly", "apiVersion": "batch/v1"}
    assert "cannot be queried" not in ran.err


def test_a_version_that_is_not_converted_is_asked_as_it_is(cli: Cli, tmp_path: Path) -> None:
    metadata = {"name": "web", "namespace": "shop"}
    autoscaler = {"apiVersion": "autoscaling/v2beta1", "kind": "HorizontalPodAutoscaler", "metadata": metadata}
    cli(*IMPORT, str(dumps.write(tmp_path / "dump.json", autoscaler)))

    query = (
        '{ objects(apiVersion: "autoscaling/v2beta1", kind: "HorizontalPodAutoscaler") { nodes { name apiVersion } } }'
    )
    found = cli("query", query).json["data"]["objects"]["nodes"]

    assert found == [{"name": "web", "apiVersion": "autoscaling/v2beta1"}]

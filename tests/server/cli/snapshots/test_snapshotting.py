"""`clusters snapshot`: archives of clusters, and skipped kinds."""

import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from k8s import errors
from k8s.transport.call import JSON, Call
from server.cli.snapshots import writing as snapshotting
from server.composition import clients as clusterclients
from snapshots.dumps.manifest import MANIFEST_NAME
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server import dumps
from tests.server.commandline import Cli


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder that keeps the home of the first test after its import, for those after it."""
    return tmp_path_factory.mktemp("imported") / "home"


@pytest.fixture
def registered(cli: Cli, tmp_path: Path, imported: Path) -> Cli:
    """Returns a registry with the snapshot cluster `night`: 1,100 pods, a node, a secret."""
    if imported.exists():
        shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
        return cli
    pods = [dumps.pod(f"p-{number:04}") for number in range(1100)]
    dump = dumps.write(tmp_path / "dump.json", *pods, dumps.node("n1"), dumps.secret("s"))
    cli("clusters", "import", "--snapshot", str(dump), "--name", "night")
    shutil.copytree(tmp_path, imported)
    return cli


@pytest.mark.parametrize("suffix", [".zip", ".TGZ"])
def test_a_snapshot_of_a_snapshot_answers_the_same(registered: Cli, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    query = (
        "query ($name: String!) { pods(clusters: {names: [$name]}) { totalCount nodes { name spec { nodeName } } } }"
    )

    ran = registered("clusters", "snapshot", "night", "-o", str(file))
    registered("clusters", "import", "--snapshot", str(file), "--name", "again")

    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote     {file}: v1.31.2, 1102 objects of 3 kinds, ")
    before, after = (
        registered("query", query, "--variables", json.dumps({"name": name})).json["data"]
        for name in ("night", "again")
    )
    assert (after, after["pods"]["totalCount"]) == (before, 1100)
    shown = [registered("clusters", "show", name, "--json").json["snapshot"] for name in ("night", "again")]
    assert shown[0]["takenAt"] == shown[1]["takenAt"]


@pytest.mark.parametrize("suffix", [".tar.gz", ".tgz"])
def test_pages_and_manifest_stand_in_the_archive(registered: Cli, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"

    registered("clusters", "snapshot", "night", "-o", str(file))

    with tarfile.open(file) as archive:
        names = archive.getnames()
        manifest = json.loads(_content(archive, MANIFEST_NAME))
    assert sorted(names) == [
        MANIFEST_NAME,
        "objects/core/nodes/00001.json",
        "objects/core/pods/00001.json",
        "objects/core/pods/00002.json",
        "objects/core/pods/00003.json",
        "objects/core/secrets/00001.json",
    ]
    assert {kind["plural"]: kind["objects"] for kind in manifest["kinds"]} == {"nodes": 1, "pods": 1100, "secrets": 1}
    assert (manifest["cluster"], manifest["version"], manifest["hasSecretData"]) == ("night", "v1.31.2", False)


def test_values_of_secrets_are_left_out_unless_asked_for(registered: Cli, tmp_path: Path) -> None:
    registered("clusters", "snapshot", "night", "-o", str(tmp_path / "without.zip"))
    with_data = registered("clusters", "snapshot", "night", "-o", str(tmp_path / "with.zip"), "--with-secret-data")

    without, whole = (_secrets(tmp_path / name) for name in ("without.zip", "with.zip"))
    copy = "kubectl.kubernetes.io/last-applied-configuration"
    assert without == [
        dumps.secret("s")
        | {
            "metadata": {"name": "s", "namespace": "shop", "annotations": {copy: None}},
            "data": {"password": None},
        }
    ]
    assert whole == [dumps.secret("s")]
    assert "secrets with their data" in with_data.out


def test_values_of_other_kinds_are_left_out_where_they_are_masked(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = {"namespace": "shop", "labels": {"owner": "helm"}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"release": dumps.CANARY, "port": "80"}}
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "spec": {"tokens": [{"value": dumps.CANARY, "size": 1}]},
    }
    dump = dumps.write(
        tmp_path / "dump.json",
        config | {"metadata": metadata | {"name": "release"}},
        widget | {"metadata": {"namespace": "shop", "name": "w"}},
    )
    cli("clusters", "import", "--snapshot", str(dump), "--name", "night")
    monkeypatch.setenv("FLEETGRAPH_MASKED_PATHS", "example.com/Widget:spec.tokens.value")
    for name, options in (("without.zip", ()), ("with.zip", ("--with-secret-data",))):
        cli("clusters", "snapshot", "night", "-o", str(tmp_path / name), *options)

    whole, without = (_entries(tmp_path / name) for name in ("with.zip", "without.zip"))

    assert dumps.CANARY in whole["objects/core/configmaps/00001.json"]
    assert dumps.CANARY in whole["objects/example.com/widgets/00001.json"]
    assert '"data":{"release":null,"port":null}' in without["objects/core/configmaps/00001.json"].replace(" ", "")
    assert '"tokens":[{"value":null,"size":1}]' in without["objects/example.com/widgets/00001.json"].replace(" ", "")
    assert dumps.CANARY not in "".join(without.values())


def _entries(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _secrets(path: Path) -> list[dict[str, object]]:
    with zipfile.ZipFile(path) as archive:
        items: list[dict[str, object]] = json.loads(archive.read("objects/core/secrets/00001.json"))["items"]
    return items


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    opened = archive.extractfile(name)
    assert opened is not None
    return opened.read()


def test_the_file_is_its_owners_alone(registered: Cli, tmp_path: Path) -> None:
    registered("clusters", "snapshot", "night", "-o", str(tmp_path / "out.zip"))

    assert (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600


def test_a_file_that_exists_is_replaced_only_with_force(registered: Cli, tmp_path: Path) -> None:
    file = tmp_path / "out.zip"
    file.write_text("mine")

    refused = registered("clusters", "snapshot", "night", "-o", str(file))
    kept = file.read_text()
    forced = registered("clusters", "snapshot", "night", "-o", str(file), "--force")

    assert (refused.exit_code, kept) == (2, "mine")
    assert refused.err == f"error: {file} exists; choose another file, or replace it with --force.\n"
    assert (forced.exit_code, zipfile.is_zipfile(file)) == (0, True)


@pytest.mark.parametrize("name", ["out", "out.tar", "out.gz", "out.json", "-"])
def test_another_form_is_refused_with_the_way_out(registered: Cli, tmp_path: Path, name: str) -> None:
    ran = registered("clusters", "snapshot", "night", "-o", str(tmp_path / name))

    assert ran.exit_code == 2
    assert ran.err.endswith("a snapshot is written as .tar.gz, .tgz or .zip.\n")
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_not_there(registered: Cli, tmp_path: Path) -> None:
    ran = registered("clusters", "snapshot", "night", "-o", str(tmp_path / "no" / "out.zip"))

    assert (ran.exit_code, ran.err) == (
        2,
        f"error: {tmp_path}/no/out.zip cannot be written: No such file or directory.\n",
    )


def test_an_unknown_cluster(registered: Cli, tmp_path: Path) -> None:
    ran = registered("clusters", "snapshot", "nope", "-o", str(tmp_path / "out.zip"))

    assert (ran.exit_code, ran.err) == (1, "error: No cluster is named 'nope'.\n")


def test_programs_are_told_the_same(registered: Cli, tmp_path: Path) -> None:
    file = tmp_path / "out.zip"

    told = registered("clusters", "snapshot", "night", "-o", str(file), "--json").json

    assert told.pop("takenAt").startswith("20")
    assert told == {
        "cluster": "night",
        "file": str(file),
        "bytes": file.stat().st_size,
        "version": "v1.31.2",
        "objects": 1102,
        "kinds": 3,
        "hasSecretData": False,
        "skipped": [],
    }


def _failing(monkeypatch: pytest.MonkeyPatch, error: errors.ClusterError, *, page: int, times: int = 1) -> list[Call]:
    """Makes the cluster answer some lists of pods with an error; returns the calls."""
    calls: list[Call] = []
    opened = clusterclients.cluster_clients

    def failing(*arguments: object) -> object:
        clients = opened(*arguments)  # type: ignore[arg-type]  # those that the command gives
        connect = clients.connect

        def connected(cluster: object, identity: object) -> object:
            sender = connect(cluster, identity)  # type: ignore[arg-type]  # likewise
            send = sender.send

            async def sent(call: Call, *more: object, **named: object) -> bytes:
                calls.append(call)
                asked = [item for item in calls if item.path.endswith("/pods")]
                if call.path.endswith("/pods") and page <= len(asked) < page + times:
                    raise error
                return await send(call, *more, **named)  # type: ignore[arg-type]  # likewise

            sender.send = sent  # type: ignore[method-assign]  # stands for a cluster that fails
            return sender

        clients.connect = connected  # type: ignore[method-assign, assignment]  # likewise
        return clients

    monkeypatch.setattr(snapshotting, "cluster_clients", failing)
    return calls


def test_a_list_that_expires_is_begun_again(registered: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _failing(monkeypatch, errors.Gone("night", "too slow.", status=410), page=3)

    ran = registered("clusters", "snapshot", "night", "-o", str(tmp_path / "out.zip"))

    assert (ran.exit_code, ran.err) == (0, "")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = [name for name in archive.namelist() if "/pods/" in name]
        items = [item for name in names for item in json.loads(archive.read(name))["items"]]
    assert [item["metadata"]["name"] for item in items] == [f"p-{number:04}" for number in range(1100)]


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.Forbidden("night", "its RBAC does not allow it.", status=403), 0),
        (errors.ServerFailed("night", "it answered HTTP 503.", status=503), 1),
        (errors.ProtocolBroken("night", "its answer is no list."), 1),
        (errors.Gone("night", "too slow.", status=410), 1),
    ],
)
def test_a_kind_that_cannot_be_listed_is_named_and_skipped(
    registered: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: errors.ClusterError, exit_code: int
) -> None:
    _failing(monkeypatch, error, page=2, times=100)
    file = tmp_path / "out.zip"

    ran = registered("clusters", "snapshot", "night", "-o", str(file))
    imported = registered("clusters", "import", "--snapshot", str(file), "--name", "again")

    assert ran.exit_code == exit_code
    assert ran.out.endswith("2 objects of 2 kinds, 0.0 MiB, secrets without their data, 1 skipped\n")
    assert ran.err == f"skipped: pods: {error.cause}\n"
    assert f"not in the snapshot: pods: {error.cause}\n" in imported.err


@pytest.mark.parametrize(
    "error",
    [
        errors.Unreachable("night", "no connection."),
        errors.TimedOut("night", "no answer."),
        errors.Unauthenticated("night", "it does not accept the credential.", status=401),
    ],
)
def test_a_cluster_that_goes_away_leaves_no_file(
    registered: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: errors.ClusterError
) -> None:
    calls = _failing(monkeypatch, error, page=2, times=100)
    before = sorted(tmp_path.iterdir())

    ran = registered("clusters", "snapshot", "night", "-o", str(tmp_path / "out.zip"))

    assert (ran.exit_code, ran.out, ran.err) == (1, "", f"error: {error}\n")
    assert sorted(tmp_path.iterdir()) == before
    assert calls[-1].path.endswith("/pods")


def _older(monkeypatch: pytest.MonkeyPatch, failures: Mapping[str, errors.ClusterError | bytes]) -> list[str]:
    """Makes the cluster list its kinds as before Kubernetes 1.27, and fail below some paths; returns the paths."""
    paths: list[str] = []
    opened = clusterclients.cluster_clients

    def older(*arguments: object) -> object:
        clients = opened(*arguments)  # type: ignore[arg-type]  # those that the command gives
        connect = clients.connect

        def connected(cluster: object, identity: object) -> object:
            sender = connect(cluster, identity)  # type: ignore[arg-type]  # likewise
            send = sender.send

            async def sent(call: Call, *more: object, **named: object) -> bytes:
                paths.append(call.path)
                for path, failure in failures.items():
                    if call.path.startswith(path) and isinstance(failure, errors.ClusterError):
                        raise failure
                    if call.path.startswith(path) and isinstance(failure, bytes):
                        return failure
                return await send(replace(call, accept=JSON), *more, **named)  # type: ignore[arg-type]  # likewise

            sender.send = sent  # type: ignore[method-assign]  # stands for an older cluster
            return sender

        clients.connect = connected  # type: ignore[method-assign, assignment]  # likewise
        return clients

    monkeypatch.setattr(snapshotting, "cluster_clients", older)
    return paths


@pytest.fixture
def flock(cli: Cli, tmp_path: Path) -> Cli:
    """Returns a registry with the snapshot cluster `flock`: a pod and a deployment, and two kinds of another group."""
    geese = [
        {"apiVersion": "acme.io/v1", "kind": kind, "metadata": {"name": "a", "namespace": "shop"}}
        for kind in ("Goose", "Hen")
    ]
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    dump = dumps.write(tmp_path / "dump.json", dumps.pod("p"), web, *geese)
    assert cli("clusters", "import", "--snapshot", str(dump), "--name", "flock").exit_code == 0
    return cli


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (errors.TimedOut("flock", "no complete answer."), "its server does not answer"),
        (errors.ServerFailed("flock", "HTTP 503.", status=503), "its server does not answer"),
        (errors.ProtocolBroken("flock", "its answer is not JSON."), "its server sends no list of kinds"),
        (b"<html>", "its server sends no list of kinds"),
        (b'{"resources": [{"name": 1}]}', "its server sends no list of kinds"),
    ],
)
def test_a_group_of_an_older_server_that_fails_is_named_and_left_out(
    flock: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: errors.ClusterError | bytes, cause: str
) -> None:
    _older(monkeypatch, {"/apis/acme.io/v1": failure})

    ran = flock("clusters", "snapshot", "flock", "-o", str(tmp_path / "out.zip"))

    assert (ran.exit_code, ran.err) == (0, f"skipped: acme.io/v1: {cause}.\n")
    assert "2 objects of 2 kinds, " in ran.out


def test_a_group_that_lists_its_kinds_and_then_hangs_is_asked_for_one(
    flock: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = errors.TimedOut("flock", "no complete answer.")
    paths = _older(monkeypatch, {"/apis/acme.io/v1/": hanging})

    ran = flock("clusters", "snapshot", "flock", "-o", str(tmp_path / "out.zip"))

    assert ran.exit_code == 0
    assert ran.err == (
        "skipped: gooses.acme.io: no complete answer.\nskipped: hens.acme.io: its server does not answer.\n"
    )
    assert "2 objects of 2 kinds, " in ran.out
    assert len([path for path in paths if path.startswith("/apis/acme.io/v1/")]) == 1


@pytest.mark.parametrize(
    ("path", "exit_code", "err"),
    [
        ("/apis/apps/v1", 1, "skipped: apps/v1: its server does not answer.\n"),
        ("/api/v1", 1, "error: cluster 'flock': no complete answer.\n"),
    ],
)
def test_a_built_in_group_that_fails_is_a_failure(
    flock: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, exit_code: int, err: str
) -> None:
    _older(monkeypatch, {path: errors.TimedOut("flock", "no complete answer.")})

    ran = flock("clusters", "snapshot", "flock", "-o", str(tmp_path / "out.zip"))

    assert (ran.exit_code, ran.err) == (exit_code, err)


def test_a_version_that_is_refused_is_unknown(flock: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _older(monkeypatch, {"/version": errors.Forbidden("flock", "its RBAC does not allow it.", status=403)})
    file = tmp_path / "out.zip"

    ran = flock("clusters", "snapshot", "flock", "-o", str(file))
    imported = flock("clusters", "import", "--snapshot", str(file), "--name", "again")

    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote     {file}: unknown, 4 objects of 4 kinds, ")
    assert imported.exit_code == 0


@pytest.mark.controlplane
def test_what_an_identity_may_not_list_is_named(cli: Cli, alpha: Cluster, tmp_path: Path) -> None:
    ask(alpha, "POST", "/api/v1/namespaces", {"metadata": {"name": "snapshotting"}})
    kubeconfig = write_kubeconfig(tmp_path / "config", [alpha], user="viewer")
    cli("clusters", "import", "--kubeconfig", str(kubeconfig), "--name", "viewed")

    ran = cli("clusters", "snapshot", "viewed", "-o", str(tmp_path / "out.tgz"), "--json")
    imported = cli("clusters", "import", "--snapshot", str(tmp_path / "out.tgz"), "--json")

    assert ran.exit_code == 0
    skipped = {item["resource"]: item["cause"] for item in ran.json["skipped"]}
    assert skipped["secrets"] == "its RBAC does not allow to list secrets."
    assert "namespaces" not in skipped
    kinds = {kind["plural"]: kind["objects"] for kind in imported.json[0]["kinds"]}
    assert kinds["namespaces"] >= 1
    assert "secrets" not in kinds
    assert imported.json[0]["objects"] == ran.json["objects"]

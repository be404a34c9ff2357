"""Several files, merged as kubectl 1.32 merges them; the expected values are those of `kubectl config view --raw`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from k8s.credentials.credential import BearerToken, Secret
from k8s.kubeconfig.errors import ContextNotFound, KubeconfigInvalid
from k8s.kubeconfig.file import parse_file
from k8s.kubeconfig.kubeconfig import Kubeconfig
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.kubeconfig_samples import authority

FILES = KubeconfigPolicy(files=True)
FIRST: dict[str, object] = {
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": "u"}}],
    "clusters": [{"name": "a", "cluster": {"server": "https://first.example"}}],
}
SECOND: dict[str, object] = {
    "current-context": "b",
    "contexts": [
        {"name": "a", "context": {"cluster": "b", "user": "u", "namespace": "second"}},
        {"name": "b", "context": {"cluster": "b", "user": "u"}},
    ],
    "clusters": [
        {"name": "a", "cluster": {"server": "https://second.example", "tls-server-name": "second"}},
        {"name": "b", "cluster": {"server": "https://b.example", "certificate-authority": "ca.crt"}},
    ],
    "users": [{"name": "u", "user": {"token": "of-the-second"}}],
}
THIRD: dict[str, object] = {
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "users": [{"name": "u", "user": {"token": "of-the-third"}}],
}


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    written = []
    for name, content in (("one", FIRST), ("two", SECOND), ("three", THIRD)):
        path = tmp_path / name / "config"
        path.parent.mkdir()
        path.write_text(json.dumps(content))
        written.append(path)
    (tmp_path / "two" / "ca.crt").write_bytes(authority().pem)
    return written


def _merged(paths: list[Path]) -> Kubeconfig:
    files = [parse_file(path.read_bytes(), source=path.parent.name, folder=path.parent) for path in paths]
    return Kubeconfig(tuple(files), FILES)


def test_the_first_file_with_a_name_wins_as_a_whole(paths: list[Path]) -> None:
    context = _merged(paths).context("a")

    assert (context.cluster_name, context.namespace) == ("a", None)
    assert (context.endpoint.server, context.endpoint.tls_server_name) == ("https://first.example", None)
    assert context.credential == BearerToken(Secret("of-the-second"))


def test_the_first_current_context_wins(paths: list[Path]) -> None:
    assert _merged(paths).current_context == "b"
    assert _merged(paths[::-1]).current_context == "c"


def test_contexts_are_in_the_order_of_the_files(paths: list[Path]) -> None:
    assert _merged(paths).contexts == ("a", "b", "c")


def test_a_relative_path_belongs_to_the_folder_of_its_file(paths: list[Path]) -> None:
    assert _merged(paths).context("b").endpoint.ca_pem == authority().pem.decode()


def test_an_error_names_the_file_of_the_entry_or_the_number_of_files(paths: list[Path]) -> None:
    kubeconfig = _merged(paths)

    with pytest.raises(KubeconfigInvalid) as no_cluster:
        kubeconfig.context("c")
    with pytest.raises(ContextNotFound) as no_context:
        kubeconfig.context("d")

    assert str(no_cluster.value) == "three: context 'c': it names cluster 'c', which does not exist."
    assert str(no_context.value) == ("one and 2 more: context 'd': there is no such context; there are 'a', 'b', 'c'.")


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="compares with kubectl")
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_kubectl_merges_in_the_same_way(paths: list[Path], order: tuple[int, ...]) -> None:
    chosen = [paths[index] for index in order]
    seen = subprocess.run(
        ["kubectl", "config", "view", "--raw", "-o", "json"],
        env={**os.environ, "KUBECONFIG": ":".join(map(str, chosen))},
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(seen.stdout)
    kubeconfig = _merged(chosen)
    servers = {cluster["name"]: cluster["cluster"]["server"] for cluster in theirs["clusters"]}
    tokens = {user["name"]: user["user"]["token"] for user in theirs["users"]}

    assert kubeconfig.current_context == theirs["current-context"]
    assert sorted(kubeconfig.contexts) == sorted(context["name"] for context in theirs["contexts"])
    for entry in theirs["contexts"]:
        if entry["context"]["cluster"] not in servers:
            continue
        context = kubeconfig.context(entry["name"])
        assert context.endpoint.server == servers[entry["context"]["cluster"]]
        assert context.credential == BearerToken(Secret(tokens[entry["context"]["user"]]))
        assert context.namespace == entry["context"].get("namespace")

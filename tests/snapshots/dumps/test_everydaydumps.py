"""Dumps as people have them: appended, cut off, with text around the objects, without types, in older versions."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from snapshots.dumps.errors import DumpRefused, Lost
from tests.snapshots.dumps.dumping import POD, Files, Read, folder, gzipped, pod, tar, zipped

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "shop"}}
ITEM = "- apiVersion: v1\n  kind: Pod\n  metadata: {name: %s, namespace: shop}\n"
YAML_LIST = "apiVersion: v1\nitems:\n" + ITEM % "a" + ITEM % "b" + 'kind: List\nmetadata:\n  resourceVersion: ""\n'
YAML_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  namespace: shop\n"
NO_PATH = "it has no apiVersion and no kind, and its path does not name a kind"
ONE, TWO = json.dumps(pod("a")), json.dumps(pod("b"))
PRETTY = json.dumps({"apiVersion": "v1", "items": [pod("a"), pod("b")], "kind": "List", "metadata": {}}, indent=4)
BOTH = {"pods": ["a", "b"]}
MIXED = {"pods": ["a", "b"], "services": ["s"]}


def _untyped(*names: str) -> list[Any]:
    return [{"metadata": pod(name)["metadata"]} for name in names]


def _text(text: str) -> str:
    return f"text around the objects: {text}"


@pytest.mark.parametrize(
    ("name", "content", "names", "broken"),
    [
        # YAML documents appended without a marker
        ("f.yaml", YAML_LIST + YAML_SERVICE, MIXED, []),
        ("f.yaml", YAML_SERVICE + YAML_LIST, MIXED, []),
        ("f.yaml", (YAML_LIST + YAML_SERVICE).replace("\n", "\r\n"), MIXED, []),
        ("f.yaml", b"\xef\xbb\xbf" + YAML_LIST.encode() + b"\xef\xbb\xbf" + YAML_SERVICE.encode(), MIXED, []),
        (
            "f.yaml",
            YAML_LIST + "apiVersion: v1\nkind: [\n",
            BOTH,
            ["14: it is not YAML"],
        ),
        # keys that occur twice
        ("f.yaml", f"{YAML_SERVICE}---\n{POD}kind: Node\n", {"services": ["s"]}, ["11: the key 'kind' occurs twice"]),
        (
            "f.yaml",
            YAML_LIST.replace("name: b,", "name: b, name: c,"),
            {"pods": ["a"]},
            ["8: items[1]: the key 'name' occurs twice"],
        ),
        (
            "f.yaml",
            f"{YAML_SERVICE}---\napiVersion: v1\nmetadata: {{}}\nkind: List\nitems: []\nitems: []\n",
            {"services": ["s"]},
            ["11: the key 'items' occurs twice"],
        ),
        (
            "f.json",
            ONE + '\n{"kind":"PodList",\n"apiVersion":"v1","items":[],\n"items":[{}]}',
            {"pods": ["a"]},
            ["3: the key 'items' occurs twice"],
        ),
        (
            "f.json",
            ONE + '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","namespace":"shop"},"kind":"Node"}',
            {"pods": ["a"]},
            ["1: the key 'kind' occurs twice"],
        ),
        (
            "f.json",
            ONE + '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","namespace":"shop","name":"y"}}',
            {"pods": ["a"]},
            ["1: the key 'name' occurs twice in metadata"],
        ),
        # values in a row
        ("f.json", ONE + TWO, BOTH, []),
        ("f.json", f"{ONE}\n{TWO}\n", BOTH, []),
        ("f.json", f"{ONE} \t {TWO}\x00\x00", BOTH, []),
        ("f.json", PRETTY + json.dumps(SERVICE, indent=2), MIXED, []),
        ("f.json", b"\xef\xbb\xbf" + ONE.encode() + b"\r\n\xef\xbb\xbf" + TWO.encode(), BOTH, []),
        ("f.json", f"[{ONE}]\n[{TWO}]", BOTH, []),
        ("f.txt", f"{ONE}\n---\n{TWO}\n---\n{YAML_SERVICE}", MIXED, []),
        ("f.yaml", f"---\n{PRETTY}\n---\n{YAML_SERVICE}", MIXED, []),
        # text around values
        (
            "f.json",
            f"Warning: v1 ComponentStatus is deprecated\n{PRETTY}",
            BOTH,
            ["1: ~Warning: v1 ComponentStatus is deprecated"],
        ),
        ("f.json", f"{PRETTY}\nError from server (Forbidden): no\n", BOTH, ["24: ~Error from server (Forbidden): no"]),
        ("f.json", f"$ kubectl get pods -o json\n{PRETTY}\n$ ", BOTH, ["1: ~$ kubectl get pods -o json", "25: ~$"]),
        ("f.json", f"me@host:~$ {PRETTY}", BOTH, ["1: ~me@host:~$"]),
        (
            "f.json",
            f"[INFO] begin\n{ONE}\n2026-01-01 {{x}} done\n{TWO}\n",
            BOTH,
            ["1: ~[INFO] begin", "3: ~2026-01-01 {x} done"],
        ),
        (
            "f.json",
            f"{ONE}\nUnable to connect to the server\n\x1b[31mred\n{TWO}",
            BOTH,
            ["2: ~Unable to connect to the server"],
        ),
        ("f.json", f"\x1b[31mred\n{ONE}{TWO}", BOTH, ["1: ~\\x1b[31mred"]),
        ("f.yaml", f"Warning: old\n{YAML_LIST}", BOTH, ["1: ~Warning: old"]),
        ("f.yaml", f"{YAML_LIST}error: You must be logged in\n", BOTH, ["12: ~error: You must be logged in"]),
        ("f.yaml", f"PS C:\\> kubectl get pods\r\n{YAML_LIST}", BOTH, ["1: ~PS C:\\> kubectl get pods"]),
        (
            "f.yaml",
            YAML_LIST.replace("- api", "E0101 12:00 memcache.go:265] no\n- api", 1),
            BOTH,
            ["3: ~E0101 12:00 memcache.go:265] no"],
        ),
        (
            "f.yaml",
            f"walk.go:74: found symbolic link\n---\n# Source: x\n{YAML_LIST}",
            BOTH,
            ["1: ~walk.go:74: found symbolic link"],
        ),
        # lists that were cut off
        (
            "f.json",
            PRETTY[: PRETTY.index('"kind": "List"')],
            BOTH,
            ["1: Input data was truncated"],
        ),
        ("f.json", PRETTY[: PRETTY.index('"b"')], {"pods": ["a"]}, None),
        ("standard input", PRETTY[: PRETTY.index('"b"')], {"pods": ["a"]}, None),
        ("f.txt", f"[{ONE},{TWO},{ONE[:30]}", BOTH, ["1: Input data was truncated"]),
        ("f.json", f"[{ONE},{TWO},{ONE[:30]}", BOTH, ["1: Input data was truncated"]),
        (
            "f.yaml",
            YAML_LIST[: YAML_LIST.index("kind: List")],
            BOTH,
            ["1: the list has no kind: it may be cut off (entries: 2)"],
        ),
        ("f.yaml", YAML_LIST[: YAML_LIST.index("name: b")], {"pods": ["a"]}, None),
        ("f.json", ONE + '{"apiVersion": "v1", "kind": "NodeList", "metadata": {}', {"pods": ["a"]}, None),
        # lists without entries
        ("f.json", '{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}', {"pods": []}, []),
        ("f.json", '{"kind":"PodList","apiVersion":"v1","metadata":{}}', {"pods": []}, []),
        ("f.yaml", "kind: PodList\napiVersion: v1\nmetadata: {resourceVersion: '7'}\n", {"pods": []}, []),
        (
            "f.yaml",
            f"{POD}---\napiVersion: v1\nkind: AccessList\nmetadata: {{}}\nspec: {{}}\n",
            {"pods": ["web-0"]},
            ["5: it has no metadata.name"],
        ),
        # other forms
        ("f.json", json.dumps({"metadata": {}, "items": [pod("a"), pod("b")]}), BOTH, []),
        (
            "f.json",
            json.dumps(
                {
                    "kind": "List",
                    "apiVersion": "v1",
                    "items": [{"kind": "List", "apiVersion": "v1", "items": [pod("a"), pod("b")]}],
                }
            ),
            BOTH,
            [],
        ),
        ("pods.json", json.dumps({"items": _untyped("a", "b")}), BOTH, []),
        ("x.json", json.dumps([pod("a"), *_untyped("c", "d"), pod("b")]), BOTH, [f"1: [1]: {NO_PATH} (and 1 more)"]),
        ("x.json", json.dumps({"items": [pod("a"), pod("b"), *_untyped("c")]}), BOTH, [f"1: items[2]: {NO_PATH}"]),
        ("f.yaml", YAML_LIST.replace("shop}", "shop, annotations: {a: caf\xe9}}").encode("cp1252"), BOTH, []),
        (
            "f",
            "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}\n---\n" + POD.replace("web-0", "b"),
            BOTH,
            [],
        ),
        ("f.json.gz", gzip.compress(f"{ONE}\n{TWO}".encode(), mtime=0), BOTH, []),
    ],
)
def test_a_file_as_people_have_it(
    tmp_path: Path, name: str, content: str | bytes, names: dict[str, list[str]], broken: list[str] | None
) -> None:
    folder(tmp_path, {name: content})

    read = Read(tmp_path / name)

    assert read.names == names
    said = [item.removeprefix(f"{name}:").replace("text around the objects: ", "~") for item in read.broken]
    assert said == (said[:1] or ["none"] if broken is None else broken)


@pytest.mark.parametrize("made", [folder, tar, zipped], ids=["folder", "tar", "zip"])
def test_the_same_in_archives(tmp_path: Path, made: Any) -> None:
    files: Files = {"a.json": f"Warning: x\n{ONE}", "sub/b.yaml": f"{YAML_LIST}{YAML_SERVICE}Error from server: y\n"}

    read = Read(made(tmp_path / "dump", files))

    assert read.names == MIXED
    assert sorted(read.broken) == [
        f"a.json:1: {_text('Warning: x')}",
        f"sub/b.yaml:17: {_text('Error from server: y')}",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "cluster-resources/pods/shop.json",
        "bundle/cluster-resources/pods/services.json",
        "shop/pods.json",
        "pods/shop.json",
        "Pods.json",
        "resources/ns/shop/core_v1_pods.json",
        "resources/pods/namespaces/shop/a.json",
        "resources/pods/v1-preferredversion/namespaces/shop/a.json",
        "q/namespaces/shop/core/pods.json",
    ],
)
@pytest.mark.parametrize(
    "listed", [_untyped("a", "b"), {"items": _untyped("a", "b")}, {"kind": "List", "items": _untyped("a", "b")}]
)
def test_the_path_names_the_kind_of_objects_without_one(tmp_path: Path, path: str, listed: object) -> None:
    read = Read(folder(tmp_path / "dump", {path: json.dumps(listed)}))

    assert (read.names, read.broken) == (BOTH, [])
    assert read.objects["pods"][0]["kind"] == "Pod"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("cluster-resources/pvcs/shop.json", "persistentvolumeclaims"),
        ("cluster-resources/network-policy/shop.json", "networkpolicies.networking.k8s.io"),
        ("cluster-resources/pod-disruption-budgets/shop.json", "poddisruptionbudgets.policy"),
        ("cluster-resources/ingress/shop.json", "ingresses.networking.k8s.io"),
        ("resources/ns/shop/apps_v1_deployments.json", "deployments.apps"),
        ("resources/cronjobs.batch/namespaces/shop/a.json", "cronjobs.batch"),
        ("shop/events.json", "events"),
    ],
)
def test_names_of_kinds_in_support_bundles(tmp_path: Path, path: str, kind: str) -> None:
    assert Read(folder(tmp_path / "dump", {path: json.dumps(_untyped("a"))})).names == {kind: ["a"]}


def test_a_path_that_names_two_kinds_is_no_hint(tmp_path: Path) -> None:
    read = Read(folder(tmp_path / "dump", {"nodes/pods.json": json.dumps(_untyped("c")), "a.json": ONE}))

    assert (read.names, read.broken) == ({"pods": ["a"]}, [f"nodes/pods.json:1: [0]: {NO_PATH}"])


def test_an_untyped_object_is_not_given_half_a_type_by_its_path(tmp_path: Path) -> None:
    half = {"kind": "Pod", "metadata": pod("c")["metadata"]}

    read = Read(folder(tmp_path / "dump", {"deployments.json": json.dumps([half]), "a.json": ONE}))

    assert read.broken == ["deployments.json:1: [0]: it has no apiVersion"]


def test_an_empty_array_says_that_there_are_none(tmp_path: Path) -> None:
    read = Read(folder(tmp_path / "dump", {"a.json": ONE, "cluster-resources/jobs/shop.json": "[]\n"}))

    assert read.names == {"pods": ["a"], "jobs.batch": []}


def test_everything_lost_is_counted_by_kind_of_loss(tmp_path: Path) -> None:
    files: Files = {
        "a.json": f"Warning: x\n{ONE}",
        "b.json": json.dumps(_untyped("c", "d")),
        "c.yaml": "apiVersion: [\n",
        "d.json": json.dumps({"kind": "Pod"}),
        "values.yaml": "NOTE\nreplicas: 3\n",
        "error.yaml": "Error from server (NotFound): x\n",
    }

    read = Read(folder(tmp_path / "dump", files))

    assert read.tally.lost == {Lost.TEXT: 2, Lost.OBJECT: 3, Lost.DOCUMENT: 1}
    assert (read.tally.broken_count, read.tally.ignored_files) == (5, 1)


def test_long_text_is_shortened_and_long_words_are_not_repeated(tmp_path: Path) -> None:
    token = "canary" * 20
    read = Read(folder(tmp_path / "dump", {"a.json": f"curl -H 'Bearer {token}' {'x ' * 500}\n{ONE}"}))

    (said,) = read.broken
    assert "canary" not in said
    assert len(said) < 150


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "---\n", "[]", "{}", "null\n", "Error from server: x\n"])
def test_a_file_without_objects_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(DumpRefused, match="holds no Kubernetes objects"):
        Read(gzipped(tmp_path / "f.yaml.gz", content))

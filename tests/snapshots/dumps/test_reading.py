"""Objects of a dump: read, refused or skipped."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k8s.kinds.kind import Kind
from snapshots.dumps.errors import DumpRefused
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.manifest import FORMAT, MANIFEST_NAME
from tests.snapshots.dumps.dumping import NODE, POD, Read, folder, pod, tar

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "geese.acme.io"},
    "spec": {
        "group": "acme.io",
        "names": {"kind": "Goose", "plural": "geese"},
        "scope": "Namespaced",
        "versions": [{"name": "v1", "served": True, "storage": True}],
    },
}
GOOSE = {"apiVersion": "acme.io/v1", "kind": "Goose", "metadata": {"name": "g", "namespace": "shop"}}


def _dump(tmp_path: Path, *documents: object) -> Path:
    return folder(tmp_path / "dump", {f"{at}.json": json.dumps(document) for at, document in enumerate(documents)})


@pytest.mark.parametrize(
    "listed",
    [
        {"apiVersion": "v1", "kind": "List", "items": [pod("b"), pod("a")]},
        {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": pod(name)["metadata"]} for name in "ba"]},
        [pod("b"), pod("a")],
        {
            "kind": "List",
            "apiVersion": "v1",
            "items": [{"kind": "PodList", "apiVersion": "v1", "items": [pod("a"), pod("b")]}],
        },
    ],
    ids=["List", "PodList", "array", "list in a list"],
)
def test_lists_are_taken_apart(tmp_path: Path, listed: object) -> None:
    read = Read(_dump(tmp_path, listed))

    assert (read.names, read.broken) == ({"pods": ["a", "b"]}, [])


def test_objects_are_in_the_order_of_an_api_server(tmp_path: Path) -> None:
    read = Read(_dump(tmp_path, pod("b", "a"), pod("z", "a-b"), pod("a", "b"), pod("a", "a")))

    places = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in read.objects["pods"]]
    assert places == sorted(places, key="/".join)
    assert places == [("a-b", "z"), ("a", "a"), ("a", "b"), ("b", "a")]


def test_of_two_with_one_name_the_newer_stays(tmp_path: Path) -> None:
    newer, older = pod("a", resourceVersion="100", uid="new"), pod("a", resourceVersion="99", uid="old")

    read = Read(_dump(tmp_path, newer, older, pod("b", uid="first"), pod("b", uid="last")))

    assert [item["metadata"]["uid"] for item in read.objects["pods"]] == ["new", "last"]
    assert (read.tally.duplicates, read.resource_version) == (2, "100")


def test_a_must_gather_says_plural_and_scope_by_its_folders(tmp_path: Path) -> None:
    sheep = "apiVersion: acme.io/v1\nkind: Sheep\nmetadata: {name: s, namespace: shop}\n"
    shed = "apiVersion: acme.io/v1\nkind: Shed\nmetadata: {name: s}\n"
    dump = folder(
        tmp_path / "dump",
        {
            "q/namespaces/shop/core/pods.yaml": f"apiVersion: v1\nkind: PodList\nitems:\n- {_indented(POD)}",
            "q/namespaces/shop/pods/web-0/web-0.yaml": POD,
            "q/namespaces/shop/pods/web-0/web/web/logs/current.log": "{",
            "q/namespaces/shop/acme.io/sheep/s.yaml": sheep,
            "q/cluster-scoped-resources/acme.io/shedz.yaml": shed,
            "q/cluster-scoped-resources/core/nodes/n1.yaml": NODE,
            "q/version": "openshift/must-gather\n4.18.1\n",
        },
    )

    read = Read(dump)

    assert [(dumped.kind, dumped.is_guessed) for dumped in read.kinds if dumped.kind.group] == [
        (Kind("acme.io", "v1", "Shed", "shedz", namespaced=False), False),
        (Kind("acme.io", "v1", "Sheep", "sheep"), False),
    ]
    assert (read.names["pods"], read.tally.duplicates, read.version) == (["web-0"], 1, "v1.31.2")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ").rstrip() + "\n"


@pytest.mark.parametrize("definition_comes_first", [True, False])
def test_a_definition_says_plural_and_scope(tmp_path: Path, definition_comes_first: bool) -> None:
    documents = [CRD, GOOSE] if definition_comes_first else [GOOSE, CRD]

    read = Read(_dump(tmp_path, *documents))

    assert [dumped.kind for dumped in read.kinds if dumped.kind.group == "acme.io"] == [
        Kind("acme.io", "v1", "Goose", "geese", namespaced=True)
    ]


def test_what_nothing_says_is_guessed_and_said(tmp_path: Path) -> None:
    policy = {"apiVersion": "acme.io/v1", "kind": "Policy", "metadata": {"name": "p"}}

    read = Read(_dump(tmp_path, policy, GOOSE))

    assert [(dumped.kind.plural, dumped.kind.namespaced, dumped.is_guessed) for dumped in read.kinds] == [
        ("gooses", True, True),
        ("policies", False, True),
    ]


def test_another_version_of_a_built_in_kind_is_no_guess(tmp_path: Path) -> None:
    autoscaler = {
        "apiVersion": "autoscaling/v2beta1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h", "namespace": "a"},
    }

    (found,) = Read(_dump(tmp_path, autoscaler)).kinds

    assert (found.kind, found.is_guessed) == (
        Kind("autoscaling", "v2beta1", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        False,
    )


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ({"kind": "Pod", "metadata": {"name": "a"}}, "it has no apiVersion"),
        ({"apiVersion": "v1", "metadata": {"name": "a"}}, "it has no kind"),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {}}, "it has no metadata.name"),
        ({"apiVersion": "v1", "kind": "Pod"}, "it has no metadata.name"),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}, "Pod a has no metadata.namespace"),
        (pod("a/b"), "the name of a Pod is invalid"),
        (pod(".."), "the name of a Pod is invalid"),
        (pod("a", "A"), "the namespace of Pod a is invalid"),
        ({**pod("a"), "apiVersion": "a b"}, "its apiVersion or kind is invalid"),
        ({**pod("a"), "apiVersion": 1}, "Expected `str | null`, got `int` - at `$.apiVersion`"),
        (pod("a", labels=["x"]), "Expected `object | null`, got `array` - at `$.metadata.labels`"),
        ({**pod("a"), "spec": {"containers": {}}}, "Expected `array | null`, got `object` - at `$.spec.containers`"),
        ({**GOOSE, "metadata": {**pod("g")["metadata"], "generation": "x"}}, "$.metadata.generation"),
        ({"apiVersion": "v1", "kind": "PodList", "items": {}}, "Expected `array | null`, got `object` - at `$.items`"),
        ({"apiVersion": "v1", "kind": "List", "items": [1]}, "items[0]: Expected `object`, got `int`"),
    ],
)
def test_a_broken_object_is_named_and_costs_no_other(tmp_path: Path, broken: object, cause: str) -> None:
    read = Read(_dump(tmp_path, pod("good"), broken))

    assert read.names["pods"] == ["good"]
    (said,) = read.broken
    assert said.startswith("1.json:1: ")
    assert cause in said


def test_documents_that_are_no_objects_are_left_out(tmp_path: Path) -> None:
    read = Read(_dump(tmp_path, pod("a"), {"replicas": 3}, [1, 2], "text", None))

    assert (read.broken, read.tally.ignored_files) == ([], 4)


def test_an_empty_list_says_that_there_are_none(tmp_path: Path) -> None:
    read = Read(_dump(tmp_path, pod("a"), {"apiVersion": "v1", "kind": "NodeList", "items": []}))

    assert read.names == {"nodes": [], "pods": ["a"]}


def test_only_so_many_broken_places_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    read = Read(_dump(tmp_path, pod("a"), *[{"kind": "Pod"}] * 5), DumpLimits(broken=2))

    assert (len(read.broken), read.tally.broken_count) == (2, 5)


def test_without_an_object_the_dump_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DumpRefused, match=r"holds no Kubernetes objects\. Skipped: 0\.json:1: .* \(and 1 more\)\.$"):
        Read(_dump(tmp_path, {"kind": "Pod"}, {"kind": "Pod"}))


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (
            '{"clientVersion": {"gitVersion": "v1.2.3"}, "serverVersion": {"gitVersion": "v1.30.1+k3s1"}}',
            "v1.30.1+k3s1",
        ),
        ('{"major": "1", "minor": "30", "gitVersion": "v1.30.2"}', "v1.30.2"),
        ('{"gitVersion": "\\u001b[2J"}', "unknown"),
    ],
)
def test_a_version_document_says_the_version(tmp_path: Path, content: str, version: str) -> None:
    assert Read(folder(tmp_path / "dump", {"pod.yaml": POD, "version.json": content})).version == version


def test_a_version_text_says_the_version(tmp_path: Path) -> None:
    said = "Client Version: v1.1.1\nKustomize Version: v5.0.0\nServer Version: v1.29.9\n"

    assert Read(folder(tmp_path / "dump", {"a/pod.yaml": POD, "version": said, "node.json": NODE})).version == "v1.29.9"


def test_the_newest_kubelet_is_the_last_resort(tmp_path: Path) -> None:
    newer = NODE.replace("n1", "n2").replace("v1.31.2", "v1.31.10")

    assert Read(folder(tmp_path / "dump", {"a.json": newer, "b.json": NODE})).version == "v1.31.10"


def test_our_own_manifest_says_what_was_listed(tmp_path: Path) -> None:
    kind = {"group": "acme.io", "version": "v1", "kind": "Goose", "plural": "geese", "namespaced": True, "objects": 0}
    manifest = {
        "format": FORMAT,
        "cluster": "prod",
        "version": "v1.37.2",
        "takenAt": "2026-01-02T03:04:05Z",
        "hasSecretData": False,
        "kinds": [{**kind, "resourceVersion": "12"}],
    }

    read = Read(tar(tmp_path / "dump.tgz", {"objects/pods/1.json": NODE, MANIFEST_NAME: json.dumps(manifest)}))

    assert (read.version, read.taken_at) == ("v1.37.2", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert read.names == {"nodes": ["n1"], "geese.acme.io": []}


def test_the_newest_file_says_when(tmp_path: Path) -> None:
    assert Read(tar(tmp_path / "dump.tgz", {"pod.yaml": POD})).taken_at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_windows_makes_of_a_file(tmp_path: Path, encoding: str) -> None:
    dump = folder(
        tmp_path / "dump", {"pod.yaml": POD.replace("\n", "\r\n").encode(encoding), "n.json": NODE.encode(encoding)}
    )

    assert Read(dump).names == {"nodes": ["n1"], "pods": ["web-0"]}


def test_a_binary_file_with_the_name_of_one_is_named(tmp_path: Path) -> None:
    read = Read(folder(tmp_path / "dump", {"pod.yaml": POD, "x.yaml": b"\x00\x01\xff\xfe", "y.json": b"{\x00"}))

    assert sorted(item.partition(":")[0] for item in read.broken) == ["x.yaml", "y.json"]

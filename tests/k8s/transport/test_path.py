"""Paths: only those of Kubernetes, and none that leads elsewhere (PT-1)."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.path import (
    ApiPath,
    ApiTarget,
    PathInvalid,
    api_target,
    checked_namespace,
    checked_segment,
    list_path,
    object_path,
)

HOSTILE = [
    "",
    ".",
    "..",
    "../../secrets/x",
    "%2e%2e",
    "%2e%2e%2f",
    "..%2f",
    "a/b",
    "%73ecrets",
    "a%",
    "/",
    "a\0b",
    "a\nb",
    "a\n",
    "\x1b[2J",
    "a\x7f",
    "a\x85b",
    "a\ud800",
    "a" * 1025,
]
UNUSUAL = {
    "a?b": "a%3Fb",
    "a#b": "a%23b",
    "a;b": "a%3Bb",
    "a\\b": "a%5Cb",
    "\u2024\u2024": "%E2%80%A4%E2%80%A4",
    "é": "%C3%A9",
    "a b": "a%20b",
    "*": "%2A",
    "a,b=c&d": "a%2Cb%3Dc%26d",
    "|": "%7C",
    "😀": "%F0%9F%98%80",
    "...": "...",
    "a" * 254: "a" * 254,
}
"""Names that API servers accept for a few kinds, and their segments in a path."""
FREELY_NAMED = [kinds.CLUSTER_ROLE, kinds.CLUSTER_ROLE_BINDING, kinds.CERTIFICATE_SIGNING_REQUEST]
IMAGE_STREAM_TAG = Kind("image.openshift.io", "v1", "ImageStreamTag", "imagestreamtags")
USER = Kind("user.openshift.io", "v1", "User", "users", namespaced=False)
PUNCTUATED = [kinds.API_SERVICE, kinds.IP_ADDRESS, USER]
_API = re.compile(r"/apis?(/|$)")
_SAFE_PATH = re.compile(r"/apis?(/([-A-Za-z0-9._:@+~]|%[0-9A-F]{2})+)+")


@pytest.mark.parametrize("name", [*HOSTILE, *UNUSUAL, "Web", "-web", "web-", "web.", ".web", "a..b", "a_b", "a:b"])
@pytest.mark.parametrize("kind", [kinds.POD, kinds.SECRET, kinds.DEPLOYMENT])
def test_pt_1_no_such_object_name(kind: Kind, name: str) -> None:
    with pytest.raises(PathInvalid):
        object_path(kind, "shop", name)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", FREELY_NAMED)
def test_pt_1_no_path_segment(kind: Kind, name: str) -> None:
    with pytest.raises(PathInvalid):
        object_path(kind, None, name)


@pytest.mark.parametrize("name", [*HOSTILE, *(name for name in UNUSUAL if name != "...")])
@pytest.mark.parametrize("kind", PUNCTUATED)
def test_pt_1_no_punctuated_name(kind: Kind, name: str) -> None:
    with pytest.raises(PathInvalid):
        object_path(kind, None, name)


@pytest.mark.parametrize(("name", "segment"), UNUSUAL.items())
@pytest.mark.parametrize("kind", FREELY_NAMED)
def test_a_name_that_only_must_be_a_segment_is_one_escaped_segment(kind: Kind, name: str, segment: str) -> None:
    path = object_path(kind, None, name)

    assert path == f"{list_path(kind)}/{segment}"
    assert api_target(path).name == name


@pytest.mark.parametrize("name", UNUSUAL)
def test_any_name_can_be_one_of_some_kind(name: str) -> None:
    assert checked_segment(name) == name


@pytest.mark.parametrize("name", HOSTILE)
def test_pt_1_no_name_of_any_kind(name: str) -> None:
    with pytest.raises(PathInvalid):
        checked_segment(name)


@pytest.mark.parametrize("namespace", [*HOSTILE, *UNUSUAL, "Shop", "-shop", "shop-", "a.b", "a" * 64])
def test_pt_1_no_such_namespace(namespace: str) -> None:
    with pytest.raises(PathInvalid):
        list_path(kinds.POD, namespace)
    with pytest.raises(PathInvalid):
        object_path(kinds.POD, namespace, "web")
    with pytest.raises(PathInvalid):
        checked_namespace(namespace)


@given(
    kind=st.sampled_from([*kinds.BUILT_IN, *FREELY_NAMED * 20, IMAGE_STREAM_TAG, USER]),
    namespace=st.text() | st.just("shop"),
    name=st.text(st.characters()) | st.text("./%;?#é\\a"),
)
def test_pt_7_whatever_is_given_the_path_stays_within_its_segments(kind: Kind, namespace: str, name: str) -> None:
    where = namespace if kind.namespaced else None
    try:
        path = object_path(kind, where, name)
    except PathInvalid:
        return

    assert _SAFE_PATH.fullmatch(path)
    assert unquote(path.split("/")[-1]) == name
    assert api_target(path).name == name
    assert not {".", ".."} & set(path.split("/"))


@pytest.mark.parametrize(
    ("kind", "namespace", "wanted"),
    [
        (kinds.POD, None, "/api/v1/pods"),
        (kinds.POD, "shop", "/api/v1/namespaces/shop/pods"),
        (kinds.NODE, None, "/api/v1/nodes"),
        (kinds.DEPLOYMENT, "shop", "/apis/apps/v1/namespaces/shop/deployments"),
        (kinds.CLUSTER_ROLE, None, "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
    ],
)
def test_list_paths(kind: Kind, namespace: str | None, wanted: str) -> None:
    assert list_path(kind, namespace) == wanted


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kinds.POD, "web-0"),
        (kinds.POD, "0"),
        (kinds.POD, "a.b-c.d"),
        (kinds.POD, "a" * 253),
        (kinds.ROLE, "system:node"),
        (kinds.ROLE, "Admin_2"),
        (kinds.EVENT, "Web.17f0a9d1c2b3a4e5"),
        (IMAGE_STREAM_TAG, "app:latest"),
        (IMAGE_STREAM_TAG, "App_2@sha256:0a1b~"),
    ],
)
def test_names_that_objects_have(kind: Kind, name: str) -> None:
    assert object_path(kind, "shop", name).endswith(f"/namespaces/shop/{kind.plural}/{name}")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kinds.CLUSTER_ROLE, "system:controller:job-controller"),
        (kinds.API_SERVICE, "v1."),
        (kinds.API_SERVICE, "v1.apps"),
        (kinds.IP_ADDRESS, "2001:db8::1"),
        (kinds.CERTIFICATE_SIGNING_REQUEST, "csr-x7Bz"),
    ],
)
def test_names_that_objects_of_the_whole_cluster_have(kind: Kind, name: str) -> None:
    assert object_path(kind, None, name).endswith(f"/{kind.plural}/{name}")


def test_a_kind_of_the_whole_cluster_has_no_namespace() -> None:
    with pytest.raises(PathInvalid, match="Node objects have no namespace"):
        list_path(kinds.NODE, "shop")


def test_a_namespaced_object_needs_its_namespace() -> None:
    with pytest.raises(PathInvalid, match="Pod objects live in a namespace"):
        object_path(kinds.POD, None, "web")


def test_a_long_name_is_not_repeated_as_a_whole() -> None:
    with pytest.raises(PathInvalid) as raised:
        object_path(kinds.POD, "shop", "A" * 5000)

    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    "plural",
    ["pods/exec", "nodes/proxy", "services/proxy", "pods/proxy", "serviceaccounts/token", "*", "", "..", "Pods"],
)
def test_pt_5_a_subresource_is_no_kind(plural: str) -> None:
    kind = Kind("", "v1", "Pod", plural)

    with pytest.raises(PathInvalid):
        list_path(kind)
    with pytest.raises(PathInvalid):
        object_path(kind, "shop", "web")


@pytest.mark.parametrize(
    ("group", "version"), [("../x", "v1"), ("a..b", "v1"), ("A", "v1"), ("apps", ".."), ("apps", "")]
)
def test_pt_1_no_such_api_version(group: str, version: str) -> None:
    with pytest.raises(PathInvalid):
        list_path(Kind(group, version, "Widget", "widgets"))


def test_paths_are_built_in_one_place() -> None:
    """No other file creates an `ApiPath`, or a text that begins like one."""
    places = [
        f"{file}: {ast.unparse(node)}"
        for package in ("k8s", "resolvers", "graph", "server")
        for file in sorted(Path(package).rglob("*.py"))
        if file.as_posix() != "k8s/transport/path.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if _builds_path(node)
    ]

    assert places == []


def _builds_path(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "ApiPath"
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_API.match(node.value))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/secrets", ("secrets", "", "", "/api/v1/secrets")),
        ("/api/v1/namespaces", ("namespaces", "", "", "/api/v1/namespaces")),
        ("/api/v1/namespaces/shop", ("namespaces", "", "shop", "/api/v1/namespaces/{name}")),
        ("/api/v1/namespaces/shop/status", ("namespaces/status", "", "shop", "/api/v1/namespaces/{name}/status")),
        ("/api/v1/namespaces/shop/pods", ("pods", "shop", "", "/api/v1/namespaces/{namespace}/pods")),
        (
            "/api/v1/namespaces/shop/pods/web-0/log",
            ("pods/log", "shop", "web-0", "/api/v1/namespaces/{namespace}/pods/{name}/log"),
        ),
        (
            "/apis/apps/v1/namespaces/shop/deployments/web",
            ("deployments.apps", "shop", "web", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"),
        ),
        ("/apis/apps/v1/deployments", ("deployments.apps", "", "", "/apis/apps/v1/deployments")),
        ("/apis/apps/v1", ("/apis/apps/v1", "", "", "/apis/apps/v1")),
        ("/version", ("/version", "", "", "/version")),
        ("/api", ("/api", "", "", "/api")),
    ],
)
def test_a_path_is_about_a_resource(path: str, expected: tuple[str, str, str, str]) -> None:
    assert api_target(ApiPath(path)) == ApiTarget(*expected)

"""Single objects, discovery, reviews, and all refusals of a snapshot."""

import json

import pytest

from snapshots.serving.api import SnapshotApi
from snapshots.serving.static import StaticContent
from tests.snapshots.serving.asking import METADATA, ask, node, pod, widget, widget_definition

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.fixture
def api() -> SnapshotApi:
    """Returns the API of a pod, a node, and a custom resource."""
    objects = [pod("web", labels={"app": "web"}), node("n"), widget_definition(), widget("w", "red")]
    return SnapshotApi(StaticContent(objects, version="v1.35.6+k3s1", resource_version="42"))


async def test_an_object_says_what_it_is(api: SnapshotApi) -> None:
    answered = await ask(api, "/api/v1/namespaces/shop/pods/web")

    assert answered.status == 200
    assert list(answered.document) == ["kind", "apiVersion", "metadata"]
    assert answered.document == pod("web", labels={"app": "web"})


async def test_a_custom_resource_is_as_it_was(api: SnapshotApi) -> None:
    path = "/apis/example.com/v1/namespaces/shop/widgets"

    assert (await ask(api, f"{path}/w")).document == widget("w", "red")
    assert (await ask(api, path)).document["items"] == [widget("w", "red")]
    assert (await ask(api, path)).document["kind"] == "WidgetList"


async def test_metadata_of_an_object(api: SnapshotApi) -> None:
    answered = await ask(api, "/api/v1/nodes/n", accept=METADATA)

    assert answered.document == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"name": "n"},
    }


async def test_an_object_that_is_not_there_is_named(api: SnapshotApi) -> None:
    answered = await ask(api, "/apis/apps/v1/namespaces/shop/deployments/web")

    assert (answered.status, answered.message) == (404, 'deployments.apps "web" not found')
    assert answered.document["details"] == {"name": "web", "group": "apps", "kind": "deployments"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nope",
        "/api/v2",
        "/api/v1/nope",
        "/api/v1/pods/web",
        "/api/v1/namespaces/shop/nodes",
        "/api/v1/namespaces/shop/pods/web/log",
        "/api/v1/namespaces//pods",
        "/api/v1/namespaces/a%2Fb/pods",
        "/apis/nope",
        "/apis/apps/v9",
        "/apis/apps/v1/nope",
        "/apis/apps/v1/pods",
    ],
)
async def test_what_is_not_served_is_not_found(api: SnapshotApi, path: str) -> None:
    answered = await ask(api, path)

    assert (answered.status, answered.document["reason"]) == (404, "NotFound")
    assert answered.message == "the server could not find the requested resource"
    assert "name" not in answered.document["details"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/v1/pods", "/api/v1/nodes/n", "/version", "/api", "/apis/apps/v1"])
async def test_nothing_is_written(api: SnapshotApi, method: str, path: str) -> None:
    answered = await ask(api, path, method=method, body=b"{}")

    assert (answered.status, answered.document["reason"]) == (405, "MethodNotAllowed")
    assert (await ask(api, "/api/v1/nodes")).names == ["n"]


@pytest.mark.parametrize(
    "accept", ["text/html", "application/yaml", "application/json;as=Table;v=v1beta1;g=meta.k8s.io"]
)
async def test_only_json_is_spoken(api: SnapshotApi, accept: str) -> None:
    answered = await ask(api, "/api/v1/pods", accept=accept)

    assert (answered.status, answered.document["reason"]) == (406, "NotAcceptable")


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "application/*", "application/json;as=Chart;v=v1;g=meta.k8s.io, application/json", "text/html,*/*"],
)
async def test_plain_json_is_what_is_left(api: SnapshotApi, accept: str) -> None:
    assert (await ask(api, "/api/v1/pods", accept=accept)).document["kind"] == "PodList"


async def test_the_version_is_that_of_the_cluster(api: SnapshotApi) -> None:
    version = (await ask(api, "/version")).document

    assert (version["gitVersion"], version["major"], version["minor"]) == ("v1.35.6+k3s1", "1", "35")


async def test_lists_have_the_version_of_the_snapshot(api: SnapshotApi) -> None:
    assert (await ask(api, "/api/v1/nodes")).document["metadata"] == {"resourceVersion": "42"}


async def test_groups_and_versions_are_discovered(api: SnapshotApi) -> None:
    assert (await ask(api, "/api")).document["versions"] == ["v1"]
    groups = {group["name"]: group for group in (await ask(api, "/apis")).document["groups"]}
    assert groups["example.com"]["preferredVersion"] == {"groupVersion": "example.com/v1", "version": "v1"}
    assert groups["apps"] | {"kind": "APIGroup", "apiVersion": "v1"} == (await ask(api, "/apis/apps")).document


async def test_kinds_are_discovered_with_what_can_be_done(api: SnapshotApi) -> None:
    found = {resource["name"]: resource for resource in (await ask(api, "/api/v1")).document["resources"]}

    assert found["pods"] == {
        "name": "pods",
        "singularName": "pod",
        "namespaced": True,
        "kind": "Pod",
        "verbs": ["get", "list", "watch"],
        "shortNames": ["po"],
        "categories": ["all"],
    }
    assert found["nodes"]["namespaced"] is False


@pytest.mark.parametrize(("path", "group"), [("/api", None), ("/apis", "example.com")])
async def test_all_is_discovered_at_once(api: SnapshotApi, path: str, group: str | None) -> None:
    document = (await ask(api, path, accept=f"{DISCOVERY},application/json")).document

    found = {item["metadata"].get("name"): item for item in document["items"]}
    assert document["kind"] == "APIGroupDiscoveryList"
    assert (None in found) == (path == "/api")
    [version] = found[group]["versions"]
    assert {resource["resource"]: resource["scope"] for resource in version["resources"]}.items() >= (
        {"pods": "Namespaced", "nodes": "Cluster"} if group is None else {"widgets": "Namespaced"}
    ).items()


async def test_everybody_is_the_snapshot(api: SnapshotApi) -> None:
    body = b'{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}'

    answered = await ask(api, "/apis/authentication.k8s.io/v1/selfsubjectreviews", method="POST", body=body)

    assert answered.status == 201
    assert answered.document["status"] == {"userInfo": {"username": "snapshot", "groups": ["system:authenticated"]}}


@pytest.mark.parametrize(
    ("verb", "is_allowed"),
    [("get", True), ("list", True), ("watch", True), ("create", False), ("*", False), ("", False)],
)
async def test_everybody_may_read_and_nobody_write(api: SnapshotApi, verb: str, is_allowed: bool) -> None:
    spec = {"resourceAttributes": {"verb": verb, "group": "", "resource": "pods"}}

    answered = await ask(
        api,
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        method="POST",
        body=json.dumps({"kind": "SelfSubjectAccessReview", "spec": spec}).encode(),
    )

    assert (answered.status, answered.document["status"]["allowed"]) == (201, is_allowed)
    assert answered.document["spec"] == spec


async def test_rules_are_to_read_everything(api: SnapshotApi) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"

    answered = await ask(api, path, method="POST", body=b'{"spec":{"namespace":"shop"}}')
    nameless = await ask(api, path, method="POST", body=b"{}")

    [rule] = answered.document["status"]["resourceRules"]
    assert rule == {"verbs": ["get", "list", "watch"], "apiGroups": ["*"], "resources": ["*"]}
    assert (nameless.status, nameless.message) == (400, "no namespace on request")


@pytest.mark.parametrize("body", [b"", b"nope", b"[]", b"\xff", b'{"kind":"Pod"}', b'{"spec":1}'])
async def test_reviews_that_are_none_are_refused(api: SnapshotApi, body: bytes) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    assert (await ask(api, path, method="POST", body=body)).status == 400
    assert (await ask(api, path, method="POST", body=b"{}")).status == 422
    assert (await ask(api, path)).status == 405

"""The kinds that names mean in clusters that serve different ones."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf

import pytest

from k8s.errors import KindUnavailable, Unreachable
from k8s.reading.reader import ClusterReader
from k8s.transport.deadline import Deadline
from resolvers.arguments.kindnames import KindName, kind_name
from resolvers.caller import OPERATOR
from resolvers.errors import BadUserInput, UnknownKind
from resolvers.fleet import servedkinds
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.lists.kindresolution import ResolvedKinds, resolve_kinds
from resolvers.lists.manykinds import choose_kinds
from resolvers.operation.operation import Operation
from tests.k8s.apiserver.discoveryserver import DiscoveryServer, Resource, resource
from tests.k8s.wireserver import until

NOW = datetime.now(UTC)

PODS = resource("pods.v1", "Pod", short_names=["po"])
SERVICES = resource("services.v1", "Service", short_names=["svc"])
EVENTS = resource("events.v1", "Event")
NEWER_EVENTS = resource("events.v1.events.k8s.io", "Event")
POD_METRICS = resource("pods.v1beta1.metrics.k8s.io", "PodMetrics", singular="pod")
KNATIVE = resource("services.v1.serving.knative.dev", "Service")
ISTIO = resource("gateways.v1.networking.istio.io", "Gateway", short_names=["gw"])
GATEWAY_API = resource("gateways.v1.gateway.networking.k8s.io", "Gateway")
APPLICATIONS = resource("applications.v1alpha1.argoproj.io", "Application", short_names=["app"])
OLD_INGRESSES = resource("ingresses.v1beta1.extensions", "Ingress")
INGRESSES = resource("ingresses.v1.networking.k8s.io", "Ingress")


class NoClusters:
    async def open(self) -> tuple[()]:
        return ()


def _connect(*_: object) -> None:
    raise AssertionError


@pytest.fixture
def operation() -> Operation:
    return Operation(Fleet(NoClusters(), connect=_connect), caller=OPERATOR, cursor_key=b"k" * 32)  # type: ignore[arg-type]  # never connected


def _cluster(name: str, *resources: Resource) -> FleetCluster:
    sender = DiscoveryServer([PODS, *resources], name=name)
    return FleetCluster(f"id-{name}", name, {}, "", NOW, NOW, ClusterReader(sender), sender)


async def _resolve(operation: Operation, name: str, *clusters: FleetCluster) -> Mapping[str, str]:
    resolved = await resolve_kinds(operation, clusters, KindName("resource", name))
    return _words(resolved)


def _words(resolved: ResolvedKinds) -> Mapping[str, str]:
    kinds = {cluster.name: f"{kind.api_version} {kind.name}" for cluster, kind in resolved.kinds.items()}
    return kinds | {cluster.name: str(error) for cluster, error in resolved.errors.items()}


async def test_a_name_is_resolved_in_each_cluster(operation: Operation) -> None:
    alpha, beta = _cluster("alpha", APPLICATIONS), _cluster("beta")

    assert await _resolve(operation, "app", alpha, beta) == {
        "alpha": "argoproj.io/v1alpha1 Application",
        "beta": "cluster 'beta': it serves no kind named 'app'.",
    }


@pytest.mark.parametrize(
    ("name", "resources", "kind"),
    [
        ("services", [SERVICES, KNATIVE], "v1 Service"),
        ("services", [KNATIVE, SERVICES], "v1 Service"),
        ("pods", [POD_METRICS], "v1 Pod"),
        ("pod", [POD_METRICS], "v1 Pod"),
        ("PodMetrics", [POD_METRICS], "metrics.k8s.io/v1beta1 PodMetrics"),
        ("pods.metrics.k8s.io", [POD_METRICS], "metrics.k8s.io/v1beta1 PodMetrics"),
        ("events", [EVENTS, NEWER_EVENTS], "v1 Event"),
        ("gateways.networking.istio.io", [ISTIO, GATEWAY_API], "networking.istio.io/v1 Gateway"),
        ("gw", [ISTIO, GATEWAY_API], "networking.istio.io/v1 Gateway"),
    ],
)
async def test_kinds_of_kubernetes_itself_come_first(
    operation: Operation, name: str, resources: list[Resource], kind: str
) -> None:
    assert await _resolve(operation, name, _cluster("alpha", *resources)) == {"alpha": kind}


async def test_an_older_group_of_kubernetes_itself_is_taken_where_there_is_no_newer_one(operation: Operation) -> None:
    old, new = _cluster("old", OLD_INGRESSES), _cluster("new", INGRESSES)

    assert await _resolve(operation, "ingresses", old, new) == {
        "old": "extensions/v1beta1 Ingress",
        "new": "networking.k8s.io/v1 Ingress",
    }


@pytest.mark.parametrize("clusters", [[[ISTIO, GATEWAY_API]], [[ISTIO], [GATEWAY_API]], [[ISTIO], [], [GATEWAY_API]]])
async def test_an_ambiguous_name_is_refused_with_the_candidates(
    operation: Operation, clusters: list[list[Resource]]
) -> None:
    fleet = [_cluster(f"c-{number}", *resources) for number, resources in enumerate(clusters)]

    with pytest.raises(BadUserInput) as caught:
        await _resolve(operation, "Gateway", *fleet)

    assert str(caught.value) == (
        "resource: 'Gateway' means several kinds here; pass gateways.gateway.networking.k8s.io or "
        "gateways.networking.istio.io as `resource`."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("applicatons", "did you mean applications.argoproj.io? The field `kinds` lists all that are served."),
        ("application.argo.io", "did you mean applications.argoproj.io?"),
        ("zebra", "No cluster serves a kind named 'zebra'; the field `kinds` lists all that are served."),
    ],
)
async def test_an_unknown_name_is_refused_with_near_ones(operation: Operation, name: str, words: str) -> None:
    with pytest.raises(UnknownKind) as caught:
        await _resolve(operation, name, _cluster("alpha", APPLICATIONS), _cluster("beta"))

    assert words in str(caught.value)


async def test_a_name_that_only_clusters_without_an_answer_may_know_is_not_unknown(operation: Operation) -> None:
    alpha, beta = _cluster("alpha"), _cluster("beta")
    assert isinstance(beta.sender, DiscoveryServer)
    beta.sender.error = Unreachable("beta", "no answer.")

    assert await _resolve(operation, "zebra", alpha, beta) == {
        "alpha": "cluster 'alpha': it serves no kind named 'zebra'.",
        "beta": "cluster 'beta': no answer.",
    }


async def test_of_no_cluster_nothing_is_refused(operation: Operation) -> None:
    assert await _resolve(operation, "zebra") == {}


async def test_a_kind_that_was_created_a_moment_ago_is_found(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)  # a second after the last read
    alpha = _cluster("alpha")
    await _resolve(operation, "pods", alpha)
    assert isinstance(alpha.sender, DiscoveryServer)
    alpha.sender.resources.append(APPLICATIONS)

    assert await _resolve(operation, "app", alpha) == {"alpha": "argoproj.io/v1alpha1 Application"}
    assert alpha.sender.reads == 2


async def test_apis_that_do_not_answer_are_named(operation: Operation) -> None:
    sender = DiscoveryServer([PODS, POD_METRICS], name="alpha", stale=["metrics.k8s.io/v1beta1"])
    alpha = FleetCluster("id", "alpha", {}, "", NOW, NOW, ClusterReader(sender), sender)
    resolved = await resolve_kinds(operation, [alpha, _cluster("beta", APPLICATIONS)], KindName("resource", "app"))

    assert str(resolved.errors[alpha]) == (
        "cluster 'alpha': it serves no kind named 'app' now; there is no answer from metrics.k8s.io/v1beta1."
    )


async def test_a_kind_with_its_api_version_is_that_one_alone(operation: Operation) -> None:
    alpha = _cluster("alpha", ISTIO, GATEWAY_API)
    beta = _cluster("beta", resource("gateways.v1beta1.networking.istio.io", "Gateway"))
    name = kind_name({"apiVersion": "networking.istio.io/v1", "kind": "Gateway"})

    resolved = await resolve_kinds(operation, [alpha, beta], name)

    assert _words(resolved) == {
        "alpha": "networking.istio.io/v1 Gateway",
        "beta": "cluster 'beta': it serves gateways.networking.istio.io in v1beta1, not in v1.",
    }
    assert isinstance(resolved.errors[beta], KindUnavailable)


@pytest.mark.parametrize(
    ("arguments", "is_versioned"),
    [
        ({"resource": "applications"}, False),
        ({"resource": "applications.argoproj.io"}, False),
        ({"resource": "applications.v1alpha1.argoproj.io"}, True),
        ({"kind": "Application"}, False),
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}, True),
    ],
)
async def test_a_version_is_a_part_of_some_names(
    operation: Operation, arguments: dict[str, object], is_versioned: bool
) -> None:
    alpha = _cluster("alpha", APPLICATIONS)

    resolved = await resolve_kinds(operation, [alpha], kind_name(arguments))

    assert (alpha in resolved.versioned) == is_versioned


async def test_a_name_with_a_version_is_asked_in_that_version(operation: Operation) -> None:
    alpha = _cluster("alpha", APPLICATIONS, resource("applications.v1alpha2.argoproj.io", "Application"))

    assert await _resolve(operation, "applications.v1alpha2.argoproj.io", alpha) == {
        "alpha": "argoproj.io/v1alpha2 Application"
    }
    assert await _resolve(operation, "applications.argoproj.io", alpha) == {"alpha": "argoproj.io/v1alpha1 Application"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "kind: pass `kind`, with `apiVersion` if several groups have it, or `resource`"),
        ({"apiVersion": "v1"}, "kind: pass `kind`, with `apiVersion` if several groups have it, or `resource`"),
        ({"resource": "pods", "kind": "Pod"}, "resource: pass either `resource`, or `kind` with `apiVersion`."),
        ({"resource": "pods", "apiVersion": "v1"}, "resource: pass either `resource`"),
        ({"resource": ""}, "resource: '' is invalid; use letters, digits, '-' and '.', such as \"deployments.apps\"."),
        ({"resource": "pods/status"}, "resource: 'pods/status' is invalid"),
        ({"resource": "po ds"}, "resource: 'po ds' is invalid"),
        ({"resource": "p" * 600}, "resource: 'ppp"),
        ({"kind": "Pod\n", "apiVersion": "v1"}, "kind: 'Pod\\n' is invalid"),
        ({"kind": "Pod", "apiVersion": "apps/"}, "apiVersion: 'apps/' is invalid; use a version, or a group and a"),
        ({"kind": "Pod", "apiVersion": "a/b/c"}, "apiVersion: 'a/b/c' is invalid"),
        ({"kind": "Pod", "apiVersion": ""}, "apiVersion: '' is invalid"),
        ({"kind": "Pod", "apiVersion": "../v1"}, "apiVersion: '../v1' is invalid"),
    ],
)
def test_names_that_no_kind_has_are_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(BadUserInput) as caught:
        kind_name(arguments)

    assert words in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_kind_without_an_api_version_is_taken_as_a_name() -> None:
    assert kind_name({"kind": "Deployment", "apiVersion": None}) == KindName("kind", "Deployment")


@pytest.mark.parametrize(
    ("arguments", "api_version"),
    [
        ({"resource": "horizontalpodautoscalers"}, "autoscaling/v2"),
        ({"resource": "horizontalpodautoscalers.autoscaling"}, "autoscaling/v2"),
        ({"resource": "horizontalpodautoscalers.v1.autoscaling"}, "autoscaling/v1"),
        ({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler"}, "autoscaling/v1"),
    ],
)
async def test_a_list_is_in_the_version_of_its_type_unless_the_name_has_one(
    operation: Operation, arguments: dict[str, object], api_version: str
) -> None:
    names = [f"horizontalpodautoscalers.{version}.autoscaling" for version in ("v1", "v2")]
    alpha = _cluster("alpha", *(resource(name, "HorizontalPodAutoscaler") for name in names))

    chosen = await choose_kinds(operation, kind_name(arguments), [alpha])

    assert [kind.api_version for kind in chosen.kinds[alpha]] == [api_version]


async def test_nobody_waits_for_a_cluster_without_the_kind_if_another_one_serves_it(operation: Operation) -> None:
    alpha, beta = _cluster("alpha", APPLICATIONS), _cluster("beta")
    assert isinstance(beta.sender, DiscoveryServer)
    await _resolve(operation, "app", alpha, beta)
    before, beta.served_cache.began_s = beta.served.known, -inf  # long ago
    beta.sender.resources.append(APPLICATIONS)

    again = await _resolve(operation, "app", alpha, beta)

    assert again["beta"] == "cluster 'beta': it serves no kind named 'app'."
    await until(lambda: beta.served.known is not before)
    assert (await _resolve(operation, "app", alpha, beta))["beta"] == "argoproj.io/v1alpha1 Application"


async def test_a_kind_that_no_cluster_is_known_to_serve_is_found_at_once(operation: Operation) -> None:
    alpha, beta = _cluster("alpha"), _cluster("beta")
    await _resolve(operation, "pods", alpha, beta)
    assert isinstance(beta.sender, DiscoveryServer)
    beta.sender.resources.append(APPLICATIONS)
    for cluster in (alpha, beta):
        cluster.served_cache.began_s = -inf

    assert (await _resolve(operation, "app", alpha, beta))["beta"] == "argoproj.io/v1alpha1 Application"


async def test_another_version_of_a_known_kind_is_no_unknown_kind(operation: Operation) -> None:
    clusters = [_cluster("alpha", APPLICATIONS), _cluster("beta")]

    resolved = await resolve_kinds(operation, clusters, KindName("kind", "Application", "argoproj.io/v9"))

    assert _words(resolved) == {
        "alpha": "cluster 'alpha': it serves applications.argoproj.io in v1alpha1, not in v9.",
        "beta": "cluster 'beta': it serves no kind named 'argoproj.io/v9 Application'.",
    }


async def test_a_kind_of_an_api_that_has_stopped_is_still_known(operation: Operation) -> None:
    cluster, other = _cluster("alpha", POD_METRICS), _cluster("beta")
    assert isinstance(cluster.sender, DiscoveryServer)
    await cluster.served.current(Deadline(10))
    cluster.sender.silent.add("metrics.k8s.io/v1beta1")
    await cluster.served.reread(Deadline(10))

    assert await _resolve(operation, "PodMetrics", cluster, other) == {
        "alpha": "metrics.k8s.io/v1beta1 PodMetrics",
        "beta": "cluster 'beta': it serves no kind named 'PodMetrics'.",
    }


async def test_an_unknown_kind_may_be_one_of_an_api_that_does_not_answer(operation: Operation) -> None:
    cluster = _cluster("alpha", POD_METRICS)
    assert isinstance(cluster.sender, DiscoveryServer)
    cluster.sender.silent.add("metrics.k8s.io/v1beta1")

    with pytest.raises(UnknownKind) as raised:
        await _resolve(operation, "NodeMetrics", cluster, _cluster("beta"))

    assert str(raised.value) == (
        "No cluster serves a kind named 'NodeMetrics' now; there is no answer from metrics.k8s.io/v1beta1; "
        "the field `kinds` lists all that are served."
    )

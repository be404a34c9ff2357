"""Names of kinds, as kubectl takes them."""

import pytest

from k8s.apiserver.discovery import read_served
from k8s.apiserver.served import Served, ServedKind, ServedVersion
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.transport.deadline import Deadline
from tests.k8s.apiserver.discoveryserver import DiscoveryServer, Resource, resource

RESOURCES = [
    resource("pods.v1", "Pod", short_names=["po"]),
    resource("events.v1", "Event", short_names=["ev"]),
    resource("services.v1", "Service", short_names=["svc"]),
    resource("endpoints.v1", "Endpoints"),
    resource("deployments.v1.apps", "Deployment", short_names=["deploy"]),
    resource("deployments.v1beta1.apps", "Deployment", short_names=["deploy"]),
    resource("events.v1.events.k8s.io", "Event", short_names=["ev"]),
    resource("ingresses.v1.networking.k8s.io", "Ingress", short_names=["ing"]),
    resource("storageclasses.v1.storage.k8s.io", "StorageClass", short_names=["sc"]),
    resource("applications.v1alpha1.argoproj.io", "Application", short_names=["app", "apps"]),
    resource("gateways.v1.gateway.networking.k8s.io", "Gateway", short_names=["gtw"]),
    resource("gateways.v1.networking.istio.io", "Gateway", short_names=["gw"]),
    resource("services.v1.serving.knative.dev", "Service", short_names=["kservice", "ksvc"]),
    resource("po.v1.acme.io", "Podium", singular="podium"),
    resource("things.v1.acme.io", "ThingKind", singular="thing"),
]


@pytest.fixture
async def served() -> Served:
    return await read_served(DiscoveryServer(RESOURCES), Deadline(10))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("deployments", ["deployments.apps"]),
        ("deployment", ["deployments.apps"]),
        ("Deployment", ["deployments.apps"]),
        ("DEPLOYMENTS", ["deployments.apps"]),
        ("dEployMent", ["deployments.apps"]),
        ("deploy", ["deployments.apps"]),
        ("Deploy", []),
        ("deploys", []),
        ("deployments.apps", ["deployments.apps"]),
        ("deploy.apps", ["deployments.apps"]),
        ("Deployment.apps", ["deployments.apps"]),
        ("deployments.v1.apps", ["deployments.apps"]),
        ("Deployment.v1beta1.apps", ["deployments.apps"]),
        ("deploy.v1.apps", ["deployments.apps"]),
        ("deployments.v2.apps", []),
        ("deployments.batch", []),
        ("applications.argoproj.io", ["applications.argoproj.io"]),
        ("applications.argoproj", ["applications.argoproj.io"]),
        ("app", ["applications.argoproj.io"]),
        ("storageclass.storage", ["storageclasses.storage.k8s.io"]),
        ("sc.storage", ["storageclasses.storage.k8s.io"]),
        ("ingresses.networking.k8s.io", ["ingresses.networking.k8s.io"]),
        ("events", ["events", "events.events.k8s.io"]),
        ("ev", ["events", "events.events.k8s.io"]),
        ("events.events.k8s.io", ["events.events.k8s.io"]),
        ("gateways", ["gateways.gateway.networking.k8s.io", "gateways.networking.istio.io"]),
        ("gw", ["gateways.networking.istio.io"]),
        ("gateway.networking.istio.io", ["gateways.networking.istio.io"]),
        ("gateways.gateway", ["gateways.gateway.networking.k8s.io"]),
        ("svc", ["services"]),
        ("service", ["services", "services.serving.knative.dev"]),
        ("services.serving.knative.dev", ["services.serving.knative.dev"]),
        ("po", ["po.acme.io"]),
        ("endpoints", ["endpoints"]),
        ("thing", ["things.acme.io"]),
        ("ThingKind", ["things.acme.io"]),
        ("thingkind", ["things.acme.io"]),
        ("thingKind", []),
        ("", []),
        (".", []),
        ("pods.", ["pods"]),
        ("pods/status", []),
        ("*", []),
    ],
)
def test_a_name_means_the_same_kinds_as_for_kubectl(served: Served, name: str, meant: list[str]) -> None:
    assert [str(kind) for kind in served.named(name)] == meant


def test_a_name_with_a_version_means_that_version(served: Served) -> None:
    def versions(name: str) -> list[tuple[str, str | None]]:
        return [(str(kind), version) for kind, version in served.meant(name)]

    assert versions("deployments.v1beta1.apps") == [("deployments.apps", "v1beta1")]
    assert versions("deployments.apps") == [("deployments.apps", None)]
    assert versions("gateways.gateway.networking.k8s.io") == [("gateways.gateway.networking.k8s.io", None)]


def test_a_kind_is_found_by_its_group_and_name_in_each_of_its_versions(served: Served) -> None:
    deployment = served.find("apps", "Deployment")

    assert deployment is not None
    assert deployment.kind() == Kind("apps", "v1", "Deployment", "deployments")
    assert deployment.kind("v1beta1") == Kind("apps", "v1beta1", "Deployment", "deployments")
    with pytest.raises(ValueError, match=r"deployments\.apps is not served in 'v2'"):
        deployment.kind("v2")
    assert served.find("apps", "deployment") is served.find("batch", "Deployment") is None


async def test_the_preferred_version_comes_first_then_newer_ones_and_stale_ones_last() -> None:
    versions = ["v1beta1", "v1alpha1", "v3", "v2", "v1", "v1beta2"]
    resources = [resource(f"geese.{version}.acme.io", "Goose") for version in versions]

    served = await read_served(DiscoveryServer(resources, stale=["acme.io/v3"]), Deadline(10))

    (goose,) = served.kinds
    assert [version.version for version in goose.versions] == ["v1beta1", "v2", "v1", "v1beta2", "v1alpha1", "v3"]
    assert (goose.is_stale, served.failed) == (False, {"acme.io/v3": "its server does not answer"})


async def test_a_stale_group_keeps_its_kinds_and_marks_them() -> None:
    resources = [resource("geese.v1.acme.io", "Goose"), resource("pods.v1", "Pod")]

    served = await read_served(DiscoveryServer(resources, stale=["acme.io/v1"]), Deadline(10))

    assert [(str(kind), kind.is_stale) for kind in served.kinds] == [("pods", False), ("geese.acme.io", True)]


async def test_only_kinds_with_the_verb_list_are_listed_each_in_one_version() -> None:
    old, new = Kind("", "v1", "Binding", "bindings"), Kind("acme.io", "v2", "Goose", "geese")
    resources = [
        Resource(kind=old, verbs=["create"]),
        Resource(kind=new, verbs=["create"]),
        Resource(kind=Kind("acme.io", "v1", "Goose", "geese")),
        Resource(kind=POD),
    ]

    served = await read_served(DiscoveryServer(resources), Deadline(10))

    assert len(served.kinds) == 3
    assert [*served.listed()] == [POD, Kind("acme.io", "v1", "Goose", "geese")]


def _served(*kinds: ServedKind, failed: str = "") -> Served:
    return Served(kinds, dict.fromkeys(failed.split(), "its server does not answer"))


def _kind(name: str, *versions: str, group: str = "acme.io") -> ServedKind:
    served = tuple(ServedVersion(version, ("get", "list"), ()) for version in versions)
    return ServedKind(group, name, f"{name.lower()}s", name.lower(), True, (), (), served)


async def test_kinds_of_silent_versions_are_those_of_before() -> None:
    before = _served(
        _kind("Duck", "v1", "v2"), _kind("Goose", "v1"), _kind("Swan", "v2"), _kind("Crow", "v1", group="")
    )

    now = await _served(_kind("Duck", "v2"), failed="acme.io/v1").with_silent(before, most_kinds=100)

    found = {kind.name: (kind.is_stale, [(one.version, one.is_stale) for one in kind.versions]) for kind in now.kinds}
    assert found == {"Duck": (False, [("v2", False), ("v1", True)]), "Goose": (True, [("v1", True)])}
    goose = now.find("acme.io", "Goose")
    assert goose is not None
    assert now.named("geese.acme.io") == ()
    assert now.named("gooses.acme.io") == (goose,)


async def test_without_silent_versions_nothing_is_remembered() -> None:
    before, now = _served(_kind("Duck", "v1")), _served(failed="other.io/v1")

    assert await now.with_silent(before, most_kinds=100) is now
    assert (await _served().with_silent(before, most_kinds=100)).kinds == ()


async def test_a_server_with_other_groups_each_time_is_not_remembered_for_ever() -> None:
    known, failed = Served(()), dict[str, str]()
    for number in range(10):
        kinds = tuple(_kind(f"Duck{place}", "v1", group=f"acme{number}.io") for place in range(5))

        known = await Served(kinds, dict(failed)).with_silent(known, most_kinds=12)

        assert known.kinds[:5] == kinds
        assert len(known.kinds) <= 12
        failed[f"acme{number}.io/v1"] = "its server does not answer"


async def test_what_is_remembered_stays_for_equal_documents() -> None:
    before, now = _served(_kind("Duck", "v1")), _served(failed="acme.io/v1")

    first = await now.with_silent(before, most_kinds=100)

    assert await now.with_silent(first, most_kinds=100) is first
    assert (await _served(failed="acme.io/v1").with_silent(first, most_kinds=100)).kinds == first.kinds

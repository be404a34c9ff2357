"""The kinds of a server, as old and new servers list them."""

import json
from collections.abc import Mapping

import pytest

from k8s.apiserver.discovery import read_served
from k8s.errors import (
    AnswerTooLarge,
    BrokenOff,
    ClusterError,
    NotConnected,
    ProtocolBroken,
    ResourceNotFound,
    ServerFailed,
    TimedOut,
    Unauthenticated,
)
from k8s.kinds.builtin import BUILT_IN, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, POD
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.controlplane.cluster import Cluster
from tests.graph.fleets import connection_to

LISTED = ["get", "list", "watch"]
GOOSE = Kind("acme.io", "v2", "Goose", "geese")


class Server:
    """A server that answers paths with documents."""

    name = "made"

    def __init__(self, documents: Mapping[str, object]) -> None:
        self.documents = documents
        self.paths: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.paths.append(call.path)
        if call.path not in self.documents:
            raise ServerFailed(self.name, "it answered HTTP 503.", status=503)
        document = self.documents[call.path]
        if isinstance(document, ClusterError):
            raise document
        return document if isinstance(document, bytes) else json.dumps(document).encode()


def _resource(kind: Kind, *, verbs: list[str] = LISTED) -> object:
    return {
        "resource": kind.plural,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "verbs": verbs,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
    }


def _group(name: str, versions: Mapping[str, list[object]], **more: object) -> object:
    version_documents = [
        {"version": version, "resources": resources, **more} for version, resources in versions.items()
    ]
    return {"metadata": {"name": name} if name else {}, "versions": version_documents}


def _aggregated(*groups: object) -> object:
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": list(groups)}


async def test_aggregated_discovery() -> None:
    binding = Kind("", "v1", "Binding", "bindings")
    server = Server(
        {
            "/api": _aggregated(_group("", {"v1": [_resource(POD), _resource(binding, verbs=["create"])]})),
            "/apis": _aggregated(_group("acme.io", {"v2": [_resource(GOOSE)]})),
        }
    )

    served = await read_served(server, Deadline(10))

    assert ([*served.listed()], served.failed, server.paths) == ([POD, GOOSE], {}, ["/api", "/apis"])


async def test_each_resource_is_listed_in_one_version() -> None:
    older = Kind("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
    old_goose = Kind("acme.io", "v1", "Goose", "geese")
    usual = HORIZONTAL_POD_AUTOSCALER
    server = Server(
        {
            "/api": _aggregated(),
            "/apis": _aggregated(
                _group("autoscaling", {"v1": [_resource(older)], "v2": [_resource(usual)]}),
                _group("acme.io", {"v2": [_resource(GOOSE)], "v1": [_resource(old_goose)]}),
            ),
        }
    )

    assert [*(await read_served(server, Deadline(10))).listed()] == [usual, GOOSE]


async def test_a_group_whose_server_is_down_is_named() -> None:
    stale = _group("metrics.k8s.io", {"v1beta1": []}, freshness="Stale")
    server = Server({"/api": _aggregated(), "/apis": _aggregated(stale)})

    assert (await read_served(server, Deadline(10))).failed == {"metrics.k8s.io/v1beta1": "its server does not answer"}


@pytest.mark.parametrize(
    "documents",
    [
        {"/api": {"kind": "APIGroupDiscoveryList", "items": None}, "/apis": _aggregated(_group("acme.io", {}))},
        {
            "/api": _aggregated({"metadata": None, "versions": None}),
            "/apis": _aggregated({"versions": [{"version": "v1"}]}),
        },
        {
            "/api": _aggregated({"versions": [{"version": "v1", "resources": None, "freshness": None}]}),
            "/apis": _aggregated({"versions": [{"version": "v1", "resources": [{"verbs": None, "scope": None}]}]}),
        },
        {"/api": {"kind": None, "versions": None}, "/apis": {"kind": "APIGroupList", "groups": None}},
        {
            "/api": {"versions": ["v1"]},
            "/api/v1": {"kind": "APIResourceList", "resources": None},
            "/apis": {
                "groups": [{"name": "apps", "versions": None}, {"name": "acme.io", "versions": [{"version": "v2"}]}]
            },
            "/apis/acme.io/v2": {"resources": [{"name": "geese", "kind": "Goose", "namespaced": None, "verbs": None}]},
        },
    ],
)
async def test_null_is_as_good_as_nothing(documents: Mapping[str, object]) -> None:
    served = await read_served(Server(documents), Deadline(10))

    assert ([*served.listed()], served.failed) == ([], {})


async def test_servers_before_aggregated_discovery() -> None:
    def plain(kind: Kind, *, verbs: list[str] = LISTED) -> dict[str, object]:
        return {"name": kind.plural, "kind": kind.name, "namespaced": kind.namespaced, "verbs": verbs}

    status = {**plain(POD), "name": "pods/status"}
    server = Server(
        {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/api/v1": {"resources": [plain(POD), status]},
            "/apis": {
                "kind": "APIGroupList",
                "groups": [
                    {"name": "apps", "versions": [{"version": "v1"}]},
                    {"name": "gone.io", "versions": [{"version": "v1"}]},
                ],
            },
            "/apis/apps/v1": {"resources": [plain(DEPLOYMENT)]},
        }
    )

    served = await read_served(server, Deadline(10))

    assert ([*served.listed()], served.failed) == ([POD, DEPLOYMENT], {"gone.io/v1": "its server does not answer"})


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ServerFailed("made", "HTTP 503.", status=503), "its server does not answer"),
        (Unauthenticated("made", "HTTP 401.", status=401), "its server does not answer"),
        (ResourceNotFound("made", "HTTP 404.", status=404), "it is gone"),
        (TimedOut("made", "no complete answer."), "its server does not answer"),
        (BrokenOff("made", "the connection broke off."), "its server does not answer"),
        (ProtocolBroken("made", "its answer is not JSON."), "its server sends no list of kinds"),
        (AnswerTooLarge("made", "too large."), "its server sends a list of kinds that is too large"),
        (b"[1]", "its server sends no list of kinds"),
        (b'{"resources": [1]}', "its server sends no list of kinds"),
        (b'{"resources": 1}', "its server sends no list of kinds"),
        (b"", "its server sends no list of kinds"),
    ],
)
async def test_a_group_of_an_older_server_that_fails_is_named_and_left_out(
    error: ClusterError | bytes, cause: str
) -> None:
    server = _older({"apps": DEPLOYMENT, "metrics.k8s.io": error})

    served = await read_served(server, Deadline(10))

    assert ([*served.listed()], served.failed) == ([POD, DEPLOYMENT], {"metrics.k8s.io/v1": cause})


async def test_nothing_in_a_list_is_an_empty_list_as_in_go() -> None:
    nothing = {"/api": {"versions": None}, "/apis": {"groups": None}}
    groups = [{"name": "a.io", "versions": None}, {"name": "b.io", "versions": [{"version": "v1"}]}]
    older = {"/api": {"versions": None}, "/apis": {"groups": groups}, "/apis/b.io/v1": {"resources": None}}
    newer = {"/api": _aggregated(), "/apis": {"kind": "APIGroupDiscoveryList", "items": [_group("b.io", {"v1": None})]}}  # type: ignore[dict-item]  # as Go writes it

    for documents in (nothing, older, newer):
        served = await read_served(Server(documents), Deadline(10))
        assert (served.kinds, served.failed) == ((), {})


async def test_a_server_of_which_no_group_answers_has_failed() -> None:
    with pytest.raises(TimedOut):
        await read_served(
            _older({"apps": TimedOut("made", "no"), "metrics.k8s.io": TimedOut("made", "no")}), Deadline(10)
        )


async def test_without_a_connection_no_group_is_left_out() -> None:
    with pytest.raises(NotConnected):
        await read_served(_older({"apps": DEPLOYMENT, "metrics.k8s.io": NotConnected("made", "no")}), Deadline(10))


async def test_a_group_that_hangs_leaves_time_for_those_that_wait_for_its_connection() -> None:
    asked: dict[str, float] = {}

    class Hanging(Server):
        async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            asked[call.path] = deadline.left_s
            return await super().send(call, deadline)

    await read_served(Hanging(_older({"apps": DEPLOYMENT}).documents), Deadline(10))

    assert asked["/apis/apps/v1"] <= 5 < asked["/apis"]


def _older(groups: Mapping[str, Kind | ClusterError | bytes]) -> Server:
    """Returns a server before Kubernetes 1.27 whose groups have a kind, fail, or send something else."""

    def answer(value: Kind | ClusterError | bytes) -> object:
        if not isinstance(value, Kind):
            return value
        resource = {"name": value.plural, "kind": value.name, "namespaced": value.namespaced, "verbs": LISTED}
        return {"resources": [resource]}

    versions = [{"name": name, "versions": [{"version": "v1"}]} for name in groups]
    documents: dict[str, object] = {
        "/api": {"versions": ["v1"]},
        "/api/v1": answer(POD),
        "/apis": {"groups": versions},
        **{f"/apis/{name}/v1": answer(value) for name, value in groups.items()},
    }
    return Server(documents)


@pytest.mark.parametrize("plural", ["../secrets", "pods/status", "a?b", "A", ""])
async def test_a_name_that_would_lead_elsewhere_is_left_out(plural: str) -> None:
    evil = Kind("acme.io", "v1", "Evil", plural)
    server = Server({"/api": _aggregated(), "/apis": _aggregated(_group("acme.io", {"v1": [_resource(evil)]}))})

    assert (await read_served(server, Deadline(10))).kinds == ()


async def test_something_else_is_refused() -> None:
    with pytest.raises(ProtocolBroken, match="its list of the kinds that it serves is invalid"):
        await read_served(Server({"/api": [1]}), Deadline(10))


@pytest.mark.controlplane
async def test_a_real_api_server(alpha: Cluster) -> None:
    connection = connection_to(alpha)

    served = await read_served(connection, Deadline(10))

    await connection.close()
    assert {POD, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER} <= set(served.listed())
    groups_and_plurals = [(kind.group, kind.plural) for kind in served.listed()]
    assert len(set(groups_and_plurals)) == len(groups_and_plurals)
    usual = {(kind.group, kind.plural): kind for kind in BUILT_IN}
    different = {kind for kind in served.listed() if (kind.group, kind.plural) in usual} - set(BUILT_IN)
    assert different == set()


async def test_kinds_beyond_the_limit_are_left_out_and_counted() -> None:
    resources = [_resource(Kind("acme.io", "v1", f"Kind{number}", f"kind{number}")) for number in range(20_000)]
    server = Server(
        {
            "/api": _aggregated(_group("", {"v1": [_resource(POD)]})),
            "/apis": _aggregated(_group("acme.io", {"v1": resources})),
        }
    )

    served = await read_served(server, Deadline(10), most_kinds=10_000)

    assert (len(served.kinds), served.kinds[0].kind(), served.kinds[-1].name) == (10_000, POD, "Kind9998")
    assert served.problems == ("it serves 20001 kinds; the limit is 10000 (FLEETGRAPH_MAX_SERVED_KINDS).",)


async def test_a_list_with_too_many_values_names_its_size() -> None:
    values: list[list[int]] = [[]] * 1_400_000

    with pytest.raises(AnswerTooLarge, match=r"has 5\.\d MiB, and more values than are decoded at once;"):
        await read_served(Server({"/api": {"kind": "APIGroupDiscoveryList", "unknown": values}}), Deadline(10))


async def test_a_server_whose_aggregated_document_is_too_large_is_asked_group_by_group() -> None:
    older = _older({"apps": DEPLOYMENT}).documents

    class Large(Server):
        async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            if call.path == "/apis" and "apidiscovery" in call.accept:
                self.paths.append("aggregated")
                raise AnswerTooLarge(self.name, "its answer is larger than 8 MiB.")
            return await super().send(call, deadline)

    server = Large({**older, "/api": _aggregated(_group("", {"v1": [_resource(POD)]}))})

    assert [*(await read_served(server, Deadline(10))).listed()] == [POD, DEPLOYMENT]
    assert server.paths == ["/api", "aggregated", "/apis", "/apis/apps/v1"]


async def test_of_too_many_versions_only_the_first_are_asked_for_their_kinds() -> None:
    groups = [{"name": f"group-{number}.io", "versions": [{"version": "v1"}]} for number in range(2100)]
    answers: dict[str, object] = {f"/apis/group-{number}.io/v1": {"resources": []} for number in range(2100)}
    server = Server({"/api": {"versions": []}, "/apis": {"groups": groups}, **answers})

    served = await read_served(server, Deadline(10))

    assert server.paths == ["/api", "/apis", *(f"/apis/group-{number}.io/v1" for number in range(2000))]
    assert served.problems == ("it serves more than 2000 API versions; the others are not asked for their kinds.",)


async def test_five_thousand_custom_resources_are_within_all_bounds() -> None:
    """Groups and names are as long as those of large operators."""
    groups = [
        _group(
            f"service-{group:03}.aws.provider.example.com",
            {
                "v1": [
                    _resource(Kind("g", "v1", f"LongNameOfAResource{n}", f"longnameofaresource{n}s")) for n in range(25)
                ]
            },
        )
        for group in range(200)
    ]

    served = await read_served(Server({"/api": _aggregated(), "/apis": _aggregated(*groups)}), Deadline(10))

    assert (len(served.kinds), served.problems) == (5000, ())

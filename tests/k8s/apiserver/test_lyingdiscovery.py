"""Discovery that lies: an entry costs only itself, and a line in `problems`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.apiserver.discovery import read_served
from k8s.apiserver.served import Served
from k8s.errors import ProtocolBroken
from k8s.kinds.builtin import POD, SECRET
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from resolvers.messages.language import Language
from resolvers.messages.translation import translated
from tests.k8s.apiserver.discoveryserver import Resource, resource
from tests.otherturns import turns_during

PODS, GEESE = Resource(kind=POD), resource("geese.v1.acme.io", "Goose", short_names=["gs"])


class LyingServer:
    """A server that sends given groups below `/api` and `/apis`, or answers paths with documents."""

    name = "liar"

    def __init__(self, *groups: object, core: object = None, documents: Mapping[str, object] | None = None) -> None:
        core = _group("", {"v1": [PODS]}) if core is None else core
        self.documents = documents or {
            "/api": {"kind": "APIGroupDiscoveryList", "items": [core]},
            "/apis": {"kind": "APIGroupDiscoveryList", "items": [*groups]},
        }
        self.paths: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.paths.append(call.path)
        return json.dumps(self.documents[call.path]).encode("utf-8", "surrogatepass")


def _group(name: str, versions: Mapping[str, list[Resource]]) -> dict[str, object]:
    documents = [{"version": name, "resources": [one.aggregated() for one in all_]} for name, all_ in versions.items()]
    return {"metadata": {"name": name}, "versions": documents}


def _kind(plural: str, kind: str, group: str = "acme.io", version: str = "v1", *, namespaced: bool = True) -> Resource:
    return Resource(kind=Kind(group, version, kind, plural, namespaced=namespaced))


async def _read(*groups: object, core: object = None) -> Served:
    return await read_served(LyingServer(*groups, core=core), Deadline(10))


def _kinds(served: Served) -> list[str]:
    return [f"{kind} {kind.name} {','.join(version.version for version in kind.versions)}" for kind in served.kinds]


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        (_kind("geese/status", "Other"), "acme.io/v1 'geese/status': its name is no resource name."),
        (_kind("../secrets", "Other"), "acme.io/v1 '../secrets': its name is no resource name."),
        (_kind("..", "Other"), "acme.io/v1 '..': its name is no resource name."),
        (_kind("", "Other"), "acme.io/v1 '': its name is no resource name."),
        (_kind("Others", "Other"), "acme.io/v1 'Others': its name is no resource name."),
        (_kind("a?watch=1", "Other"), "acme.io/v1 'a?watch=1': its name is no resource name."),
        (_kind("o" * 64, "Other"), f"acme.io/v1 '{'o' * 60}...': its name is no resource name."),
        (_kind("others", ""), "acme.io/v1 'others': its kind '' is no name of a kind."),
        (_kind("others", "Oth/er"), "acme.io/v1 'others': its kind 'Oth/er' is no name of a kind."),
        (_kind("others", "1Other"), "acme.io/v1 'others': its kind '1Other' is no name of a kind."),
        (_kind("others", "Öther"), "acme.io/v1 'others': its kind 'Öther' is no name of a kind."),
        (_kind("others", "Other\n"), "acme.io/v1 'others': its kind 'Other\\n' is no name of a kind."),
        (_kind("geese", "Other"), "acme.io/v1 'geese': it is also the plural of Goose."),
        (_kind("others", "Goose"), "acme.io/v1 'others': the kind Goose is also served as geese."),
        (_kind("others", "GOOSE"), "acme.io/v1 'others': the kind GOOSE differs from Goose in case only."),
        (_kind("geese", "gOOse"), "acme.io/v1 'geese': the kind gOOse differs from Goose in case only."),
        (_kind("geese", "Goose"), "acme.io/v1 'geese': it is listed twice."),
        (_kind("geese", "Goose", namespaced=False), "acme.io/v1 'geese': only some of its versions have namespaces."),
    ],
)
async def test_an_entry_that_lies_costs_only_itself(lie: Resource, problem: str) -> None:
    served = await _read(_group("acme.io", {"v1": [GEESE, lie, _kind("ducks", "Duck")]}))

    assert _kinds(served) == ["pods Pod v1", "geese.acme.io Goose v1", "ducks.acme.io Duck v1"]
    assert served.problems == (problem,)


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        (_kind("secrets", "Pod", ""), "v1 'secrets': Kubernetes' own Pod is served as pods."),
        (_kind("pods", "Secret", ""), "v1 'pods': Kubernetes' own Secret is served as secrets."),
        (_kind("secrets", "Harmless", ""), "v1 'secrets': Kubernetes' own Secret is served as secrets."),
    ],
)
async def test_a_built_in_kind_has_no_other_name(lie: Resource, problem: str) -> None:
    served = await _read(core=_group("", {"v1": [lie, PODS, Resource(kind=SECRET)]}))

    assert _kinds(served) == ["pods Pod v1", "secrets Secret v1"]
    assert served.problems == (problem,)


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        (_group("a/b", {"v1": [GEESE]}), "'a/b/v1' is no API version."),
        (_group("a..b", {"v1": [GEESE]}), "'a..b/v1' is no API version."),
        (_group("x.io", {"../v1": [GEESE]}), "'x.io/../v1' is no API version."),
        (_group("x.io", {"": [GEESE]}), "'x.io/' is no API version."),
        (_group("acme.io", {"v2": [GEESE]}), "the group 'acme.io' is listed twice."),
        (_group("", {"v1": [_kind("nodes", "Node", "")]}), "the group '' is listed twice."),
        ({"metadata": {"name": 1}}, "group 2 in its list of kinds is invalid or too large."),
        ({"versions": "v1"}, "group 2 in its list of kinds is invalid or too large."),
        ("x.io", "group 2 in its list of kinds is invalid or too large."),
        (
            {"metadata": {"name": "x.io"}, "versions": [{"version": "v1", "resources": [{"verbs": "list"}]}]},
            "group 2 in its list of kinds is invalid or too large.",
        ),
    ],
)
async def test_a_group_that_lies_costs_only_itself(lie: object, problem: str) -> None:
    served = await _read(_group("acme.io", {"v1": [GEESE]}), lie)

    assert _kinds(served) == ["pods Pod v1", "geese.acme.io Goose v1"]
    assert served.problems == (problem,)


async def test_a_group_in_the_place_of_the_core_group_is_left_out() -> None:
    served = await _read(_group("acme.io", {"v1": [GEESE]}), core=_group("apps", {"v1": [_kind("secrets", "Pod")]}))

    assert _kinds(served) == ["geese.acme.io Goose v1"]
    assert served.problems == ("the group 'apps' is listed in the wrong place.",)


async def test_a_version_that_is_listed_twice_counts_once() -> None:
    group = _group("acme.io", {"v1": [GEESE]})
    versions = group["versions"]
    assert isinstance(versions, list)
    versions *= 2

    served = await _read(group)

    assert _kinds(served) == ["pods Pod v1", "geese.acme.io Goose v1"]
    assert served.problems == ("the API version acme.io/v1 is listed twice.",)


async def test_of_many_versions_some_are_left_out() -> None:
    served = await _read(_group("acme.io", {f"v{number}": [GEESE] for number in range(1, 1000)}))

    assert len(served.kinds[1].versions) == 64
    assert served.problems == ("the group 'acme.io' has more than 64 versions.",)


async def test_names_that_are_no_words_are_left_out_of_an_entry() -> None:
    lie = Resource(
        kind=GEESE.kind,
        singular="go/ose",
        short_names=["gs", "g/s", "", "gs", *(f"g{number}" for number in range(100_000))],
        categories=["all", "../all"],
        verbs=["list", "LIST", "exec me", "list"],
        subresources=["status", "../status"],
    )

    (_, goose) = (await _read(_group("acme.io", {"v1": [lie]}))).kinds

    assert (goose.singular, goose.short_names[:2], len(goose.short_names)) == ("goose", ("gs", "g0"), 61)
    assert (goose.categories, goose.versions[0].verbs, goose.versions[0].subresources) == (
        ("all",),
        ("list",),
        ("status",),
    )


async def test_external_metrics_are_no_lies() -> None:
    """Each metric is a resource without lists, all of them of one kind (`external.metrics.k8s.io`)."""
    names = ["queue-length", "queue_age", "Requests"]
    metrics = [replace(_kind(name, "ExternalMetricValueList"), verbs=["get"]) for name in names]

    served = await _read(_group("external.metrics.k8s.io", {"v1beta1": metrics}))

    assert _kinds(served) == ["pods Pod v1", "queue-length.external.metrics.k8s.io ExternalMetricValueList v1beta1"]
    assert served.problems == ()


async def test_many_lies_are_counted() -> None:
    served = await _read(_group("acme.io", {"v1": [_kind(f"a/{number}", "A") for number in range(10_000)]}))

    assert len(served.problems) == 101
    assert served.problems[-1] == "other entries left out for such reasons: 9900."


async def test_a_document_that_is_no_list_of_groups_is_refused() -> None:
    with pytest.raises(ProtocolBroken):
        await read_served(LyingServer(documents={"/api": {"items": 5}}), Deadline(10))


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("v1/../../secrets", "'acme.io/v1/../../secrets' is no API version."),
        ("", "'acme.io/' is no API version."),
        ("v1?x=1", "'acme.io/v1?x=1' is no API version."),
    ],
)
async def test_versions_of_older_servers_that_lead_elsewhere_are_not_asked(version: str, problem: str) -> None:
    groups = [{"name": "acme.io", "versions": [{"version": version}, {"version": "v1"}]}]
    server = LyingServer(
        documents={
            "/api": {"versions": []},
            "/apis": {"groups": groups},
            "/apis/acme.io/v1": {"resources": [{"name": "geese", "kind": "Goose", "verbs": ["list"]}]},
        }
    )

    served = await read_served(server, Deadline(10))

    assert server.paths == ["/api", "/apis", "/apis/acme.io/v1"]
    assert (_kinds(served), served.problems) == (["geese.acme.io Goose v1"], (problem,))


TEXTS = st.sampled_from(["geese", "Goose", "v1", "acme.io", "", "/", "..", "a" * 70, "gs", "é", "\ud800", "list"])
JUNK = st.recursive(st.none() | st.booleans() | st.integers(-2, 2) | TEXTS, lambda inner: st.lists(inner, max_size=3))


def _entries(names: Callable[[], st.SearchStrategy[object]]) -> st.SearchStrategy[object]:
    kind = st.fixed_dictionaries({}, optional={"kind": names(), "group": names()})
    fields = {"resource": names(), "responseKind": kind, "scope": names(), "singularResource": names()}
    lists = {"verbs": st.lists(names(), max_size=3), "shortNames": st.lists(names(), max_size=3)}
    resources = st.lists(st.fixed_dictionaries({}, optional=fields | lists), max_size=4)
    version = st.fixed_dictionaries({}, optional={"version": names(), "resources": resources, "freshness": names()})
    group = {
        "metadata": st.fixed_dictionaries({}, optional={"name": names()}),
        "versions": st.lists(version, max_size=3),
    }
    return st.fixed_dictionaries({}, optional=group)


@given(groups=st.lists(_entries(lambda: TEXTS) | _entries(lambda: JUNK) | JUNK, max_size=4))
async def test_whatever_a_server_lists_its_other_kinds_are_there_and_each_has_a_path(groups: list[object]) -> None:
    served = await _read(*groups, _group("last.io", {"v1": [_kind("ducks", "Duck")]}))

    assert served.find("", "Pod") is not None
    assert served.find("last.io", "Duck") is not None
    places = [(kind.group, kind.plural) for kind in served.kinds]
    names = [(kind.group, kind.name.lower()) for kind in served.kinds]
    assert (len({*places}), len({*names})) == (len(places), len(names))
    for kind in served.kinds:
        for version in kind.versions:
            assert list_path(kind.kind(version.version)).count("/") == (5 if kind.group else 4) - 1
    for line in served.problems:
        assert len(line) < 300
        assert translated(line, Language.CHINESE) != line, line


async def test_other_work_goes_on_while_many_kinds_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [
        _group(f"group-{number}.example.com", {"v1": [_kind(f"geese{n}", f"Goose{n}") for n in range(10)]})
        for number in range(100)
    ]

    assert await turns_during(lambda: _read(*groups), monkeypatch) > 1000

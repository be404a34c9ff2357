"""Learning from a cluster: only what has changed is read, and a stranger's documents cost no more than their kinds."""

import json
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from k8s.errors import (
    AnswerTooLarge,
    ClusterError,
    Forbidden,
    Invalid,
    ProtocolBroken,
    ResourceNotFound,
    ServerFailed,
    StatusError,
    TimedOut,
    TlsFailed,
    Unauthenticated,
    Unreachable,
)
from k8s.schemas.clustertypes import ClusterTypes
from k8s.schemas.learning import learn
from k8s.schemas.limits import SchemaLimits
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.messages.language import Language
from resolvers.messages.translation import translated

TEXT: Final = {"type": "string"}
CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ACME: Final = "/openapi/v3/apis/acme.io/v1"
REDIRECT: Final = ProtocolBroken("made", "it answered a redirect (HTTP 301).")
NO_CRDS: Final[Mapping[str, object]] = {"metadata": {}, "items": []}

Answer = object | Callable[[Call], object]


class Server:
    """A server that answers paths with documents, errors, or what a function returns."""

    name = "made"

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = {CRDS: NO_CRDS, **answers}
        self.requests: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        query = "&".join(f"{name}={value}" for name, value in call.query)
        self.requests.append(f"{call.path}?{query}" if query else call.path)
        answer = self.answers.get(call.path, ResourceNotFound("made", "HTTP 404.", status=404))
        answer = answer(call) if callable(answer) else answer
        if isinstance(answer, ClusterError):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        if call.most_bytes is not None and len(body) > call.most_bytes:
            raise AnswerTooLarge("made", "its answer is too large.")
        return body

    @property
    def documents(self) -> list[str]:
        """Returns the requests for documents so far, and forgets them."""
        found, self.requests = [request for request in self.requests if request.startswith("/openapi/v3/")], []
        return found


def index(**hashes: str) -> dict[str, object]:
    """Returns an index of documents of groups such as `acme`, with their hashes."""
    return {
        "paths": {
            f"apis/{group}.io/v1": {"serverRelativeURL": f"/openapi/v3/apis/{group}.io/v1?hash={content_hash}"}
            for group, content_hash in hashes.items()
        }
    }


def document(
    group: str = "acme.io", *kinds: str, spec: object = None, verbs: tuple[str, ...] = ("get",), version: str = "v1"
) -> dict[str, object]:
    """Returns the document of a group with kinds that have a spec."""
    schemas: dict[str, object] = {}
    paths: dict[str, object] = {}
    for kind in kinds or ("Goose",):
        named = {"group": group, "version": version, "kind": kind}
        operation = {verb: {"x-kubernetes-group-version-kind": named} for verb in verbs}
        root = f"/apis/{group}/{version}"
        paths |= {f"{root}/{kind.lower()}s": operation, f"{root}/namespaces/{{namespace}}/{kind.lower()}s": operation}
        paths[f"{root}/namespaces/{{namespace}}/{kind.lower()}s/{{name}}"] = operation
        schemas[f"{group}.{kind}"] = {
            "type": "object",
            "x-kubernetes-group-version-kind": [named],
            "properties": {"spec": spec or {"type": "object", "properties": {"a": TEXT}}},
        }
    return {"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}


def definition(kind: str = "Goose", group: str = "acme.io", generation: int = 1) -> dict[str, object]:
    """Returns a CustomResourceDefinition with the same kind."""
    schema = {"properties": {"spec": {"type": "object", "properties": {"a": TEXT}}}}
    plural = f"{kind.lower()}s"
    return {
        "metadata": {"name": f"{plural}.{group}", "uid": "u", "generation": generation},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}},
                {"name": "v0", "served": False, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }


async def learned(
    server: Server,
    before: ClusterTypes | None = None,
    *,
    chosen: Callable[[str], bool] = lambda _: True,
    limits: SchemaLimits | None = None,
) -> ClusterTypes:
    """Learns from a server."""
    return await learn(server, Deadline(10), chosen=chosen, before=before, limits=limits or SchemaLimits())


def names(types: ClusterTypes) -> list[str]:
    """Returns the names of all kinds."""
    return [kind.name for kind in types.kinds()]


def problems(types: ClusterTypes) -> list[str]:
    """Returns the sentences of all problems, which are in the catalogue of messages."""
    for problem in types.all_problems:
        assert translated(problem.problem, Language.CHINESE) != problem.problem
    return [problem.problem for problem in types.all_problems]


async def test_kinds_are_learned_with_their_paths() -> None:
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document("acme.io", "Goose", "Nest")})

    types = await learned(server)

    assert server.requests[:2] == ["/openapi/v3", f"{ACME}?hash=A1"]
    assert [str(kind.kind) for kind in types.kinds()] == ["gooses.acme.io", "nests.acme.io"]
    assert [kind.namespaced for kind in types.kinds()] == [True, True]
    assert types.all_problems == ()


async def test_only_documents_with_another_hash_are_read_again() -> None:
    server = Server(
        {
            "/openapi/v3": index(acme="A1", barn="B1"),
            ACME: document(),
            "/openapi/v3/apis/barn.io/v1": document("barn.io", "Barn"),
        }
    )
    before = await learned(server)
    server.requests.clear()

    assert await learned(server, before) is before
    assert server.requests == ["/openapi/v3"]

    server.answers |= {"/openapi/v3": index(acme="A2", barn="B1"), ACME: document("acme.io", "Gander")}
    after = await learned(server, before)
    assert server.documents == [f"{ACME}?hash=A2"]
    assert names(after) == ["Gander", "Barn"]

    server.answers["/openapi/v3"] = index(barn="B1")
    assert names(await learned(server, after)) == ["Barn"]
    assert server.documents == []


async def test_groups_that_are_not_chosen_and_built_in_ones_are_not_read() -> None:
    paths = {
        name: {"serverRelativeURL": f"/x?hash=H{name}"} for name in ("api", "apis", "api/v1", "apis/apps/v1", "version")
    }
    served = {"paths": {**paths, **index(acme="A1", barn="B1")["paths"]}}  # type: ignore[dict-item]
    server = Server({"/openapi/v3": served, ACME: document()})

    types = await learned(server, chosen=lambda group: group != "barn.io")

    assert server.documents == [f"{ACME}?hash=A1"]
    assert names(types) == ["Goose"]


async def test_kinds_that_cannot_be_read_or_listed_are_left_out() -> None:
    served = document("acme.io", "Goose", "Review")
    paths = served["paths"]
    assert isinstance(paths, dict)
    for path in list(paths):
        if "reviews" in path:
            paths[path] = {"post": {}}

    assert names(await learned(Server({"/openapi/v3": index(acme="A1"), ACME: served}))) == ["Goose"]


@pytest.mark.parametrize(
    "url",
    [
        "/openapi/v3/apis/acme.io/v1",
        "/x?hash=../../y",
        "/x?hash=a%26b",
        "/x?hash=",
        "https://elsewhere/?x=1",
        "",
        None,
        5,
    ],
)
async def test_of_the_url_only_a_valid_hash_is_used(url: object) -> None:
    served = {"paths": {"apis/acme.io/v1": {"serverRelativeURL": url}}}
    server = Server({"/openapi/v3": served, ACME: document()})

    types = await learned(server)

    assert server.documents == [ACME]
    assert names(types) == ["Goose"]
    await learned(server, types)
    assert server.documents == [ACME]  # without a hash nobody knows whether it has changed


@pytest.mark.parametrize("name", ["apis/../v1", "apis/acme.io/..", "apis/a b/v1", "apis/acme.io/v1?x=1", "apis/%2e/v1"])
async def test_an_entry_that_is_no_api_version_is_never_on_the_wire(name: str) -> None:
    server = Server({"/openapi/v3": {"paths": {name: {"serverRelativeURL": "/x?hash=1"}}}})

    types = await learned(server)

    assert server.documents == []
    assert problems(types) == [f"its index of schemas is wrong: {name.removeprefix('apis/')!r} is no API version."]


async def test_after_a_redirect_the_index_is_read_again() -> None:
    indexes = iter([index(acme="A1"), index(acme="A2")])

    def moved(call: Call) -> object:
        return document() if ("hash", "A2") in call.query else REDIRECT

    server = Server({"/openapi/v3": lambda _: next(indexes), ACME: moved})

    types = await learned(server)

    assert names(types) == ["Goose"]
    assert types.all_problems == ()
    assert server.documents == [f"{ACME}?hash=A1", f"{ACME}?hash=A2"]


async def test_a_document_that_changes_at_each_request_costs_its_kinds() -> None:
    changes = iter(range(1000))
    barn = "/openapi/v3/apis/barn.io/v1"
    server = Server(
        {
            "/openapi/v3": lambda _: index(acme=f"A{next(changes)}", barn="B1"),
            ACME: REDIRECT,
            barn: document("barn.io", "Barn"),
        }
    )

    types = await learned(server)

    assert names(types) == ["Barn"]
    assert problems(types) == [
        "its document apis/acme.io/v1 changes faster than it is read: 3 repeated reads (FLEETGRAPH_MAX_SCHEMA_REREADS)."
    ]
    assert server.documents == [f"{ACME}?hash=A0", f"{barn}?hash=B1", *(f"{ACME}?hash=A{at}" for at in (1, 2, 3))]


async def test_a_document_that_vanishes_meanwhile_is_left_out() -> None:
    indexes = iter([index(acme="A1"), index()])
    server = Server({"/openapi/v3": lambda _: next(indexes), ACME: REDIRECT})

    types = await learned(server)

    assert (names(types), problems(types)) == ([], [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (REDIRECT, "its document apis/acme.io/v1 is invalid."),
        (b"[]", "its document apis/acme.io/v1 is invalid."),
        (b'{"paths": {"', "its document apis/acme.io/v1 is invalid."),
        (b"", "its document apis/acme.io/v1 is invalid."),
        (b'{"a":' * 100_000, "its document apis/acme.io/v1 is invalid."),
        (b" " * 3_000_000, "its document apis/acme.io/v1 is larger than 2 MiB (FLEETGRAPH_MAX_SCHEMA_DOCUMENT_BYTES)."),
    ],
    ids=["redirect", "list", "cut", "empty", "deep", "large"],
)
async def test_a_document_that_cannot_be_read_costs_its_kinds_until_it_changes(answer: object, problem: str) -> None:
    server = Server({"/openapi/v3": index(acme="A1"), ACME: answer})
    limits = SchemaLimits(document_bytes=2 * 2**20)

    types = await learned(server, limits=limits)

    assert (names(types), problems(types)) == ([], [problem])
    server.requests.clear()
    assert await learned(server, types, limits=limits) is types
    assert server.requests == ["/openapi/v3"]


@pytest.mark.parametrize("error", [Forbidden, ResourceNotFound, Invalid])
async def test_of_documents_that_are_refused_one_is_tried_each_time(error: type[StatusError]) -> None:
    hashes = {f"g{number}": "1" for number in range(5)}
    refusal = error("made", "its RBAC denies it.", status=403)
    server = Server({"/openapi/v3": index(**hashes)})
    server.answers |= {f"/openapi/v3/apis/{group}.io/v1": refusal for group in hashes}
    before = await learned(server)
    assert (names(before), len(problems(before))) == ([], 5)
    assert problems(before)[0] == "its document apis/g0.io/v1 cannot be read: its RBAC denies it."

    server.requests.clear()
    assert await learned(server, before) is before
    assert len(server.documents) == 1

    server.answers |= {f"/openapi/v3/apis/{group}.io/v1": document(f"{group}.io") for group in hashes}
    after = await learned(server, before)
    assert (names(after), problems(after)) == (["Goose"] * 5, [])
    server.requests.clear()
    assert await learned(server, after) is after
    assert server.documents == []


@pytest.mark.parametrize(
    "error",
    [
        TimedOut("made", "no answer."),
        ServerFailed("made", "HTTP 503.", status=503),
        Unauthenticated("made", "it does not accept the credential.", status=401),
        TlsFailed("made", "TLS: nonsense."),
    ],
)
async def test_after_a_passing_failure_kinds_stay_and_are_read_next_time(error: ClusterError) -> None:
    server = Server({"/openapi/v3": index(acme="A1", barn="B1"), ACME: document()})
    server.answers["/openapi/v3/apis/barn.io/v1"] = error
    before = await learned(server)
    assert names(before) == ["Goose"]
    assert problems(before) == [f"its document apis/barn.io/v1 cannot be read now: {error.cause}"]

    server.answers |= {"/openapi/v3": index(acme="A2", barn="B1"), ACME: error}
    meanwhile = await learned(server, before)
    assert names(meanwhile) == ["Goose"]
    assert meanwhile.fingerprint == before.fingerprint

    server.answers[ACME] = document("acme.io", "Gander")
    assert names(await learned(server, meanwhile)) == ["Gander"]


@pytest.mark.parametrize("error", [Unreachable("made", "no connection."), Forbidden("made", "denied.", status=403)])
async def test_without_an_index_there_is_an_error(error: ClusterError) -> None:
    with pytest.raises(type(error)):
        await learned(Server({"/openapi/v3": error}))


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"paths": 1}', b""])
async def test_an_index_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="its index of schemas is invalid"):
        await learned(Server({"/openapi/v3": body}))


async def test_kinds_beyond_the_limit_have_no_types_until_something_changes() -> None:
    barn = "/openapi/v3/apis/barn.io/v1"
    server = Server({"/openapi/v3": index(acme="A1", barn="B1"), ACME: document(), barn: document("barn.io", "Barn")})
    limits = SchemaLimits(structures=3)

    types = await learned(server, limits=limits)

    assert names(types) == ["Goose"]
    assert problems(types) == ["it has no type: the cluster has more than 3 types (FLEETGRAPH_MAX_CLUSTER_TYPES)."]
    server.answers["/openapi/v3"] = index(barn="B1")
    assert names(await learned(server, types, limits=limits)) == ["Barn"]


async def test_no_document_is_read_once_there_are_far_too_many_types() -> None:
    hashes = {f"g{number:03}": "1" for number in range(100)}
    server = Server({"/openapi/v3": index(**hashes)})
    for group in hashes:
        server.answers[f"/openapi/v3/apis/{group}.io/v1"] = document(f"{group}.io")
    limits = SchemaLimits(structures=6)

    types = await learned(server, limits=limits)

    assert names(types) == ["Goose"] * 3
    assert len(server.documents) < 20
    excess = "the cluster has more than 6 types (FLEETGRAPH_MAX_CLUSTER_TYPES)"
    assert f"its document apis/g099.io/v1 is not read: {excess}." in problems(types)
    assert await learned(server, types, limits=limits) is types
    server.answers["/openapi/v3"] = index(g099="1")
    assert names(await learned(server, types, limits=limits)) == ["Goose"]


async def test_documents_beyond_the_limit_are_not_read() -> None:
    hashes = {f"g{number}": "1" for number in range(5)}
    server = Server({"/openapi/v3": index(**hashes)})

    types = await learned(server, limits=SchemaLimits(documents=2))

    assert len(server.documents) == 2
    excess = "its 5 documents of schemas exceed the limit, 2 (FLEETGRAPH_MAX_SCHEMA_DOCUMENTS)"
    assert f"{excess}; the others are not read." in problems(types)


async def test_without_openapi_documents_the_definitions_are_read() -> None:
    server = Server({CRDS: {"metadata": {}, "items": [definition(), definition("Barn", "barn.io")]}})
    server.answers |= {f"{CRDS}/gooses.acme.io": definition(), f"{CRDS}/barns.barn.io": definition("Barn", "barn.io")}

    types = await learned(server, chosen=lambda group: group == "acme.io")

    assert [(kind.name, kind.version, kind.namespaced) for kind in types.kinds()] == [("Goose", "v1", True)]
    openapi = await learned(Server({"/openapi/v3": index(acme="A1"), ACME: document()}))
    assert types.fingerprint == openapi.fingerprint

    server.requests.clear()
    assert (await learned(server, types, chosen=lambda group: group == "acme.io")).documents[0] is types.documents[0]
    assert server.requests == ["/openapi/v3", f"{CRDS}?limit=100"]

    server.answers[CRDS] = {"items": [definition(generation=2)]}
    server.requests.clear()
    await learned(server, types)
    assert server.requests == ["/openapi/v3", f"{CRDS}?limit=100", f"{CRDS}/gooses.acme.io"]


async def test_a_group_that_the_index_lacks_comes_from_its_definitions() -> None:
    listed = {"items": [definition(), definition("Barn", "barn.io")]}
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document(), CRDS: listed})
    server.answers[f"{CRDS}/barns.barn.io"] = definition("Barn", "barn.io")

    types = await learned(server)

    assert names(types) == ["Goose", "Barn"]
    assert f"{CRDS}/gooses.acme.io" not in server.requests
    server.answers[CRDS] = TimedOut("made", "no answer.")
    assert names(await learned(server, types)) == ["Goose", "Barn"]
    server.answers[CRDS] = Forbidden("made", "denied.", status=403)
    assert names(await learned(server, types)) == ["Goose"]


async def test_definitions_come_in_pages() -> None:
    def page(call: Call) -> object:
        if ("continue", "next") in call.query:
            return {"items": [definition("Barn", "barn.io")]}
        return {"metadata": {"continue": "next"}, "items": [definition()]}

    server = Server({CRDS: page, f"{CRDS}/gooses.acme.io": definition()})
    server.answers[f"{CRDS}/barns.barn.io"] = definition("Barn", "barn.io")

    assert names(await learned(server)) == ["Barn", "Goose"]


@pytest.mark.parametrize("name", ["..", "a/b", "../secrets", "x" * 300, ""])
async def test_a_definition_without_a_possible_name_is_never_on_the_wire(name: str) -> None:
    listed = {"items": [{"metadata": {"name": name}}]}
    server = Server({CRDS: listed})

    assert (await learned(server)).kinds() == ()
    assert server.requests == ["/openapi/v3", f"{CRDS}?limit=100"]


@pytest.mark.parametrize("kind", ["a/b", "__x", "Über", "", "x" * 64, "1st", "A-B"])
async def test_a_kind_without_a_possible_name_is_left_out(kind: str) -> None:
    listed = {"items": [definition()]}
    invalid = definition()
    spec = invalid["spec"]
    assert isinstance(spec, dict)
    spec["names"] = {"kind": kind, "plural": "gooses"}
    server = Server({CRDS: listed, f"{CRDS}/gooses.acme.io": invalid})

    assert (await learned(server)).kinds() == ()


async def test_schemas_of_a_hundred_kilobytes_are_read_as_small_ones() -> None:
    """Every extension counts also where a schema is too large to be decoded at once."""
    text = {"type": "string", "description": "x" * 1000}
    many = {f"f{number}": text for number in range(100)}
    embedded = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": many}
    spec = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"one": embedded, "list": {"type": "array", "nullable": True, "items": embedded}},
    }
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document(spec=spec)})

    [kind] = (await learned(server)).kinds()

    by_name = {structure.name: structure for structure in kind.structures}
    found = by_name[by_name["0"].fields[1].structure or ""]
    assert found.description == "It may have more fields: `fields(path:)` of the object shows them."
    assert [(field.key, field.is_list) for field in found.fields] == [("list", True), ("one", False)]
    assert len({field.structure for field in found.fields}) == 1
    inner = by_name[found.fields[0].structure or ""]
    assert [field.key for field in inner.fields][:4] == ["apiVersion", "f0", "f1", "f10"]
    assert {"kind", "metadata"} <= {field.key for field in inner.fields}


async def test_of_thousands_of_kinds_the_first_have_types() -> None:
    kinds = [f"K{number:04}" for number in range(3000)]
    server = Server({"/openapi/v3": index(acme="A1", barn="B1"), ACME: document("acme.io", *kinds)})
    server.answers["/openapi/v3/apis/barn.io/v1"] = document("barn.io", "Barn")
    limits = SchemaLimits(structures=200)

    types = await learned(server, limits=limits)

    assert names(types) == kinds[:100]
    assert len(problems(types)) == 12
    assert problems(types)[10] == "other kinds without a type, for the same reason: 2890."
    server.requests.clear()
    assert await learned(server, types, limits=limits) is types


async def test_a_definition_of_another_group_than_its_name_says_has_no_type() -> None:
    server = Server({CRDS: {"items": [definition()]}, f"{CRDS}/gooses.acme.io": definition("Deployment", "apps")})

    assert (await learned(server)).kinds() == ()


async def test_of_thousands_of_invalid_entries_ten_are_named() -> None:
    paths = {f"apis/x_{number}/v1": {"serverRelativeURL": ""} for number in range(3000)}

    assert len(problems(await learned(Server({"/openapi/v3": {"paths": paths}})))) == 10


async def test_a_missing_index_is_believed_the_third_time() -> None:
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document()})
    server.answers |= {CRDS: {"items": [definition()]}, f"{CRDS}/gooses.acme.io": definition(generation=2)}
    before = await learned(server)
    server.answers["/openapi/v3"] = ResourceNotFound("made", "HTTP 404.", status=404)
    server.requests.clear()

    first = await learned(server, before)
    second = await learned(server, first)
    third = await learned(server, second)

    assert first.fingerprint == second.fingerprint == before.fingerprint
    assert [[one.name for one in types.documents] for types in (first, second, third)] == [
        ["apis/acme.io/v1"],
        ["apis/acme.io/v1"],
        ["crd/gooses.acme.io"],
    ]
    assert server.requests.count(f"{CRDS}/gooses.acme.io") == 1


async def test_an_index_that_comes_back_is_missed_from_the_beginning() -> None:
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document()})
    types = before = await learned(server)
    for _ in range(3):
        for answer in (ResourceNotFound("made", "HTTP 404.", status=404), index(acme="A1")):
            server.answers["/openapi/v3"] = answer
            types = await learned(server, types)
            assert types.fingerprint == before.fingerprint

    assert types == before
    assert len(server.documents) == 1


async def test_a_group_that_the_index_lacks_for_a_moment_stays_while_it_is_served() -> None:
    barn = "/openapi/v3/apis/barn.io/v1"
    server = Server({"/openapi/v3": index(acme="A1", barn="B1"), ACME: document(), barn: document("barn.io", "Barn")})
    server.answers[CRDS] = {"items": [definition(), definition("Barn", "barn.io")]}
    before = await learned(server)

    server.answers["/openapi/v3"] = index(barn="B1")
    assert (await learned(server, before)).fingerprint == before.fingerprint

    server.answers[CRDS] = {"items": [definition("Barn", "barn.io")]}
    assert names(await learned(server, before)) == ["Barn"]


async def test_without_definitions_an_index_of_no_group_is_believed_the_third_time() -> None:
    """Checks that an identity that may not list definitions sees removed kinds go, and a cluster without any is one."""
    server = Server({"/openapi/v3": index(), CRDS: Forbidden("made", "denied.", status=403)})
    assert await learned(server) == ClusterTypes()

    server.answers |= {"/openapi/v3": index(acme="A1"), ACME: document()}
    types = await learned(server)
    server.answers["/openapi/v3"] = index()

    seen = []
    for _ in range(3):
        types = await learned(server, types)
        seen.append(names(types))
    assert seen == [["Goose"], ["Goose"], []]
    server.answers[CRDS] = TimedOut("made", "no answer.")
    with pytest.raises(TimedOut):
        await learned(server, types)


async def test_an_index_that_is_too_large_names_its_limit() -> None:
    server = Server({"/openapi/v3": index(acme="A1")})

    with pytest.raises(AnswerTooLarge) as raised:
        await learned(server, limits=SchemaLimits(index_bytes=10))

    cause = "its index of schemas is larger than 9.53674e-06 MiB (FLEETGRAPH_MAX_SCHEMA_INDEX_BYTES)."
    assert raised.value.cause == cause
    assert translated(cause, Language.CHINESE) != cause


async def test_a_document_of_fifty_megabytes_costs_its_kinds() -> None:
    barn = "/openapi/v3/apis/barn.io/v1"
    server = Server({"/openapi/v3": index(acme="A1", barn="B1"), ACME: b" " * 50_000_000})
    server.answers[barn] = document("barn.io", "Barn")

    types = await learned(server)

    assert names(types) == ["Barn"]
    assert problems(types) == [
        "its document apis/acme.io/v1 is larger than 8 MiB (FLEETGRAPH_MAX_SCHEMA_DOCUMENT_BYTES)."
    ]


async def test_a_kind_that_appears_takes_no_type_from_an_earlier_one() -> None:
    aaa = "/openapi/v3/apis/aaa.io/v1"
    server = Server({"/openapi/v3": index(acme="A1"), ACME: document("acme.io", "Goose", "Nest")})
    limits = SchemaLimits(structures=4)
    before = await learned(server, limits=limits)

    server.answers["/openapi/v3"] = index(aaa="1", acme="A2")
    server.answers |= {aaa: document("aaa.io", "Barn"), ACME: document("acme.io", "Gander", "Goose", "Nest")}
    after = await learned(server, before, limits=limits)

    assert names(after) == ["Goose", "Nest"]
    excess = "it has no type: the cluster has more than 4 types (FLEETGRAPH_MAX_CLUSTER_TYPES)."
    assert problems(after) == [excess, excess]

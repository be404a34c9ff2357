"""Names of the schema that errors suggest: those of graphql-core, in a bounded time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, parse, specified_rules, validate
from graphql.pyutils import suggestion_list

from graph.document.documents import Documents, InvalidDocument
from graph.document.nearnames import near
from graph.document.suggesting import Suggestions
from resolvers.caller import Caller
from resolvers.limits import DocumentLimits
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.processortime import in_loops

Ask = Callable[..., Asking]
CELLS = 24_000


async def _messages(schema: GraphQLSchema, document: str) -> list[object]:
    read = await Documents(schema, DocumentLimits()).read(document)
    assert isinstance(read, InvalidDocument)
    return [error["message"] for error in read.errors]


@pytest.mark.parametrize(
    "document",
    [
        "{ podz { totalCount } }",
        "{ pods { nodes { nmae } } }",
        "{ pods { nodes { metadata { lables } } } }",
        "{ pods(frist: 1) { totalCount } }",
        "{ pods { totalCount @include(iff: true) } }",
        "query($x: Strng) { pods(after: $x) { totalCount } }",
        "{ clusters { ... on Clutser { name } } }",
        "fragment F on ConfigMpa { name } { pods { totalCount } }",
        '{ pods(where: [{path: "name", op: NOT_INN, value: "a"}]) { totalCount } }',
        '{ pods(where: [{path: "name", op: "EQ", value: "a"}]) { totalCount } }',
        '{ object(id: "x") { id phase } }',
        '{ object(id: "x") { id nmaespace } }',
        "{ _entities(representations: []) { name } }",
        '{ pods(where: [{paht: "name"}]) { totalCount } }',
        "{ pods { nodes { qqqqqqqqqqqqqqqqqqqqqqqq } } }",
    ],
)
async def test_suggestions_are_those_of_graphql_core(schema: GraphQLSchema, document: str) -> None:
    theirs = validate(schema, parse(document), specified_rules)

    assert await _messages(schema, document) == [error.message for error in theirs]


async def test_kinds_are_suggested_whose_names_carry_a_group() -> None:
    custom = build_schema("""
        type Query { argoprojApplications: [ArgoprojApplication], evictions: Int, keyings: Int }
        type ArgoprojApplication { status: ArgoprojApplication_Status }
        type ArgoprojApplication_Status { phase: String, syncPhase: String }
        type Applicator { name: String }
    """)

    assert await _messages(
        custom, "{ applications Applications ings argoprojApplications { ... on Application { status { Phase } } } }"
    ) == [
        "Cannot query field 'applications' on type 'Query'. Did you mean 'argoprojApplications'?",
        "Cannot query field 'Applications' on type 'Query'. Did you mean 'argoprojApplications'?",
        "Cannot query field 'ings' on type 'Query'.",
        "Unknown type 'Application'. Did you mean 'ArgoprojApplication'?",
    ]


@pytest.mark.parametrize(
    ("selected", "way"),
    [
        ("metadata { labels { app } }", "It is JSON: write it without braces for all of it, or take a part with"),
        ('fields(path: "spec") { source }', "Put the rest of the way into its path, as in 'fields(path: "),
        ("name { first }", "has no subfields."),
    ],
)
async def test_a_selection_in_json_gets_the_way_to_a_part(schema: GraphQLSchema, selected: str, way: str) -> None:
    (message,) = await _messages(schema, f"{{ pods {{ nodes {{ {selected} }} }} }}")

    assert way in str(message)


async def test_fields_of_connections_below_plain_lists_get_the_way(schema: GraphQLSchema) -> None:
    (message,) = await _messages(schema, "{ pods { nodes { configMaps { nodes { name } } } } }")

    assert str(message) == (
        "Cannot query field 'nodes' on type 'ConfigMap'. It is no connection, but a plain list or one object: select "
        "fields of 'ConfigMap'."
    )


async def test_a_key_of_any_object_is_found_as_json(schema: GraphQLSchema) -> None:
    (message,) = await _messages(schema, '{ object(id: "x") { spec } }')

    assert str(message).endswith("? 'fields(path: \"spec\")' returns its JSON, whatever the type.")


async def test_unknown_keys_and_values_in_variables_get_a_suggestion(ask: Ask) -> None:
    query = "query($x: [WhereInput!]) { pods(where: $x) { totalCount } }"

    answer = await ask(ObjectsSender("one", lambda _kind: []))(query, {"x": [{"paht": "name"}, {"op": "NOT IN"}]})

    start = "Variable '$x' has invalid value at "
    assert [error["message"] for error in answer.errors] == [
        f"{start}[0]: Expected value of type 'WhereInput' not to include unknown field 'paht'. Did you mean 'path'? "
        "Found: {'paht': 'name'}.",
        f"{start}[1].op: Value 'NOT IN' does not exist in 'WhereOperator' enum. Did you mean the enum value 'NOT_IN'?",
    ]


def test_typos_in_names_of_types_and_fields_lead_back_to_them(schema: GraphQLSchema) -> None:
    random, query = Random(7), schema.query_type  # noqa: S311  typos need no secrets
    assert query is not None
    for known in (list(schema.type_map), list(query.fields)):
        typos = [(name, _typo(name, random)) for name in known if not name.startswith("_") and len(name) > 3]

        missed = [name for name, typo in typos if typo not in known and name not in near(typo, known, cells=CELLS)]

        assert not missed


def _typo(name: str, random: Random) -> str:
    place = random.randrange(len(name) - 1)
    before, two, behind = name[:place], name[place : place + 2], name[place + 2 :]
    return before + random.choice((two[::-1], two[0], two[1], f"{two[0]}x{two[1]}", f"q{two[1]}")) + behind


LONG = "ValidatingAdmissionPolicySpecMatchConstraintsNamespaceSelectorX"
HOSTILE = {
    "types of fragments": "{ clusters { " + " ".join(f"... on {LONG}{n:02} {{ a }}" for n in range(19)) + " } }",
    "types of middle length": "{ clusters { " + " ".join(f"... on {LONG[:30]}{n} {{ a }}" for n in range(19)) + " } }",
    "types of variables": f"query({' '.join(f'$a{n}: {LONG}{n:02}' for n in range(19))}) {{ clusters {{ name }} }}",
    "fields": "{ " + " ".join(f"validatingAdmissionPolicyBinding{n}" for n in range(19)) + " }",
    "fields of an interface": '{ object(id: "x") { ' + " ".join(f"n{n}: phase" for n in range(19)) + " } }",
    "values of an enum": "{ pods(where: [" + " ".join(f"{{op: NOT_STARTS_WITH{n}}}" for n in range(19)) + "]) { a } }",
}


def _suggesting(schema: GraphQLSchema, document: str) -> Callable[[], None]:
    suggestions, parsed = Suggestions(schema), parse(document)
    messages = [item.message for item in validate(schema, parsed, specified_rules, 20, hide_suggestions=True)]
    assert len(messages) >= 19
    return lambda: suggestions.add_to([GraphQLError(message) for message in messages])


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_many_unknown_names_take_little_time(schema: GraphQLSchema, document: str) -> None:
    """Asserts the time: the slowest takes 7 loops; graphql-core takes 150 for the first."""
    assert in_loops(_suggesting(schema, document)) < 25


async def test_documents_measure_the_distance_of_few_names(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _counted(monkeypatch) as options:
        await _messages(schema, HOSTILE["values of an enum"])

    assert 0 < sum(options) <= 20 * 16


@contextmanager
def _counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the names that each call measures, in graphql-core or here."""
    options, measured = list[int](), suggestion_list

    def counted(unknown: str, known: list[str]) -> list[str]:
        options.append(len(known))
        return measured(unknown, known)

    importing = [item for item in [*sys.modules.values()] if vars(item).get("suggestion_list") is suggestion_list]
    for module in importing:
        monkeypatch.setattr(module, "suggestion_list", counted)
    yield options


@pytest.mark.parametrize("key", ["op", "a key"])
async def test_a_long_text_in_variables_is_not_measured(ask: Ask, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    text = "İ" * 900_000
    query = "query($x: [WhereInput!]) { pods(where: $x) { totalCount } }"
    value = {"path": "a", "op": text} if key == "op" else {"path": "a", text: 1}

    with _counted(monkeypatch) as options:
        answer = await ask(ObjectsSender("one", lambda _kind: []))(query, {"x": [value]})

    assert not answer.executed
    assert options == []


@pytest.mark.parametrize("unknown", ["İİİİ", "É", "", "'", '"', " ", "\x00", "a'b", "x" * 65])
def test_texts_that_are_no_names_get_no_suggestion(schema: GraphQLSchema, unknown: str) -> None:
    error = GraphQLError(f"Value '{unknown}' does not exist in 'WhereOperator' enum.")

    Suggestions(schema).add_to([error])

    assert error.message == f"Value '{unknown}' does not exist in 'WhereOperator' enum."


@pytest.mark.parametrize(
    ("document", "suggested"),
    [
        ("{ pods { name } }", "The objects are in 'nodes': write 'nodes { name }'."),
        ("{ pods { items { name } } }", "The objects are in 'nodes': write 'nodes { ... }'."),
        ("{ pods { nmae } }", "The objects are in 'nodes': did you mean 'nodes { name }'?"),
        ("{ pods { cluster { name } } }", "The objects are in 'nodes': write 'nodes { cluster { ... } }'."),
        ("{ pods { edges { name } } }", "The objects are in 'node': write 'node { name }'."),
        ('{ pods { groups(by: ["name"]) { name } } }', "The objects are in 'nodes': write 'nodes { name }'."),
        ("{ nodes { nodes { pods { reason } } } }", "The objects are in 'nodes': write 'nodes { reason }'."),
        ("{ pods { totalCuont } }", "Did you mean 'totalCount'?"),
        ("{ pods { pageInfo { hasNext } } }", "Did you mean 'hasNextPage'?"),
        ('{ pods(where: [{path: "a", op: EQUALS}]) { totalCount } }', "Did you mean the enum value 'EQ'?"),
        (
            '{ pods(orderBy: [{path: "a", direction: DESCENDING}]) { totalCount } }',
            "Did you mean the enum value 'DESC'?",
        ),
        ('{ pods(orderBy: [{path: "a", direction: DOWN}]) { totalCount } }', "The values are ASC and DESC."),
        ('{ pods(where: [{path: "a", operator: EQ}]) { totalCount } }', "Did you mean 'op'?"),
    ],
)
async def test_a_wrong_name_leads_to_the_right_one(schema: GraphQLSchema, document: str, suggested: str) -> None:
    (message, *_) = await _messages(schema, document)

    assert suggested in str(message)


@pytest.mark.parametrize(
    "document", ["{ totalCount }", "{ items }", '{ pod(cluster: "a", namespace: "b", name: "c") { items } }']
)
async def test_only_lists_have_objects_in_nodes(schema: GraphQLSchema, document: str) -> None:
    (message,) = await _messages(schema, document)

    assert "The objects are in" not in str(message)


@pytest.mark.parametrize("arguments", ['names: ["alhpa"]', 'ids: ["id-alhpa"]'])
async def test_an_unknown_cluster_leads_to_those_of_the_caller(ask: Ask, arguments: str) -> None:
    asking = ask(*(ObjectsSender(name, lambda _kind: []) for name in ("alpha", "beta")))

    (error,) = (await asking(f"{{ pods(clusters: {{{arguments}}}) {{ totalCount }} }}")).errors

    assert "did you mean" in str(error["message"])
    assert "alpha?" in str(error["message"])
    assert "beta" not in str(error["message"])


async def test_an_unknown_cluster_names_none_that_the_caller_may_not_see(ask: Ask) -> None:
    asking = replace(ask(ObjectsSender("alpha", lambda _kind: [])), caller=Caller(name="somebody"))

    (error,) = (await asking('{ cluster(name: "alhpa") { name } }')).errors

    assert "alpha" not in str(error["message"])

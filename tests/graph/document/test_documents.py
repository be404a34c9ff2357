"""Documents just under and just over each limit, and documents that are small to write and large to check."""

import asyncio
from collections.abc import Callable
from threading import Event

import pytest
from graphql import DocumentNode, GraphQLSchema, get_introspection_query

from graph.document.documents import Documents, InvalidDocument
from graph.document.validationrules import LONGEST_LABEL
from resolvers.limits import DocumentLimits
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.k8s.wireserver import until

DEFAULTS = DocumentLimits()
Ask = Callable[..., Asking]
Make = Callable[[int], str]


def pods(inner: str) -> str:
    return f"{{ pods {{ nodes {{ {inner} }} }} }}"


def repeated(text: str, times: int) -> str:
    return " ".join(text.replace("#", str(n)) for n in range(times))


def characters(figure: int) -> str:
    return pods("name").ljust(figure)


def tokens(figure: int) -> str:
    names = repeated('"a"', figure - 12)
    return f"{{ pods(namespaces: [{names}]) {{ totalCount }} }}"


def comments(figure: int) -> str:
    return "#\n" * figure + pods("name")


def depth(figure: int) -> str:
    inside = ("{ totalCount }", "{ nodes { name } }", "{ nodes { node { name } } }")
    times, rest = divmod(figure - 2, 3)
    return "{ pods " + "{ nodes { node { pods " * times + inside[rest] + " } } }" * times + " }"


def depth_through_fragments(figure: int) -> str:
    """Returns the same, with each fragment spread near the root first, where it is not deep."""
    chain = [f"fragment F{n} on Cluster {{ pods {{ clusters {{ cluster {{ ...F{n + 1} }} }} }} }}" for n in range(9)]
    times, rest = divmod(figure - 2, 3)
    inside = ("{ name }", "{ pods { totalCount } }", "{ pods { nodes { name } } }")[rest]
    chain = [*chain[:times], f"fragment F{times} on Cluster {inside}"]
    spreads = " ".join(f"...F{n}" for n in range(times, -1, -1))
    return f"{{ clusters {{ {spreads} }} }} {' '.join(chain)}"


def fields(figure: int) -> str:
    """Returns ten spreads of a fragment with a tenth of the fields; three are around them, and the rest beside."""
    each, rest = divmod(figure - 3, 10)
    inner = f"node {{ {repeated('...F', 10)} {repeated('name', rest)} }}"
    return f"{pods(inner)} fragment F on Node {{ {repeated('name', each)} }}"


def aliases(figure: int) -> str:
    """Returns aliases, half of them in a fragment that is spread twice."""
    half, odd = divmod(figure, 2)
    fragment = f"fragment F on Node {{ name {repeated('a#: name', half)} }}"
    return f"{{ nodes {{ nodes {{ ...F {'odd: name' * odd} }} }} pods {{ nodes {{ node {{ ...F }} }} }} }} {fragment}"


def root_fields(figure: int) -> str:
    """Returns root fields, half of them in a fragment that is spread twice, inside an inline one."""
    half, odd = divmod(figure, 2)
    spread = f"... {{ ...F ...F {'__typename' * odd} }}"
    return f"{{ {spread} }} fragment F on Query {{ {repeated('__typename', half)} }}"


def directives(figure: int) -> str:
    skips = repeated("name @skip(if: true)", figure - 1)
    return f"{{ pods {{ nodes {{ id {skips} ... @include(if: true) {{ kind }} }} }} }}"


def operations(figure: int) -> str:
    return repeated("query Q# { pods { totalCount } }", figure)


def fragments(figure: int) -> str:
    """Returns fields at several places, so that they need not all be compared with each other."""
    definitions = repeated("fragment F# on Pod { name }", figure)
    names = [f"...F{n}" for n in range(figure)]
    places = [" ".join(names[start : start + 20]) for start in range(0, figure, 20)]
    return (
        "{ "
        + " ".join(f"p{n}: pods {{ nodes {{ {place} }} }}" for n, place in enumerate(places))
        + f" }} {definitions}"
    )


def variables(figure: int) -> str:
    declared = repeated("$v#: String", figure)
    used = ", ".join(f"$v{n}" for n in range(figure))
    return f"query ({declared}) {{ pods(namespaces: [{used}]) {{ totalCount }} }}".replace("String", "String!")


LIMITED: dict[str, tuple[Make, str]] = {
    "characters": (characters, "FLEETGRAPH_MAX_DOCUMENT_CHARACTERS"),
    "tokens": (tokens, "FLEETGRAPH_MAX_TOKENS"),
    "comments": (comments, "FLEETGRAPH_MAX_COMMENTS"),
    "depth": (depth, "FLEETGRAPH_MAX_DEPTH"),
    "fields": (fields, "FLEETGRAPH_MAX_SELECTED_FIELDS"),
    "aliases": (aliases, "FLEETGRAPH_MAX_ALIASES"),
    "root_fields": (root_fields, "FLEETGRAPH_MAX_ROOT_FIELDS"),
    "directives": (directives, "FLEETGRAPH_MAX_DIRECTIVES"),
    "operations": (operations, "FLEETGRAPH_MAX_OPERATIONS"),
    "fragments": (fragments, "FLEETGRAPH_MAX_FRAGMENTS"),
    "variables": (variables, "FLEETGRAPH_MAX_VARIABLES"),
}


@pytest.fixture(scope="session")
def documents(schema: GraphQLSchema) -> Documents:
    return Documents(schema, DEFAULTS)


def refusal(read: DocumentNode | InvalidDocument) -> str:
    """Returns the message of the only error, which is a limit's."""
    assert isinstance(read, InvalidDocument)
    (error,) = read.errors
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}
    return str(error["message"])


@pytest.mark.parametrize("name", LIMITED)
async def test_a_document_just_within_a_limit_is_read(documents: Documents, name: str) -> None:
    make, _ = LIMITED[name]

    read = await documents.read(make(getattr(DEFAULTS, name)))

    assert isinstance(read, DocumentNode), read.errors


@pytest.mark.parametrize("name", LIMITED)
async def test_a_document_just_over_a_limit_is_refused_with_figure_limit_and_setting(
    documents: Documents, name: str
) -> None:
    make, setting = LIMITED[name]
    limit = getattr(DEFAULTS, name)

    message = refusal(await documents.read(make(limit + 1)))

    figure = f"more than {limit}" if name in {"tokens", "comments"} else str(limit + 1)
    assert message.startswith(f"The document has {figure} ")
    assert message.endswith(f"; the limit is {limit} ({setting}).")


@pytest.mark.parametrize("name", LIMITED)
async def test_each_limit_is_as_large_as_it_is_set(schema: GraphQLSchema, name: str) -> None:
    make, _ = LIMITED[name]
    low = 40
    raised = Documents(schema, DocumentLimits(**{**_raised(), name: low}))

    within, over = await raised.read(make(low)), await raised.read(make(low + 1))

    if name == "characters":
        assert isinstance(within, DocumentNode)
    assert isinstance(over, InvalidDocument)
    assert f"; the limit is {low} (" in str(over.errors[0]["message"])


def _raised() -> dict[str, int]:
    return dict.fromkeys(LIMITED, 1_000_000)


@pytest.mark.parametrize("figure", range(2, 16))
async def test_depth_is_that_of_the_longest_way_through_fragments(schema: GraphQLSchema, figure: int) -> None:
    within, below = (Documents(schema, DocumentLimits(depth=limit)) for limit in (figure, figure - 1))
    document = depth_through_fragments(figure)

    assert isinstance(await within.read(document), DocumentNode)
    assert f"has {figure} nested selection sets" in refusal(await below.read(document))


@pytest.mark.parametrize("descriptions", [True, False])
async def test_tools_may_introspect(documents: Documents, descriptions: bool) -> None:
    query = get_introspection_query(
        descriptions=descriptions,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    assert isinstance(await documents.read(query), DocumentNode)


JSON_SCHEMA = "customResourceDefinitions { nodes { spec { versions { schema { openAPIV3Schema { ...F0 } } } } } }"

BOMBS = {
    "nested fragments": "{ pods { ...F0 } } "
    + " ".join(f"fragment F{n} on PodConnection {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150))
    + " fragment F150 on PodConnection { totalCount }",
    "nested aliases": f"{{ {JSON_SCHEMA} }} "
    + " ".join(
        f"fragment F{n} on JSONSchemaProps {{ a{n}: not {{ ...F{n + 1} }} b: not {{ ...F{n + 1} }} }}"
        for n in range(22)
    )
    + " fragment F22 on JSONSchemaProps { format }",
    "aliases": pods(repeated("a#: name", 1200)),
    "150k tokens": pods("name " * 150_000),
    "1.5 MB of comments": "#\n" * 750_000 + pods("name"),
    "one comment of 1.5 MB": f"#{'x' * 1_500_000}\n{pods('name')}",
    "10k unknown fields": pods(repeated("unknown#", 10_000)),
    "unknown fields in 100 KB": pods(repeated("unknown#", 4900)),
    "overlapping inline fragments": f"{{ pods {{ {'... on PodConnection { nodes { name } } ' * 400} }} }}",
    "overlapping fields": f"{{ pods {{ {'nodes { name } ' * 480} }} }}",
    "overlapping fragments": f"{{ pods {{ {repeated('...F#', 190)} }} }} "
    + repeated("fragment F# on PodConnection { nodes { name } }", 190),
    "overlapping arguments": "{ " + 'pods(namespaces: ["a", "b"]) { totalCount } ' * 300 + "}",
    "a cycle of fragments": pods("...A") + " fragment A on Pod { ...B ...B } fragment B on Pod { ...A ...A }",
    "many operations": repeated("query Q# { pods { totalCount } }", 600),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_and_not_read_again(documents: Documents, name: str) -> None:
    first = await documents.read(BOMBS[name])
    reads = documents.figures.unknown
    again = await documents.read(BOMBS[name])

    assert isinstance(first, InvalidDocument)
    assert isinstance(again, InvalidDocument)
    assert again.errors == first.errors
    assert documents.figures.unknown == reads


async def test_comparisons_are_bounded_by_their_own_limit(schema: GraphQLSchema) -> None:
    document = f"{{ pods {{ {'nodes { name } ' * 20} }} }}"
    few, enough = (Documents(schema, DocumentLimits(comparisons=most)) for most in (100, 10_000))

    message = refusal(await few.read(document))

    assert message == (
        "The document has more than 100 comparisons of fields at one place; the limit is 100 "
        "(FLEETGRAPH_MAX_COMPARISONS)."
    )
    assert isinstance(await enough.read(document), DocumentNode)


async def test_a_plain_query_does_not_wait_for_twenty_bombs(ask: Ask) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    asking = ask(sender)
    bombs = [f"# {n}\n{bomb}" for n, bomb in enumerate(list(BOMBS.values())[-10:] * 2)]
    exploding = [asyncio.ensure_future(asking(bomb)) for bomb in bombs]
    await asyncio.sleep(0)

    answer = await asking(pods("name"))
    waiting = sum(not item.done() for item in exploding)

    assert not answer.errors
    assert waiting
    refused = await asyncio.gather(*exploding)
    assert all(item.errors and not item.executed for item in refused)
    assert [call.verb for call in sender.calls] == ["list"]


async def test_errors_of_a_long_document_are_few_and_short(documents: Documents) -> None:
    read = await documents.read(pods(repeated("unknown#", 900)))
    long = await documents.read(f"{{ pods(first: {'[' * 100}{']' * 100}) {{ totalCount }} }}")

    assert isinstance(read, InvalidDocument)
    assert len(read.errors) == 21
    assert isinstance(long, InvalidDocument)
    assert all(len(str(error["message"])) <= 503 for error in (*read.errors, *long.errors))


async def test_the_same_long_document_is_read_once_for_all_who_wait(schema: GraphQLSchema) -> None:
    documents = Documents(schema, DEFAULTS)
    document = pods("name").ljust(5000)

    first, second = await asyncio.gather(documents.read(document), documents.read(document))

    assert isinstance(first, DocumentNode)
    assert first is second


class Gated(Documents):
    """Documents whose reading waits for a permit."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__(schema, DEFAULTS)
        self.gate = Event()
        self.made: list[str] = []

    def _result(self, text: str) -> DocumentNode | InvalidDocument:
        self.made.append(text)
        self.gate.wait(5)
        return super()._result(text)


async def test_a_long_document_for_which_nobody_waits_any_more_is_not_read(schema: GraphQLSchema) -> None:
    documents = Gated(schema)
    first, second, last = (pods(f"a{number}: name").ljust(5000) for number in range(3))
    reading = asyncio.create_task(documents.read(first))
    await until(lambda: documents.made == [first])
    stays = asyncio.create_task(documents.read(last))
    gone = [asyncio.create_task(documents.read(text)) for text in (second, second, last)]
    await asyncio.sleep(0)

    for item in gone:
        item.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    documents.gate.set()

    assert isinstance(await reading, DocumentNode)
    assert isinstance(await stays, DocumentNode)
    assert documents.made == [first, last]


@pytest.mark.parametrize(
    "asked", ["__schema { queryType { name } }", '__type(name: "Pod") { name }', "_service { sdl }"]
)
async def test_the_schema_can_be_kept_from_callers(schema: GraphQLSchema, asked: str) -> None:
    may, may_not = Documents(schema, DEFAULTS), Documents(schema, DEFAULTS, may_introspect=False)

    refused = await may_not.read(f"{{ pods {{ totalCount }} {asked} }}")

    assert isinstance(await may.read(f"{{ pods {{ totalCount }} {asked} }}"), DocumentNode)
    assert isinstance(refused, InvalidDocument)
    (error,) = refused.errors
    assert str(error["message"]).startswith("Introspection is disabled (FLEETGRAPH_INTROSPECTION): _")
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_without_introspection_types_are_named_and_no_names_suggested(schema: GraphQLSchema) -> None:
    may, may_not = Documents(schema, DEFAULTS), Documents(schema, DEFAULTS, may_introspect=False)

    helped, refused = await may.read("{ podz }"), await may_not.read("{ podz }")

    assert isinstance(await may_not.read(pods("__typename name")), DocumentNode)
    assert isinstance(helped, InvalidDocument)
    assert isinstance(refused, InvalidDocument)
    assert "Did you mean 'pod'" in str(helped.errors[0]["message"])
    assert [error["message"] for error in refused.errors] == ["Cannot query field 'podz' on type 'Query'."]


@pytest.mark.parametrize("directive", ["defer", "stream"])
async def test_a_label_is_bounded(documents: Documents, directive: str) -> None:
    def labelled(length: int) -> str:
        label = f'(label: "{"x" * length}")'
        return {
            "defer": f"{{ pods {{ nodes {{ name ... @defer{label} {{ kind }} }} }} }}",
            "stream": f"{{ pods {{ nodes @stream{label} {{ name }} }} }}",
        }[directive]

    read, refused = await documents.read(labelled(LONGEST_LABEL)), await documents.read(labelled(LONGEST_LABEL + 1))

    assert isinstance(read, DocumentNode), read.errors
    assert isinstance(refused, InvalidDocument)
    (error,) = refused.errors
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert str(error["message"]).startswith(
        f"A label of @{directive} has {LONGEST_LABEL + 1} characters; the limit is 256."
    )

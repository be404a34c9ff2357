"""Random selections of subscriptions, which give the same rows as queries."""

import json
from random import Random
from typing import Final, cast

import pytest
from graphql import GraphQLSchema

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import BUILT_IN
from resolvers.caller import OPERATOR
from resolvers.names import list_name, type_name
from tests.graph.bodies import NAMES, NAMESPACES, MadeObjects
from tests.graph.documents import WIDE, DocumentWriter, Places, Scope
from tests.graph.fleets import FAR
from tests.graph.live.living import Json, living, taking

MEASURED: Final = ("latencyMs", "observedAt", "countIsEstimate")
"""Fields about the reading itself."""
DOCUMENTS: Final = 20


def made_objects(seed: int) -> list[Json]:
    """Returns objects of all kinds, without what watches leave out; each name once."""
    made, objects = MadeObjects(seed), dict[tuple[str, str, str], Json]()
    for kind in BUILT_IN:
        for item in made(kind):
            own: Json = cast(Json, item["metadata"])
            metadata = {key: value for key, value in own.items() if key != "managedFields"}
            place = (str(kind), str(metadata.get("namespace", "")), str(metadata["name"]))
            objects[place] = {**item, "metadata": metadata, "apiVersion": kind.api_version, "kind": kind.name}
    return list(objects.values())


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_selections_give_the_rows_of_the_query(schema: GraphQLSchema, seed: int) -> None:
    random, places = Random(seed), Places(("one",), NAMESPACES, NAMES, ["x"], {})  # noqa: S311  not for secrets
    compared = 0
    async with living(Engine(WIDE), {"one": made_objects(seed)}, limits=FAR) as fleet:
        while compared < DOCUMENTS:
            kind = random.choice(BUILT_IN)
            writer = DocumentWriter(schema, random, places, fields=random.choice((5, 15)))
            selection = writer._selection_set(schema.type_map[type_name(kind)], Scope(), 1, 0)[1:-1]
            fragments = "\n".join(writer._fragments)
            if any(name in selection + fragments for name in MEASURED):
                continue
            declared = ", ".join(f"${name}: {kind}" for name, (kind, _value) in writer._variables.items())
            declared = f"({declared})" if declared else ""
            values = json.loads(json.dumps({name: value for name, (_kind, value) in writer._variables.items()}))
            query = (
                f"query Q{declared} {{ list: {list_name(kind)} {{ nodes {{ rowId: id {selection} }} }} }} {fragments}"
            )
            answer = await fleet.executor.execute(GraphqlRequest(query, values), OPERATOR)
            data = json.loads(answer.to_json()).get("data")
            if data is None or data["list"] is None:
                continue  # an argument is invalid
            fresh = {node.pop("rowId"): node for node in data["list"]["nodes"]}
            changes = f"changes {{ type id object {{ {selection} }} }}"
            text = f"subscription S{declared} {{ {list_name(kind)}(batchMs: 0) {{ {changes} }} }}"
            async with taking(await fleet.subscribe(f"{text} {fragments}", values)) as taken:
                await taken.until(lambda: len(taken.state) == len(fresh))  # noqa: B023  it is called at once
            assert taken.state == fresh, text
            compared += 1

"""ER-4: without a valid token, nothing of the schema is shown by introspection, suggestions or positions of errors."""

import pytest

from tests.server.http_parts import Fakes

ASKED = (
    "{ __schema { types { name } } }",
    '{ __type(name: "Pod") { fields { name } } }',
    "{ _service { sdl } }",
    "{ podz { nodes { nam } } }",
    "{ __typename }",
    "{ pods {",
    "",
)


@pytest.mark.parametrize("query", ASKED)
@pytest.mark.parametrize("token", [None, "fgt_0123456789ab_wrong-wrong-wrong-wrong-wrong-wrong-wrong-wro"])
async def test_er_4_every_query_of_an_anonymous_client_gets_the_same_401(query: str, token: str | None) -> None:
    fakes = Fakes()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    async with fakes.client() as client:
        plain = await client.post("/graphql", json={"query": "{ ok }"})
        response = await client.post("/graphql", json={"query": query}, headers=headers)

    assert (response.status_code, response.content) == (401, plain.content)
    assert fakes.executor.requests == []


async def test_er_4_where_introspection_is_off_the_schema_is_no_file_either() -> None:
    async with Fakes(is_schema_served=False).client() as client:
        response = await client.get("/schema.graphql")

    assert response.status_code == 404

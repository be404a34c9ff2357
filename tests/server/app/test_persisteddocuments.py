"""Documents that callers name: GraphQL over HTTP, appendix "Persisted Documents"."""

import json
from hashlib import md5, sha1, sha256
from pathlib import Path

import httpx
import pytest

from server.app.persisteddocuments import PersistedDocuments
from server.commanderrors import SettingsError
from tests.server.http_parts import AUTHORIZED, Fakes, code_of

TEXT = "query Pods { pods { totalCount } }"
HASH = sha256(TEXT.encode()).hexdigest()
OTHER = "query Nodes { nodes { totalCount } }"


async def post(fakes: Fakes, **body: object) -> httpx.Response:
    return await fakes.post(json.dumps(body).encode())


async def test_a_document_is_executed_by_its_hash() -> None:
    fakes = Fakes(documents=PersistedDocuments({"any": TEXT}))

    response = await post(fakes, documentId=f"sha256:{HASH}", variables={"n": 1}, operationName="Pods")

    (request,) = fakes.executor.requests
    assert response.status_code == 200
    assert (request.query, request.variables, request.operation_name) == (TEXT, {"n": 1}, "Pods")


async def test_by_get() -> None:
    fakes = Fakes(documents=PersistedDocuments({"any": TEXT}))

    async with fakes.client() as client:
        response = await client.get("/graphql", params={"documentId": f"sha256:{HASH}"}, headers=AUTHORIZED)

    assert response.status_code == 200
    assert fakes.executor.requests[0].query == TEXT


@pytest.mark.parametrize("document_id", [f"sha256:{HASH.upper()}", HASH, "sha256:", "x-none:1", "", "none"])
async def test_an_unknown_document_is_one_error(document_id: str) -> None:
    fakes = Fakes(documents=PersistedDocuments({"any": TEXT}))

    response = await post(fakes, documentId=document_id)

    assert (response.status_code, code_of(response)) == (404, "NOT_FOUND")
    assert fakes.executor.requests == []


async def test_a_document_and_an_identifier_contradict_each_other() -> None:
    response = await post(Fakes(documents=PersistedDocuments({"any": TEXT})), query=TEXT, documentId="any")

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")


async def test_apollo_s_clients_may_send_the_hash_alone() -> None:
    fakes = Fakes(documents=PersistedDocuments({"any": TEXT}))

    await post(fakes, extensions={"persistedQuery": {"version": 1, "sha256Hash": HASH}})

    assert fakes.executor.requests[0].query == TEXT


async def test_apollo_s_clients_are_told_in_their_words_and_nothing_is_registered() -> None:
    fakes = Fakes()
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}

    first = await post(fakes, extensions=unknown)
    with_text = await post(fakes, query=TEXT, extensions=unknown)
    again = await post(fakes, extensions=unknown)

    assert [entry["message"] for entry in first.json()["errors"]] == ["PersistedQueryNotFound"]
    assert with_text.status_code == 200
    assert again.json() == first.json()
    assert len(fakes.executor.requests) == 1


async def test_nothing_else_is_executed_where_that_is_set() -> None:
    fakes = Fakes(documents=PersistedDocuments({"any": TEXT}, are_the_only_ones=True))

    refused, known, named = [
        await post(fakes, **body) for body in ({"query": OTHER}, {"query": TEXT}, {"documentId": "any"})
    ]

    assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")
    assert (known.status_code, named.status_code) == (200, 200)
    assert [request.query for request in fakes.executor.requests] == [TEXT, TEXT]


@pytest.mark.parametrize(
    "manifest",
    [
        {sha1(TEXT.encode(), usedforsecurity=False).hexdigest(): TEXT},
        {md5(TEXT.encode(), usedforsecurity=False).hexdigest(): TEXT},
        {"format": "apollo-persisted-query-manifest", "version": 1,
         "operations": [{"id": HASH, "name": "Pods", "type": "query", "body": TEXT}]},
    ],
    ids=["graphql-codegen", "relay", "apollo"],
)  # fmt: skip
async def test_manifests_of_the_usual_tools(tmp_path: Path, manifest: dict[str, object]) -> None:
    path = tmp_path / "persisted.json"
    path.write_text(json.dumps(manifest))
    operations = manifest.get("operations")
    (named,) = [entry["id"] for entry in operations] if isinstance(operations, list) else manifest

    fakes = Fakes(documents=PersistedDocuments.read(path))
    by_name, by_hash = await post(fakes, documentId=named), await post(fakes, documentId=f"sha256:{HASH}")

    assert (by_name.status_code, by_hash.status_code) == (200, 200)
    assert [request.query for request in fakes.executor.requests] == [TEXT, TEXT]


def test_a_folder_has_manifests_and_documents(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "pods.graphql").write_text(TEXT)
    (tmp_path / "nodes.json").write_text(json.dumps({"nodes": OTHER}))
    (tmp_path / "README.md").write_text("no document")

    assert len(PersistedDocuments.read(tmp_path)) == 2


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"a": 1}', b"\xff", b'{"format": "other", "operations": []}'])
def test_what_is_no_manifest_is_told_at_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match="it is neither a manifest"):
        PersistedDocuments.read(path)


def test_a_file_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        PersistedDocuments.read(tmp_path / "none.json")


def test_no_documents_at_all_are_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has no manifest"):
        PersistedDocuments.read(tmp_path)
    with pytest.raises(SettingsError, match="FLEETGRAPH_DOCUMENTS_ONLY"):
        PersistedDocuments.read(None, are_the_only_ones=True)

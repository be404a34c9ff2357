"""OpenAPI documents of strangers: no part of one is opened again and again."""

import json
from time import process_time
from typing import Final

from k8s.schemas.limits import SchemaLimits
from k8s.schemas.openapidocument import read_document

GROUP: Final = "acme.io"


def test_a_large_schema_to_which_many_fields_refer_is_opened_once() -> None:
    assert seconds_to_read(references=900) < 20 * seconds_to_read(references=9)


def seconds_to_read(*, references: int) -> float:
    """Returns the processor time for a document in which fields refer to a schema of a megabyte."""
    kind = {"group": GROUP, "version": "v1", "kind": "Goose"}
    read = {"get": {"x-kubernetes-group-version-kind": kind}}
    root = f"/apis/{GROUP}/v1/namespaces/{{namespace}}/geese"
    paths = {root: read, f"{root}/{{name}}": read, f"/apis/{GROUP}/v1/geese": read}
    large = {"type": "object", "properties": {f"p{place}": {"description": "x" * 1000} for place in range(900)}}
    fields = {f"r{place}": {"$ref": "#/components/schemas/Large"} for place in range(references)}
    spec = {"type": "object", "properties": fields}
    goose = {"type": "object", "properties": {"spec": spec}, "x-kubernetes-group-version-kind": [kind]}
    body = json.dumps({"paths": paths, "components": {"schemas": {"Goose": goose, "Large": large}}}).encode()
    start_s = process_time()
    (found,) = read_document(body, GROUP, "v1", limits=SchemaLimits())
    seconds = process_time() - start_s
    assert len(found.structures) == 3
    return seconds

"""OpenAPI documents in a dump."""

import gzip
import json
from pathlib import Path

import pytest

from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.reading import opened_dump
from tests.snapshots.dumps.dumping import NODE, Files, Read, folder, tar

DOCUMENT = {"openapi": "3.0.0", "paths": {}, "components": {"schemas": {"a": {"description": "two\nlines"}}}}
FILE = "openapi/v3/apis/example.com/v1.json"


def documents(path: Path, limits: DumpLimits | None = None) -> dict[str, bytes]:
    """Returns the documents of a dump."""
    with opened_dump(path, limits) as dump:
        return {name: dump.document(name) for name in dump.documents}


@pytest.mark.parametrize("prefix", ["", "bundle/", "must-gather/namespaces/"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_document_is_found_in_any_folder(tmp_path: Path, prefix: str, indent: int | None) -> None:
    dump = folder(tmp_path / "dump", {"node.json": NODE, f"{prefix}{FILE}": json.dumps(DOCUMENT, indent=indent)})

    found = documents(dump)

    assert list(found) == ["apis/example.com/v1"]
    assert json.loads(found["apis/example.com/v1"]) == DOCUMENT
    assert b"\n" not in found["apis/example.com/v1"]  # parts of the store have a document a line
    assert Read(dump).broken == []


def test_a_document_of_an_archive_may_be_compressed(tmp_path: Path) -> None:
    files: Files = {"node.json": NODE, f"{FILE}.gz": gzip.compress(json.dumps(DOCUMENT).encode())}

    assert list(documents(tar(tmp_path / "dump.tar", files))) == ["apis/example.com/v1"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "it is no OpenAPI v3 document"),
        ("[]", "it is no OpenAPI v3 document"),
        ('{"swagger": "2.0"}', "it is no OpenAPI v3 document"),
        ('{"openapi": "3.0.0", "components": ' + '{"a":' * 100_000 + "1" + "}" * 100_001, "no OpenAPI v3 document"),
        (json.dumps({**DOCUMENT, "x": "y" * 10**6}), "the limit of an OpenAPI document is 900000"),
    ],
)
def test_a_broken_document_costs_itself(tmp_path: Path, text: str, cause: str) -> None:
    dump = folder(tmp_path / "dump", {"node.json": NODE, FILE: text})

    assert documents(dump, DumpLimits(object_bytes=900_000)) == {}
    [broken] = Read(dump, DumpLimits(object_bytes=900_000)).broken
    assert cause in broken


@pytest.mark.parametrize(
    "path",
    ["openapi/v3/api/v1.json", "openapi/v3/apis/v1.json", "openapi/v3/apis/a b/v1.json", "openapi/v2/apis/a/v1.json"],
)
def test_other_files_are_no_documents(tmp_path: Path, path: str) -> None:
    assert documents(folder(tmp_path / "dump", {"node.json": NODE, path: json.dumps(DOCUMENT)})) == {}


def test_documents_beyond_the_limit_of_kinds_are_left_out(tmp_path: Path) -> None:
    files = {f"openapi/v3/apis/example.com/v{number}.json": json.dumps(DOCUMENT) for number in range(1, 6)}

    assert len(documents(folder(tmp_path / "dump", {"node.json": NODE, **files}), DumpLimits(kinds=3))) == 3

"""docs/errors.md and the code."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLEnumType

from graph.engine import Engine
from k8s.errors import ErrorCode

TEXT = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
ROWS = {
    code: (cause, cure) for code, cause, cure in re.findall(r"^\| `([A-Z_]+)` \| (.+) \| (.+) \|$", TEXT, re.MULTILINE)
}


def test_every_code_is_documented_and_no_other() -> None:
    assert list(ROWS) == [code.value for code in ErrorCode]


@pytest.mark.parametrize("code", ErrorCode)
def test_a_code_has_a_cause_and_a_cure(code: ErrorCode) -> None:
    cause, cure = ROWS[code.value]

    assert len(cause) > 10
    assert len(cure) > 5


def test_the_schema_has_every_code_with_a_description() -> None:
    enum = Engine().schema.type_map["ErrorCode"]

    assert isinstance(enum, GraphQLEnumType)
    assert list(enum.values) == [code.value for code in ErrorCode]
    assert all(value.description for value in enum.values.values())

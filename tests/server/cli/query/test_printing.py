"""Printing of answers: errors and warnings below the tables."""

import json

import pytest

from graph.document.responsekeys import response_keys
from server.cli.query.outputformat import OutputFormat
from server.cli.query.printing import print_answer


@pytest.mark.parametrize("output", [OutputFormat.TABLE, OutputFormat.CSV])
def test_warnings_are_noted_below_a_table(capsys: pytest.CaptureFixture[str], output: OutputFormat) -> None:
    warnings = [{"code": "DIFFERENT_ELEMENTS", "message": "where: use some."}]
    response = {"data": {"pods": {"nodes": [{"name": "web"}]}}, "extensions": {"warnings": warnings}}

    print_answer(json.dumps(response).encode(), response_keys("{ pods { nodes { name } } }", None), output)

    printed = capsys.readouterr()
    assert "web" in printed.out
    assert printed.err == "warning: where: use some.\n"

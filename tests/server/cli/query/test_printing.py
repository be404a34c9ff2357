"""Printing of answers: errors and warnings below the tables."""

import json

import pytest
import yaml

from graph.document.responsekeys import response_keys
from server.cli.query.outputformat import OutputFormat
from server.cli.query.printing import print_answer
from server.commanderrors import InputError


@pytest.mark.parametrize("output", [OutputFormat.TABLE, OutputFormat.CSV])
def test_warnings_are_noted_below_a_table(capsys: pytest.CaptureFixture[str], output: OutputFormat) -> None:
    warnings = [{"code": "DIFFERENT_ELEMENTS", "message": "where: use some."}]
    response = {"data": {"pods": {"nodes": [{"name": "web"}]}}, "extensions": {"warnings": warnings}}

    print_answer(json.dumps(response).encode(), response_keys("{ pods { nodes { name } } }", None), output)

    printed = capsys.readouterr()
    assert "web" in printed.out
    assert printed.err == "warning: where: use some.\n"


def test_a_message_that_repeats_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    errors = [{"message": "cluster 'alpha': down."}, {"message": "other"}, {"message": "cluster 'alpha': down."}]

    print_answer(json.dumps({"data": None, "errors": errors}).encode(), None, OutputFormat.TABLE)

    assert capsys.readouterr().err.splitlines() == ["error: cluster 'alpha': down, 2 times.", "error: other."]


@pytest.mark.parametrize("extensions", [None, [], {"warnings": None}, {"warnings": [None, {}, {"message": None}]}])
def test_extensions_of_another_server_are_no_warnings(capsys: pytest.CaptureFixture[str], extensions: object) -> None:
    response = {"data": {"pods": [{"name": "web"}]}, "extensions": extensions}

    print_answer(json.dumps(response).encode(), response_keys("{ pods { name } }", None), OutputFormat.TABLE)

    assert capsys.readouterr() == ("NAME\nweb\n", "")


def test_an_answer_that_is_too_deep_for_yaml_is_refused() -> None:
    body = b'{"data": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}"

    with pytest.raises(InputError, match="nested too deeply for YAML"):
        print_answer(body, response_keys("{ a }", None), OutputFormat.YAML)


def test_texts_of_several_lines_are_blocks_in_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    body = b'{"data": {"pod": {"manifest": "kind: Pod\\nmetadata:\\n  name: web\\n", "name": "web", "odd": "a \\nb"}}}'

    print_answer(body, response_keys("{ pod }", None), OutputFormat.YAML)

    out = capsys.readouterr().out
    assert out.startswith(
        "data:\n  pod:\n    manifest: |\n      kind: Pod\n      metadata:\n        name: web\n    name: web\n"
    )
    assert yaml.safe_load(out) == json.loads(body)

"""Saved queries: shipped ones and the user's own."""

from pathlib import Path

import pytest
from graphql import parse, validate

from graph.engine import Engine
from tests.server.commandline import Cli

SHIPPED = [
    *("applications", "counts", "crashes", "envelope", "environment", "fleet", "health", "history", "kinds", "later"),
    *("links", "live", "reach", "totals", "trouble", "usage", "uses"),
]


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def _save(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "config" / "fleetgraph" / "examples"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_the_shipped_ones_are_valid_and_say_what_they_show(cli: Cli) -> None:
    schema = Engine().schema

    shown = cli("examples", "--json").json

    assert [item["name"] for item in shown] == SHIPPED
    assert all(item["about"] for item in shown)
    errors = {item["name"]: [error.message for error in validate(schema, parse(item["query"]))] for item in shown}
    assert [name for name, messages in errors.items() if messages] == ["applications"]  # a custom kind
    assert "'argoprojApplications'" in errors["applications"][0]


def test_the_users_own_are_beside_them_and_win(cli: Cli, tmp_path: Path) -> None:
    _save(tmp_path, "Mine.graphql", "# My clusters.\n{ clusters { name } }")
    _save(tmp_path, "fleet.graphql", "{ __typename }")

    listed = cli("examples", "--json").json
    text = cli("examples", "FLEET")

    assert {"name": "mine", "about": "My clusters.", "query": "# My clusters.\n{ clusters { name } }"} in listed
    assert (text.exit_code, text.out) == (0, "{ __typename }\n")


def test_one_is_run_by_its_name(cli: Cli, tmp_path: Path) -> None:
    _save(tmp_path, "mine.graphql", "query Mine($names: [String!]) { clusters(names: $names) { name } }")

    ran = cli("query", "--example", "Mine", "-v", "names=", "-o", "json")

    assert (ran.exit_code, ran.json) == (0, {"data": {"clusters": []}})


def test_an_unknown_name_is_refused_with_those_that_there_are(cli: Cli) -> None:
    ran = cli("query", "--example", "nope")

    assert (ran.exit_code, ran.out) == (2, "")
    assert ", ".join(SHIPPED) in ran.err


def test_completion_knows_them(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_FLEETGRAPH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "fleetgraph query --example t")
    monkeypatch.setenv("COMP_CWORD", "3")

    assert cli().out.split() == ["totals", "trouble"]

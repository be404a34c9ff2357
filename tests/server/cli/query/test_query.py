"""`query` and `schema`: the engine in this process, over real clusters."""

import sys
from pathlib import Path

import pytest

from graph.document.responsekeys import response_keys
from graph.engine import Engine
from server.cli.query.outputformat import OutputFormat
from server.cli.query.printing import print_answer
from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server import kubeconfigs
from tests.server.commandline import Cli

CLUSTERS = "query Clusters($names: [String!]) { clusters(names: $names) { name reachable } }"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Returns the schema, built once: it takes seconds, and has no state of a query."""
    return Engine()


@pytest.fixture(autouse=True)
def _engine_built_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.composition.typedengine.Engine", lambda *_given, **_named: engine)
    monkeypatch.setattr("server.cli.schema.Engine", lambda: engine)


def test_an_answer_without_errors(cli: Cli) -> None:
    ran = cli("query", "{ clusters { name } }")

    assert (ran.exit_code, ran.out) == (0, '{"data":{"clusters":[]}}\n')


def test_variables_and_operations(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a", "b")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")
    document = tmp_path / "query.graphql"
    document.write_text(f"{CLUSTERS} query Other {{ __typename }}")

    ran = cli("query", "--file", str(document), "--variables", '{"names": ["b"]}', "--operation", "Clusters")

    assert (ran.exit_code, ran.json) == (0, {"data": {"clusters": [{"name": "b", "reachable": False}]}})


def test_an_answer_with_errors_is_printed_and_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "dead")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")

    ran = cli("query", "{ pods { nodes { metadata { name } } } }")

    assert ran.exit_code == 1
    assert ran.json["data"] == {"pods": {"nodes": []}}
    assert ran.json["errors"][0]["extensions"]["cluster"] == "dead"


@pytest.mark.parametrize("query", ["{", "{ nothing }", "", "mutation { x }"])
def test_a_query_that_is_not_run_is_exit_code_2(cli: Cli, query: str) -> None:
    ran = cli("query", "--", query)

    assert ran.exit_code == 2
    assert "data" not in ran.json
    assert ran.json["errors"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("{ a }", "--file", "x"),
        ("{ a }", "--example", "fleet"),
        ("query($n: Int) { a }", "-v", "n=x"),
        ("{ a }", "-v", "n"),
        ("--file", "missing.graphql"),
        ("{ a }", "--variables", "{"),
        ("{ a }", "--variables", "[1]"),
        ("{ a }", "--variables", "[" * 100_000),
    ],
    ids=lambda arguments: repr(arguments)[:40],
)
def test_what_is_no_request_is_one_line(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli("query", *arguments)

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("query", ["{ clusters { name } }", "{ pods { totalCount } }", "{ pods { nodes { name } } }"])
@pytest.mark.parametrize("command", ["query", "explain"])
def test_a_fleet_without_clusters_is_said_beside_the_answer(cli: Cli, tmp_path: Path, command: str, query: str) -> None:
    empty = cli(command, query)
    _imported(cli, tmp_path, "a")
    registered = cli(command, "{ clusters(names: []) { name } }")

    assert empty.exit_code == 0
    assert "No clusters are registered. Register some with: fleetgraph clusters import." in empty.err
    assert "No clusters" not in registered.err


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        (CLUSTERS, "did you mean names?"),
        ("query($aaaa: Boolean!) { __typename @skip(if: $aaaa) }", "it has aaaa."),
        ("{ __typename }", "the query has no variables."),
    ],
)
def test_a_variable_that_the_query_does_not_declare(cli: Cli, query: str, hint: str) -> None:
    refused = cli("query", query, "-v", "nam=b")
    ignored = cli("query", query, "--variables", '{"nam": "b"}')

    assert (refused.exit_code, refused.out) == (2, "")
    assert refused.err.startswith("error: --variable nam: ")
    assert hint in refused.err
    assert "data" in ignored.json or "aaaa" in query
    assert f"warning: --variables has nam, which is ignored: {refused.err.partition('nam: ')[2]}" in ignored.err


def test_a_variable_of_another_operation_is_not_one_of_this(cli: Cli) -> None:
    ran = cli("query", f"{CLUSTERS} query Other {{ __typename }}", "--operation", "Other", "-v", "names=b")

    assert ran.exit_code == 2


def test_the_schema_and_nothing_else(cli: Cli) -> None:
    ran = cli("schema")

    assert (ran.exit_code, ran.err) == (0, "")
    assert "\ntype Query {\n" in ran.out
    assert ran.out == f"{ran.out.rstrip()}\n"


@pytest.mark.controlplane
def test_one_dead_cluster_stops_neither_the_import_nor_the_query(cli: Cli, alpha: Cluster, tmp_path: Path) -> None:
    living = write_kubeconfig(tmp_path / "living", [alpha])
    dead = kubeconfigs.write(tmp_path / "dead", "dead")
    imported = cli("clusters", "import", "--kubeconfig", str(living), "--all", "--json")
    refused = cli("clusters", "import", "--kubeconfig", str(dead), "--all")
    cli("clusters", "import", "--kubeconfig", str(dead), "--all", "--no-check")

    ran = cli("query", "{ namespaces { nodes { metadata { name } } clusters { cluster { name } status } } }")
    checked = cli("clusters", "check", "--json")

    assert (imported.exit_code, imported.json[0]["access"]) == (0, "cluster administrator")
    assert refused.exit_code == 1
    assert ran.exit_code == 1
    assert {"metadata": {"name": "kube-system"}} in ran.json["data"]["namespaces"]["nodes"]
    assert [(one["name"], one["reachable"]) for one in checked.json] == [("alpha", True), ("dead", False)]
    for printed in (imported, refused, ran, checked):
        assert alpha.token() not in f"{printed.out}{printed.err}"


def _imported(cli: Cli, tmp_path: Path, *names: str) -> None:
    cli(
        "clusters", "import", "--no-check", "--all", "--kubeconfig", str(kubeconfigs.write(tmp_path / "config", *names))
    )


def test_a_table_of_a_list(cli: Cli, tmp_path: Path) -> None:
    _imported(cli, tmp_path, "a", "b")

    ran = cli("query", "{ clusters { name reachable } }", "-o", "table")

    assert (ran.exit_code, ran.out) == (0, "NAME  REACHABLE\na     false\nb     false\n")


def test_a_table_says_beside_it_what_failed(cli: Cli, tmp_path: Path) -> None:
    _imported(cli, tmp_path, "dead")

    ran = cli("query", "{ pods { nodes { name } } }", "-o", "table")

    assert (ran.exit_code, ran.out) == (1, "")
    assert "pods: nothing found." in ran.err
    assert "error: cluster 'dead': " in ran.err


def test_csv_has_paths_as_header(cli: Cli, tmp_path: Path) -> None:
    _imported(cli, tmp_path, "a")
    cli("clusters", "label", "a", "x=1")

    ran = cli("query", "{ clusters { name labels __typename latencyMs } }", "-o", "csv")

    assert (ran.exit_code, ran.out) == (0, "name,labels,__typename,latencyMs\na,x=1,Cluster,\n")


def test_csv_has_no_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    body = b'{"data": {"list": [{"a": "=1+1", "b": -5, "c": "@x", "d": "-5.5"}]}}'

    print_answer(body, response_keys("{ list { a b c d } }"), OutputFormat.CSV)

    assert capsys.readouterr().out == "a,b,c,d\n'=1+1,-5,'@x,-5.5\n"


def test_csv_of_two_lists_is_refused(cli: Cli) -> None:
    ran = cli("query", "{ clusters { name } other: clusters { name } }", "-o", "csv")

    assert (ran.exit_code, ran.out) == (2, "")
    assert "clusters, other" in ran.err


def test_yaml_is_the_whole_answer(cli: Cli) -> None:
    ran = cli("query", "{ clusters { name } }", "-o", "yaml")

    assert (ran.exit_code, ran.out) == (0, "data:\n  clusters: []\n")


def test_variables_as_text_have_their_declared_types(cli: Cli, tmp_path: Path) -> None:
    _imported(cli, tmp_path, "a", "b")

    ran = cli("query", CLUSTERS, "-v", "names=b")

    assert ran.json["data"]["clusters"] == [{"name": "b", "reachable": False}]


def test_several_operations_are_named_where_none_was_chosen(cli: Cli) -> None:
    ran = cli("query", "query A { __typename } query B { __typename }")

    assert (ran.exit_code, ran.out) == (2, "")
    assert "choose one with --operation: A, B" in ran.err


def test_watching_asks_again_until_it_is_interrupted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("server.cli.query.ask.sleep", sleep)

    ran = cli("query", "{ clusters { name } }", "--every", "2", "-o", "json")

    assert ran.exit_code == 130
    assert ran.out == '{"data":{"clusters":[]}}\n' * 3
    assert waits == [2.0, 2.0, 2.0]


def test_a_narrow_terminal_leaves_out_columns_and_wide_does_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.terminal.output._width", lambda: 12)
    query, body = "{ list { a bcd efgh } }", b'{"data": {"list": [{"a": "one", "bcd": "two", "efgh": "three"}]}}'

    print_answer(body, response_keys(query), OutputFormat.TABLE)
    narrow = capsys.readouterr()
    print_answer(body, response_keys(query), OutputFormat.WIDE)
    wide = capsys.readouterr()

    assert narrow.out == "A    BCD\none  two\n"
    assert narrow.err == "Too wide for 12 columns, left out: EFGH. All columns: -o wide.\n"
    assert (wide.out, wide.err) == ("A    BCD  EFGH\none  two  three\n", "")


REFUSED = b'{"errors": [{"message": "Cannot query\\nfield x."}]}'
PARTIAL = b'{"data": {"list": [{"a": "one"}]}, "errors": [{"message": "cluster b: gone."}]}'


@pytest.mark.parametrize("output", [None, *OutputFormat])
@pytest.mark.parametrize("body", [REFUSED, PARTIAL])
def test_errors_on_a_terminal_are_a_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: bytes, output: OutputFormat | None
) -> None:
    keys = response_keys("{ list { a } }") if body is PARTIAL else None
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    print_answer(body, keys, output)

    printed = capsys.readouterr()
    is_whole = output in (OutputFormat.JSON, OutputFormat.YAML)
    assert printed.err == ("error: Cannot query\\x0afield x.\n" if body is REFUSED else "error: cluster b: gone.\n")
    assert ("errors" in printed.out) is is_whole
    assert bool(printed.out) is (is_whole or body is PARTIAL)


def test_errors_in_json_are_no_lines_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(PARTIAL, response_keys("{ list { a } }"), OutputFormat.JSON)

    assert capsys.readouterr().err == ""

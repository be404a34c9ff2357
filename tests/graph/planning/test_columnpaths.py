"""Paths that have the names of kubectl's columns."""

import pytest

from graph.engine import Engine
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue
from resolvers.errors import BadUserInput
from tests.graph.fleets import Asking, fleet_of


@pytest.mark.parametrize(
    ("kind", "path", "message"),
    [
        ("Pod", "ip", "Pod has no field ip; kubectl's column IP is status.podIPs.ip."),
        ("Pod", "phase", "Pod has no field phase; did you mean status.phase?"),
        ("Pod", "nodeName", "Pod has no field nodeName; did you mean spec.nodeName?"),
        ("Deployment", "pods.ip", "Pod has no field ip; kubectl's column IP is pods.status.podIPs.ip."),
        ("Job", "parallelism", "Job has no field parallelism; did you mean spec.parallelism?"),
    ],
)
def test_an_unknown_path_is_refused_with_the_one_that_is_meant(kind: str, path: str, message: str) -> None:
    with pytest.raises(BadUserInput) as error:
        FieldPaths(catalogue()).find(kind, path)

    assert message in str(error.value)


@pytest.mark.parametrize(
    "arguments",
    [
        'where: [{path: "status", value: "Running"}]) { totalCount',
        'orderBy: [{path: "status"}]) { totalCount',
        'first: 1) { groups(by: ["status"]) { count }',
    ],
)
async def test_a_part_of_an_object_with_the_name_of_a_column_is_no_value(engine: Engine, arguments: str) -> None:
    answer = await Asking(engine, fleet_of([]))(f"{{ pods({arguments} }} }}")

    (error,) = answer.to_builtins()["errors"]
    assert error["message"].endswith("kubectl's column STATUS is reason.")

"""`fleetgraph schema --live`: the schema of the registered clusters."""

from tests.server.commandline import Cli


def test_without_learned_types_it_is_the_schema_of_built_in_kinds(cli: Cli) -> None:
    plain, live = cli("schema"), cli("schema", "--live")

    assert live.exit_code == 0
    assert live.out == plain.out
    assert "type Pod implements KubernetesObject" in live.out

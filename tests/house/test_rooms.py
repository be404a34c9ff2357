"""Folders and files: small, toured, and each for a reason."""

import ast
import re
from collections import Counter, defaultdict
from typing import Final

import pytest

from tests.house.production import PACKAGES, ROOT, Module, files_of, module_name, production

MOST_MODULES: Final = 20
SMALL_LINES: Final = 40
MAX_LINES: Final = 250
TOURED: Final = re.compile(r"`([a-z][a-z0-9_]*)`")

_COMMANDS: Final = "one group of commands, as its neighbours"
_ONE_NOUN: Final = "its name is the answer to a newcomer's question"
_STEP: Final = "a step of the schema, loaded by Alembic"
SMALL_FOR_A_REASON: Final = {
    "server.cli.commands.audit": _COMMANDS,
    "server.cli.commands.authentication": _COMMANDS,
    "server.cli.commands.demo": _COMMANDS,
    "server.cli.commands.keys": _COMMANDS,
    "server.cli.commands.schema": _COMMANDS,
    "server.cli.commands.serve": _COMMANDS,
    "server.cli.query.examplelisting": "shell completion reads `examples` without rich",
    "server.cli.snapshots.standardinput": _ONE_NOUN,
    "server.cli.schema": "tests/server/test_imports.py measures its imports",
    "demo.fleet.refusedconnection": "an HTTP client, which is slow to import",
    "graph.schema.dependents": "a search in a graph, for graph.schema.customschema, which has 236 lines",
    "resolvers.kinds.custom.clusterapi": _ONE_NOUN,
    "server.http.csrf": _ONE_NOUN,
    "server.http.language": _ONE_NOUN,
    "server.settings.memory": "one group of settings, as its neighbours",
    "k8s.watches.reflector.watchsink": "a protocol of k8s.watches.reflector.watch, which has 230 lines",
    "store.clusters.completion": "shell completion imports no library of SQL",
    "store.database.postgresql": "asyncpg is imported for PostgreSQL only",
    "store.migrations.env": "the entry point of Alembic",
    "store.migrations.versions.r0002_snapshots": _STEP,
    "store.migrations.versions.r0003_key_rotation": _STEP,
    "store.migrations.versions.r0004_token_users": _STEP,
    "store.migrations.versions.r0005_audit": _STEP,
    "store.migrations.versions.r0006_grants": _STEP,
    "store.migrations.versions.r0008_learned_types": _STEP,
    "store.migrations.versions.r0009_prometheus": _STEP,
}
"""Modules of fewer than 40 lines with one importer, and the reason of each."""
TOURS: Final = [
    module_name(file.relative_to(ROOT)) for file in files_of(*PACKAGES) if file.name == "__init__.py"
]  # they are parsed by the tests


def folders() -> dict[str, list[Module]]:
    """Returns the modules of each package, without `__init__`."""
    found: defaultdict[str, list[Module]] = defaultdict(list)
    for module in production():
        if not module.is_tour:
            found[module.package].append(module)
    return found


def tours() -> list[Module]:
    """Returns all `__init__` modules."""
    return [module for module in production() if module.is_tour]


def importers() -> Counter[str]:
    """Returns the number of production modules that import each module."""
    names = {module.name for module in production()}
    counted: Counter[str] = Counter()
    for module in production():
        used = set[str]()
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                used.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module)
                used.update(f"{node.module}.{alias.name}" for alias in node.names)
        counted.update((used & names) - {module.name})
    return counted


def test_no_folder_has_more_than_twenty_modules() -> None:
    assert {folder: len(modules) for folder, modules in folders().items() if len(modules) > MOST_MODULES} == {}


def test_no_module_has_more_than_250_lines() -> None:
    assert {module.name: module.lines for module in production() if module.lines > MAX_LINES} == {}


@pytest.mark.parametrize("name", TOURS)
def test_a_tour_names_every_module_and_no_other(name: str) -> None:
    [tour] = [tour for tour in tours() if tour.name == name]
    here = {module.name.rpartition(".")[2] for module in folders().get(tour.name, [])}
    below = {module.name.rpartition(".")[2] for module in tours() if module.name.rpartition(".")[0] == tour.name}
    stops = (ast.get_docstring(tour.tree) or "").split("\n- ")[1:]

    named = {name for stop in stops for name in TOURED.findall(stop.partition("\n\n")[0])}

    assert here | below == named


def test_a_small_module_has_two_importers_or_a_reason() -> None:
    counted = importers()
    small = {
        module.name
        for module in production()
        if not module.is_tour and module.lines < SMALL_LINES and counted[module.name] < 2
    }

    assert small == set(SMALL_FOR_A_REASON)

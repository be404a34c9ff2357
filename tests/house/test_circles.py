"""Imports lead one way."""

import ast
from graphlib import TopologicalSorter

from tests.house.production import Module, production


def imported(module: Module, names: set[str]) -> set[str]:
    """Returns the modules that a module imports anywhere, for types alone included."""
    found = set[str]()
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=aliases):
                found.update(alias.name for alias in aliases)
            case ast.ImportFrom(module=str(package), names=aliases):
                members = {f"{package}.{alias.name}" for alias in aliases}
                found.update(members & names or {package})
    return (found & names) - {module.name}


def test_no_modules_import_each_other() -> None:
    modules = [module for module in production() if not module.is_tour]
    names = {module.name for module in modules}

    TopologicalSorter({module.name: imported(module, names) for module in modules}).prepare()  # CycleError: the circle

"""Imports lead one way."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter

from tests.house.production import Module, production


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yields all nodes below one, except those that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
        yield child
        yield from statements(child)


def imported(module: Module, names: set[str]) -> set[str]:
    """Returns the modules that a module imports, at its top or in a function."""
    found = set[str]()
    for node in statements(module.tree):
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

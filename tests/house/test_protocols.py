"""Protocols are borders between packages; inside one, a class is enough."""

import ast
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from tests.house.production import Module, production

BORDERS: Final[Mapping[str, str]] = {}
"""Protocols whose only implementer of today is beside them, and the reason of each."""


class Definitions:
    """All classes of production, with the names of their members."""

    def __init__(self) -> None:
        self._classes: Final = [(module, definition) for module in production() for definition in module.classes]
        self._by_name: Final = {definition.name: definition for _, definition in self._classes}

    @cached_property
    def implementations(self) -> list[tuple[Module, set[str]]]:
        """Returns the module and the members of each class that is no protocol."""
        return [
            (module, self.members(definition))
            for module, definition in self._classes
            if "Protocol" not in bases(definition)
        ]

    @property
    def protocols(self) -> list[tuple[Module, ast.ClassDef]]:
        """Returns the protocols that have more than `__call__`, which functions fit."""
        return [
            (module, definition)
            for module, definition in self._classes
            if "Protocol" in bases(definition) and not self.members(definition) <= {"__call__"}
        ]

    def members(self, definition: ast.ClassDef) -> set[str]:
        """Returns the names of all members, inherited ones included."""
        inherited = (self.members(self._by_name[base]) for base in bases(definition) if base in self._by_name)
        return own_members(definition).union(*inherited)


def bases(definition: ast.ClassDef) -> set[str]:
    """Returns the last names of the base classes, without type arguments."""
    return {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in definition.bases}


def own_members(definition: ast.ClassDef) -> set[str]:
    """Returns the names of the methods and attributes that a class defines itself."""
    found = set[str]()
    for node in definition.body:
        match node:
            case ast.FunctionDef(name="__init__"):
                found |= {
                    target.attr
                    for target in ast.walk(node)
                    if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store)
                }
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_no_protocol_has_its_only_implementer_in_its_own_package() -> None:
    definitions = Definitions()
    lonely = []

    for module, protocol in definitions.protocols:
        members = definitions.members(protocol)
        implementers = [other for other, has in definitions.implementations if members <= has]
        if [other.package for other in implementers] == [module.package]:
            lonely.append(f"{module.name}.{protocol.name}")

    assert lonely == list(BORDERS)

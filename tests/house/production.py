"""The modules of production, as text and as syntax trees."""

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("server", "graph", "resolvers", "k8s", "store", "snapshots", "demo", "web")


@dataclass(frozen=True, slots=True)
class Module:
    """One file of Python: `name` is dotted, `path` is relative to the repository."""

    name: str
    path: Path
    tree: ast.Module
    lines: int
    classes: tuple[ast.ClassDef, ...]
    """All of them, nested ones included."""

    @property
    def package(self) -> str:
        """Returns the dotted name of the folder."""
        return ".".join(self.path.parts[:-1])

    @property
    def is_tour(self) -> bool:
        """True for the `__init__` of a package."""
        return self.path.name == "__init__.py"


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yields all statements below a module or statement, which takes a seventh of a walk: expressions hold none."""
    for place in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, place, ()):
            yield child
            yield from statements(child)


def parsed(path: Path) -> Module:
    """Returns the module at a path."""
    relative = path.relative_to(ROOT)
    text = path.read_text()
    tree = ast.parse(text)
    classes = tuple(node for node in statements(tree) if isinstance(node, ast.ClassDef))
    return Module(module_name(relative), relative, tree, len(text.splitlines()), classes)


def module_name(relative: Path) -> str:
    """Returns the dotted name of the module at a path from the root."""
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def files_of(*folders: str) -> list[Path]:
    """Returns the modules' files in some folders."""
    found = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return [file for file in found if "node_modules" not in file.parts]


def _all_parsed(*folders: str) -> tuple[Module, ...]:
    """Returns modules, without collections of garbage, which would take three times as long as the rest."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return tuple(parsed(file) for file in files_of(*folders))
    finally:
        if was_enabled:
            gc.enable()


@cache
def production() -> tuple[Module, ...]:
    """Returns every module that an installation contains."""
    return _all_parsed(*PACKAGES)


@cache
def everything() -> tuple[Module, ...]:
    """Returns every module of the repository: production, tests, examples and the benchmark."""
    return production() + _all_parsed("tests", "examples", "bench")

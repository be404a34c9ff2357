"""The modules of production, as text and as syntax trees."""

import ast
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


def parsed(path: Path) -> Module:
    """Returns the module at a path."""
    relative = path.relative_to(ROOT)
    text = path.read_text()
    name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(text)
    classes = tuple(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return Module(name, relative, tree, len(text.splitlines()), classes)


@cache
def production() -> tuple[Module, ...]:
    """Returns every module that an installation contains."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return tuple(parsed(file) for file in files if "node_modules" not in file.parts)


@cache
def everything() -> tuple[Module, ...]:
    """Returns every module of the repository: production, tests, examples and the benchmark."""
    files = (file for folder in ("tests", "examples", "bench") for file in sorted((ROOT / folder).rglob("*.py")))
    return production() + tuple(parsed(file) for file in files if "node_modules" not in file.parts)

"""Messages of errors, read from the sources: the catalogue must have an entry for each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("k8s", "resolvers", "graph", "server")


@dataclass(frozen=True)
class Raised:
    """A message of the sources, with `0`, `1`, ... in place of its parameters."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def raised_messages(errors: frozenset[str], *, apart_from: frozenset[str] = frozenset()) -> list[Raised]:
    """Returns the messages of errors with these class names, in all modules but some (paths from the root)."""
    found = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            path = str(file.relative_to(ROOT))
            if path not in apart_from:
                found += [Raised(f"{path}:{line}", text) for line, text in _of_module(file.read_text(), errors)]
    return found


def joined_names() -> set[str]:
    """Returns the modules that join names as a sentence does; those of the command line are left out."""
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            path = str(file.relative_to(ROOT))
            if not path.startswith("server/cli/") and any(map(_joins_names, ast.walk(ast.parse(file.read_text())))):
                found.add(path)
    return found


def _joins_names(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant(value=str(joint)))):
            return joint.strip() in {",", "or", "and"} and joint != ","
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Name(id="BETWEEN"))):
            return True
        case _:
            return False


def _of_module(source: str, errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    if not any(name in source for name in errors):
        return
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for scope in [*functions, *(node for node in tree.body if not isinstance(node, ast.ClassDef))]:
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and _name(node.func) in errors:
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    yield from _texts(argument, scope)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _texts(node: ast.expr, scope: ast.AST) -> Iterator[tuple[int, str]]:
    """Yields the texts of an expression, through conditions, concatenations and local names."""
    match node:
        case ast.Constant(value=str(text)) if " " in text:
            yield node.lineno, text
        case ast.JoinedStr():
            yield node.lineno, _sample(node)
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, scope)
            yield from _texts(other, scope)
        case ast.Name(id=name):
            for assigned in ast.walk(scope):
                if isinstance(assigned, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == name for target in assigned.targets
                ):
                    yield from _texts(assigned.value, scope)


def _sample(node: ast.JoinedStr) -> str:
    parts = [part.value if isinstance(part, ast.Constant) else str(at) for at, part in enumerate(node.values)]
    return "".join(str(part) for part in parts)

"""One meaning for a name, and docstrings that begin with a verb or a noun."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tests.house.production import Module, everything, production, statements

RELATIVE: Final = re.compile(
    r"(?:What|Who|Whom|Whose|Where|When|Which|How|Why|That|Whether|From|Whoever|Whatever|Wherever|Whenever|Whichever)\b"
)


def docstrings(module: Module) -> Iterator[tuple[int, str]]:
    """Yields line and text of the docstrings of a module, those below assignments included."""
    for node in (module.tree, *statements(module.tree)):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if text := ast.get_docstring(node):
            yield node.body[0].lineno, text
        for before, after in pairwise(node.body):
            match before, after:
                case ast.Assign() | ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str(text))):
                    yield after.lineno, text


def test_no_docstring_begins_with_a_relative_pronoun() -> None:
    assert [
        f"{module.path}:{line}: {text.strip().splitlines()[0]}"
        for module in everything()
        for line, text in docstrings(module)
        if RELATIVE.match(text.strip())
    ] == []


def test_a_class_name_is_used_once() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module in production():
        for definition in module.classes:
            places[definition.name].append(module.name)

    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}

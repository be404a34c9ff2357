"""The paths of one list's arguments as one hidden selection set, which is planned and executed as any other.

So a path may lead through lists, derived fields and links, with the same requests as a query, each made once for the
whole list.
"""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from graphql import FieldNode, NameNode, SelectionSetNode
from graphql.execution.collect_fields import FieldDetails

from graph.execution.pathvalues import PathValues, Step
from graph.planning.fieldpath import FieldPath, PathStart
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import Catalogue
from k8s.masking.masking import Masking

_ALIAS: Final = "c{}"


@dataclass(slots=True)
class _Selected:
    """A selected field; `place` is its index among its siblings."""

    place: int = 0
    below: "dict[str, _Selected]" = field(default_factory=dict)

    def select(self, name: str) -> "_Selected":
        """Selects a field below it, once."""
        return self.below.setdefault(name, _Selected(len(self.below)))

    @property
    def step(self) -> Step:
        """Returns the step from the emitted object around it to its value."""
        return attrgetter(f"value{self.place}")


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths from an object, or from an element of a list, in the selection set of a list's arguments."""

    finder: FieldPaths
    start: PathStart
    selected: _Selected = field(default_factory=_Selected)

    @classmethod
    def of_type(cls, catalogue: Catalogue, owner: str, masking: Masking) -> "Paths":
        """Returns no paths yet of the objects of a type."""
        finder = FieldPaths(catalogue, masking)
        return cls(finder, finder.start(owner))

    def add(self, text: str) -> PathValues:
        """Selects a path, and returns its values.

        Raises:
            BadUserInput: it is unknown.
        """
        return self._select(self.finder.find(self.start, text))[0]

    def elements(self, text: str, word: str) -> "tuple[PathValues, Paths]":
        """Selects the elements of a list; returns them, and the paths from an element.

        Raises:
            BadUserInput: the path is unknown, or leads through no list; `word` is the condition on the elements.
        """
        path, start = self.finder.find_elements(self.start, text, word)
        elements, last = self._select(path)
        return elements, Paths(self.finder, start, last)

    def details(self) -> list[FieldDetails]:
        """Returns a field with the paths as its selection set."""
        return [FieldDetails(_field("filtered", self.selected), None)]

    def _select(self, path: FieldPath) -> tuple[PathValues, _Selected]:
        """Selects a path; returns its values, and its last field."""
        picks = dict(path.picks)
        last, steps = self.selected, list[Step]()
        for place, name in enumerate(path.names):
            last = last.select(name)
            pick = picks.get(place)
            steps.append(last.step if pick is None else pick.step(last.step, last.select(pick.field).step))
        return PathValues(path, (*steps, *map(_of_map, path.keys))), last


def _of_map(key: str) -> Step:
    return lambda value: value.get(key) if isinstance(value, dict) else None


def _field(name: str, selected: _Selected) -> FieldNode:
    selections = tuple(_field(below, inner) for below, inner in selected.below.items())
    return FieldNode(
        name=NameNode(value=name),
        alias=NameNode(value=_ALIAS.format(selected.place)),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=selections) if selections else None,
    )

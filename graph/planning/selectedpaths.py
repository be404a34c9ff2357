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
from graph.planning.elementpicks import ElementPick
from graph.planning.fieldpath import FieldPath, PathStart
from graph.planning.fieldpaths import FieldPaths, UnknownPath
from k8s.reading.openpaths import below
from k8s.reading.selection import WHOLE
from resolvers.arguments import paths as steps_of
from resolvers.arguments.jsonpaths import pick_values
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType

OPEN_FIELD: Final = ":"
"""The beginning of the name of a hidden field with the JSON at a key, whose selection set are the keys below it."""

_ALIAS: Final = "c{}"


@dataclass(slots=True)
class _Selected:
    """A selected field; `place` is its index among its siblings."""

    place: int = 0
    below: "dict[str, _Selected]" = field(default_factory=dict)
    is_whole: bool = False

    def select(self, name: str) -> "_Selected":
        """Selects a field below it, once."""
        return self.below.setdefault(name, _Selected(len(self.below)))

    @property
    def step(self) -> Step:
        """Returns the step from the emitted object around it to its value."""
        return attrgetter(f"value{self.place}")


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths from an object, or from an element of a list, in the selection set of a list's arguments.

    Attributes:
        absent: for lists of several types: filled with the paths that the type does not have, which lead to nothing,
            and those that are compared with a value that they cannot have; None if these are errors.
    """

    finder: FieldPaths
    start: PathStart
    selected: _Selected = field(default_factory=_Selected)
    absent: dict[str, BadUserInput] | None = None

    @classmethod
    def of_type(cls, finder: FieldPaths, owner: str, absent: dict[str, BadUserInput] | None = None) -> "Paths":
        """Returns no paths yet of the objects of a type."""
        return cls(finder, finder.start(owner), absent=absent)

    def add(self, text: str) -> PathValues:
        """Selects a path, and returns its values.

        Raises:
            BadUserInput: it is unknown.
        """
        try:
            return self._select(self.finder.find(self.start, text))[0]
        except UnknownPath as error:
            return self._nothing(text, error)

    def elements(self, text: str, word: str) -> "tuple[PathValues, Paths]":
        """Selects the elements of a list; returns them, and the paths from an element.

        Raises:
            BadUserInput: the path is unknown, or leads through no list; `word` is the condition on the elements.
        """
        try:
            path, start = self.finder.find_elements(self.start, text, word)
        except UnknownPath as error:
            return self._nothing(text, error), Paths(self.finder, PathStart(None, is_open=True), absent=self.absent)
        elements, last = self._select(path)
        return elements, Paths(self.finder, start, last, absent=self.absent)

    def _nothing(self, text: str, error: UnknownPath) -> PathValues:
        """Returns the values of a path that the type does not have."""
        if self.absent is None:
            raise error
        self.absent.setdefault(text, error)
        return PathValues(FieldPath(text, (), (), ValueType.ANY, is_many=False, open_steps=()), (_none,))

    def details(self) -> list[FieldDetails]:
        """Returns a field with the paths as its selection set."""
        return [FieldDetails(_field("filtered", self.selected), None)]

    def _select(self, path: FieldPath) -> tuple[PathValues, _Selected]:
        """Selects a path; returns its values, and its last field."""
        if path.open_steps is not None:
            return self._select_open(path)
        picks = dict(path.picks)
        last, steps = self.selected, list[Step]()
        for place, name in enumerate(path.names):
            last = last.select(name)
            pick = picks.get(place)
            steps.append(last.step if pick is None else pick.step(last.step, last.select(pick.field).step))
        for key in path.keys:
            if isinstance(key, steps_of.Pick):
                steps[-1] = ElementPick(key.field, pick_values(key.value)).step(steps[-1], _of_map(key.field))
            else:
                steps.append(_of_map(key))
        return PathValues(path, tuple(steps)), last

    def _select_open(self, path: FieldPath) -> tuple[PathValues, _Selected]:
        """Selects a path in JSON: the hidden field of its first key, and the keys below it."""
        last, steps, is_object = self.selected, list[Step](), not self.start.is_open
        for step in path.open_steps or ():
            if isinstance(step, steps_of.Pick):
                if not steps:
                    raise BadUserInput(f"path: {path.text}: an element is picked of a list; write its key first.")
                last.select(step.field).is_whole = True
                steps[-1] = ElementPick(step.field, pick_values(step.value)).step(steps[-1], _of_json(step.field))
            elif is_object and not steps:
                last = last.select(f"{OPEN_FIELD}{step.text}")
                steps.append(last.step)
            else:
                last = last.select(step.text)
                steps.append(_of_json(step.text))
        last.is_whole = True
        return PathValues(path, tuple(steps)), last


def _of_json(key: str) -> Step:
    return lambda value: below(value, (key,))


def _none(_value: object) -> None:
    return None


def _of_map(key: str) -> Step:
    return lambda value: value.get(key) if isinstance(value, dict) else None


def _field(name: str, selected: _Selected) -> FieldNode:
    selections = tuple(_field(below, inner) for below, inner in selected.below.items())
    if selected.is_whole:
        selections = (*selections, FieldNode(name=NameNode(value=WHOLE), arguments=(), directives=()))
    return FieldNode(
        name=NameNode(value=name),
        alias=NameNode(value=_ALIAS.format(selected.place)),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=selections) if selections else None,
    )

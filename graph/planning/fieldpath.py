"""A path in the types, and the beginning of paths: an object, or an element of a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.planning.elementpicks import ElementPick, pick_example
from graph.planning.valuetypes import map_value_type, value_type_of
from graph.schema.catalogue import RowType
from graph.schema.returns import EnumValues
from k8s.kinds.structure import FieldFormat
from k8s.masking.mask import NOTHING, Mask
from resolvers.arguments.paths import MapKey, Name, Pick, Step, parse_path, written
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.kinds.printercolumns import column_paths


@dataclass(frozen=True, slots=True)
class ListOnPath:
    """A list that a path leads through.

    Attributes:
        steps: the path to it.
        elements: the type of its elements; None if none of them can be picked.
    """

    steps: tuple[Step, ...]
    elements: RowType | None = None

    @property
    def text(self) -> str:
        """Returns the path to it as text."""
        return written(self.steps)

    @property
    def pick(self) -> str:
        """Returns an example of a step that picks one of its elements; an empty text if none can be picked."""
        return pick_example(self.elements) if self.elements is not None else ""


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A valid path.

    Attributes:
        text: the path as written.
        names: the fields to select, from the type on, including `nodes` of connections.
        keys: the keys inside the map at its end, and picks of elements in free JSON.
        value_type: the comparison of its values; None for a structure, which can only be present or absent.
        is_many: whether it leads through a list of which no element is picked.
        has_links: whether it leads through links, so that several objects share its values.
        fans: for each link to many on the way, the type of its parent.
        picks: the elements to pick, by the index of the list's name in `names`.
        lists: the lists on the way of which no element is picked.
        open_steps: the steps in the JSON of an object, or of an element, whose type is unknown; None for other paths.
        values: the values of the enum at its end; None for other paths.
        column: the paths of kubectl's column of the name at its end; empty if there is none.
    """

    text: str
    names: tuple[str, ...]
    keys: tuple[str | Pick, ...]
    value_type: ValueType | None
    is_many: bool
    has_links: bool = False
    fans: tuple[str, ...] = ()
    picks: tuple[tuple[int, ElementPick], ...] = ()
    lists: tuple[ListOnPath, ...] = ()
    open_steps: tuple[Step, ...] | None = None
    values: EnumValues | None = None
    column: str = ""

    @property
    def is_open(self) -> bool:
        """Returns True if it leads through JSON of an unknown type, where any value may be a list."""
        return self.open_steps is not None

    @property
    def is_absent(self) -> bool:
        """Returns True for a path that the type does not have, in a list of several types."""
        return self.open_steps == ()

    @property
    def is_free(self) -> bool:
        """Returns True if it continues inside free JSON, where lists may occur."""
        return bool(self.keys) and self.value_type is ValueType.ANY

    @property
    def labels(self) -> tuple[tuple[object, ...], ...]:
        """Returns what each step of it reads: two paths with equal labels read the same up to there."""
        if self.is_absent:
            return ((self.text,),)
        if self.open_steps is not None:
            return _labels(step if isinstance(step, Pick) else step.text for step in self.open_steps)
        picks = dict(self.picks)
        names = [(name, picks[place]) if place in picks else (name,) for place, name in enumerate(self.names)]
        return (*names[:-1], *_labels(self.keys, names[-1])) if names else _labels(self.keys)

    def shares_list(self, other: "FieldPath") -> bool:
        """Returns True if both lead through the same list, or into the same JSON, where lists may be."""
        if {on_path.steps for on_path in self.lists} & {on_path.steps for on_path in other.lists}:
            return True
        if not (self.is_open or self.is_free) or not (other.is_open or other.is_free):
            return False
        known = 1 if self.is_open else len(self.names)
        return bool(known) and self.labels[:known] == other.labels[:known]

    @property
    def pick_example(self) -> str:
        """Returns the path with an element picked of each list; empty if that is not possible."""
        text = written(parse_path(self.text))
        for on_path in reversed(self.lists):
            if not on_path.pick:
                return ""
            text = f"{on_path.text}{on_path.pick}{text.removeprefix(on_path.text)}"
        return text


def _labels(keys: Iterable[str | Pick], *before: tuple[object, ...]) -> tuple[tuple[object, ...], ...]:
    """Returns the labels of keys; a pick belongs to the label of its list."""
    labels = [*before]
    for key in keys:
        if isinstance(key, Pick) and labels:
            labels[-1] = (*labels[-1], key)
        else:
            labels.append((key,))
    return tuple(labels)


def refuse_masked(mask: Mask, text: str, steps: Sequence[Step]) -> None:
    """Refuses a path whose steps lead to a masked place: comparisons, orders and groups would tell its values.

    Raises:
        BadUserInput: the place is masked.
    """
    if mask.is_masked:
        raise BadUserInput(
            f"path: {text}: {written(steps)} is masked; it can be selected, but not compared, ordered or grouped by."
        )


@dataclass(frozen=True, slots=True)
class PathStart:
    """The beginning of paths: an object of a type, or an element of a list.

    Attributes:
        row_type: the type of the object or the structure; None for a plain value.
        value_type: the type of a plain value.
        has_links: whether links lead to the elements.
        fans: for each link to many that leads to them, the type of its parent.
        mask: the masked paths below it.
        is_open: whether the elements are JSON of an unknown type.
    """

    row_type: RowType | None
    value_type: ValueType | None = None
    has_links: bool = False
    fans: tuple[str, ...] = ()
    mask: Mask = NOTHING
    is_open: bool = False


@dataclass(slots=True)
class PathEnd:
    """The end of a path so far: a type, or a value (or map) of a format; `steps` are all before it."""

    text: str
    row_type: RowType | None
    value_type: ValueType | None
    has_links: bool
    fans: tuple[str, ...]
    mask: Mask
    of_map: ValueType | None = None
    is_pickable: bool = False
    steps: list[Step] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    keys: list[str | Pick] = field(default_factory=list)
    picks: list[tuple[int, ElementPick]] = field(default_factory=list)
    lists: list[ListOnPath] = field(default_factory=list)
    open_steps: list[Step] | None = None
    values: EnumValues | None = None
    column: str = ""

    def path(self, *, of_elements: bool = False) -> FieldPath:
        """Returns the path that ends here; a type can only be present or absent, unless its fields follow."""
        if self.row_type is not None and not of_elements:
            self.names.append("__typename")
        return FieldPath(
            self.text,
            tuple(self.names),
            tuple(self.keys),
            self.value_type,
            bool(self.lists),
            self.has_links,
            self.fans,
            tuple(self.picks),
            tuple(self.lists),
            None if self.open_steps is None else tuple(self.open_steps),
            self.values,
            self.column,
        )

    def open(self, step: Step) -> None:
        """Continues in JSON of an unknown type."""
        self.row_type, self.value_type = None, ValueType.ANY
        self.open_steps = [*(self.open_steps or ()), step]
        if isinstance(step, Pick):
            refuse_masked(self.mask.below(step.field), self.text, (*self.steps, step))
        else:
            self.mask = self.mask.below(step.text)

    def key(self, step: Name | MapKey) -> None:
        """Continues inside a map or free JSON."""
        if self.of_map is None:
            raise BadUserInput(f"path: {self.text}: {self.written} is a value; nothing is below it.")
        self.keys.append(step.text)
        self.mask = self.mask.below(step.text)
        self.value_type, self.of_map = self.of_map, ValueType.ANY if self.of_map is ValueType.ANY else None

    def pick_in_json(self, step: Pick) -> None:
        """Continues in an element of a list in free JSON."""
        refuse_masked(self.mask.below(step.field), self.text, (*self.steps, step))
        if self.lists and self.lists[-1].steps == tuple(self.steps):  # its elements are free JSON
            self.lists.pop()
        self.keys.append(step)

    @property
    def is_free_json(self) -> bool:
        """Returns True inside of JSON whose type is unknown."""
        return self.row_type is None and self.of_map is ValueType.ANY

    def through_list(self, step: Step, elements: RowType | None = None, *, is_pickable: bool = False) -> None:
        """Continues in the elements of a list, which are of a type; those of structures can be picked."""
        self.lists.append(ListOnPath((*self.steps, step), elements if is_pickable else None))
        self.is_pickable = is_pickable

    def value(self, value_format: FieldFormat, name: str) -> None:
        """Ends at a value or a map."""
        self.row_type, self.value_type = None, value_type_of(value_format, name)
        self.of_map = map_value_type(value_format)

    def column_of(self, row_type: RowType, name: str) -> str:
        """Returns the paths of the column of kubectl that has the name of a field of an object; empty for none."""
        before = f"{self.written}." if self.steps else ""
        return column_paths(row_type.kind, name, before) if row_type.kind is not None else ""

    @property
    def written(self) -> str:
        """The text of the path up to here."""
        return written(self.steps)

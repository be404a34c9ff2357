"""A path in the types, and the beginning of paths: an object, or an element of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.planning.elementpicks import ElementPick, pick_example
from graph.schema.catalogue import RowType
from k8s.masking.mask import NOTHING, Mask
from resolvers.arguments.paths import Step, parse_path, written
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType


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
        keys: the keys inside the map at its end.
        value_type: the comparison of its values; None for a structure, which can only be present or absent.
        is_many: whether it leads through a list of which no element is picked.
        has_links: whether it leads through links, so that several objects share its values.
        fans: for each link to many on the way, the type of its parent.
        picks: the elements to pick, by the index of the list's name in `names`.
        lists: the lists on the way of which no element is picked.
        open_steps: the steps in the JSON of an object, or of an element, whose type is unknown; None for other paths.
    """

    text: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    value_type: ValueType | None
    is_many: bool
    has_links: bool = False
    fans: tuple[str, ...] = ()
    picks: tuple[tuple[int, ElementPick], ...] = ()
    lists: tuple[ListOnPath, ...] = ()
    open_steps: tuple[Step, ...] | None = None

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
    def pick_example(self) -> str:
        """Returns the path with an element picked of each list; empty if that is not possible."""
        text = written(parse_path(self.text))
        for on_path in reversed(self.lists):
            if not on_path.pick:
                return ""
            text = f"{on_path.text}{on_path.pick}{text.removeprefix(on_path.text)}"
        return text


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

"""JSON paths of printer columns: fields, list positions, `*`, and filters by the value of a field.

Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/; a definition may use these parts of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_STEP: Final = re.compile(
    r"""
    \.?(?P<field>(?:[^.\[\]\\'"*{}\s]|\\.)+)              # .field, with escaped dots
    | \[(?P<quote>['"])(?P<quoted>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\]
    | \[(?P<index>-?\d{1,9})\]
    | (?P<all>\[\*\]|\.\*)
    | \[\?\(\s*@\.(?P<key>[^=<>!\s)]+)\s*==\s*(?P<sign>['"])(?P<value>.*?)(?P=sign)\s*\)\]
    """,
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path; without a field and an index it leads to all entries, or to those that a filter accepts."""

    field: str | None = None
    index: int | None = None
    key: tuple[str, ...] = ()
    value: str = ""

    def of(self, value: Any) -> Iterable[Any]:
        """Yields the values to which the step leads."""
        if self.field is not None:
            if isinstance(value, dict) and self.field in value:
                yield value[self.field]
        elif not isinstance(value, list):
            if isinstance(value, dict) and not self.key and self.index is None:
                yield from value.values()
        elif self.index is not None:
            yield from value[self.index :][:1] if self.index != -1 else value[-1:]
        else:
            yield from (entry for entry in value if not self.key or _at(entry, self.key) == self.value)


@lru_cache(maxsize=4096)
def parsed_column_path(text: str) -> Sequence[PathStep] | None:
    """Returns the steps of a path; None for one with other parts."""
    text = text.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    steps: list[PathStep] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            return None
        at = match.end()
        steps.append(_step(match))
    return tuple(steps)


def first_at(item: Any, steps: Sequence[PathStep]) -> Any:
    """Returns the first value at a path; None if there is none."""
    values: Iterable[Any] = [item]
    for step in steps:
        values = [found for value in values for found in step.of(value)]
    return next(iter(values), None)


def _step(match: re.Match[str]) -> PathStep:
    if match["field"] is not None:
        return PathStep(_ESCAPED.sub(r"\1", match["field"]))
    if match["quote"] is not None:
        return PathStep(_ESCAPED.sub(r"\1", match["quoted"]))
    if match["index"] is not None:
        return PathStep(index=int(match["index"]))
    return PathStep(key=tuple(match["key"].split(".")), value=match["value"]) if match["key"] else PathStep()


def _at(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

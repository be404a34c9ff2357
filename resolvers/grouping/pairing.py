"""Values at several paths that lead through the same list: those of one element belong together.

A group by `containers.name` has the sum of `containers.usage.memory` of the containers of that name, and a group by
name and image has the images that containers of that name have. So the paths of one `groups` are a tree that divides
where the paths differ. Each object is walked once; every element that is met on the way gives its own tuples.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias, Union

from resolvers.errors import LimitExceeded
from resolvers.filters.comparing import ValueType
from resolvers.filters.expansion import Walk
from resolvers.grouping.figures import keyed_values

Chain: TypeAlias = Union[list[Any], tuple["Chain", "Chain"], None]  # noqa: UP007  an alias that refers to itself
"""Values of a figure: a list of them, or two chains, so that chains are joined without copies; None without any."""


@dataclass(slots=True)  # not frozen: one is made for each object
class Membership:
    """The part of an object that belongs to one group.

    Attributes:
        compared: the keys of the group's values.
        key: the values, one for each path.
        figures: the values of each figure.
    """

    compared: tuple[Any, ...]
    key: tuple[Any, ...]
    figures: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A place where paths divide or end.

    Attributes:
        led: yields the values to which the steps from the place before it lead; all elements of lists on the way.
        ends: the places of the paths that end here, in the order of key values and figures.
        branches: the places behind it.
    """

    led: Callable[[Any], Iterator[Any]]
    ends: tuple[int, ...]
    branches: tuple["Branch", ...]

    def places(self) -> Iterator[int]:
        """Yields the places of all paths that lead through it, in the order in which they are read."""
        yield from self.ends
        for branch in self.branches:
            yield from branch.places()


_Read: TypeAlias = dict[tuple[Any, ...], Membership]
"""The result of reading a branch: memberships by their keys, whose values are in the order of the branch's places."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The paths of one `groups` field that are read together.

    Attributes:
        root: the place where the paths begin.
        by: the types of the values of the key.
        figures: the number of figures; their paths follow those of the key.
        has_links: whether values are counted, since a path leads through links.
        most: the limit of combinations of independent lists.
    """

    root: Branch
    by: tuple[ValueType, ...]
    figures: int
    has_links: bool
    most: int

    async def column(self, rows: Sequence[Any], walk: Walk) -> list[list[Membership]]:
        """Returns for each row its memberships, each once.

        Raises:
            LimitExceeded: the operation has read too many values, or the rows have too many combinations.
        """
        read = [place for place in self.root.places() if place < len(self.by)]
        order = [read.index(place) for place in range(len(self.by))]
        reader, column = _Reader(self, walk), list[list[Membership]]()
        for row in rows:
            found = (await reader.read(self.root, row)).values()
            column.append([_reordered(membership, order) for membership in found])
            if perf_counter() > walk.pace.until_s:
                await walk.pace.breathe()
        return column


@dataclass(slots=True)
class _Reader:
    """One walk over rows; `combinations` are those of independent lists until now."""

    pairing: Pairing
    walk: Walk
    combinations: int = 0

    async def read(self, branch: Branch, start: Any) -> _Read:
        """Returns the memberships of all elements of a branch; that of null only if there is no other."""
        merged, steps = _Read(), 0
        for element in branch.led(start):
            steps += 1
            if element is not None:
                for compared, membership in (await self._element(branch, element)).items():
                    known = merged.get(compared)
                    merged[compared] = membership if known is None else _joined(known, membership)
            if perf_counter() > self.walk.pace.until_s:
                await self.walk.pace.breathe()
        if self.pairing.has_links:
            self.walk.expansion.count(steps)
        nothing = (None,) * sum(place < len(self.pairing.by) for place in branch.places())
        if len(merged) > 1:
            merged.pop(nothing, None)
        return merged or {nothing: self._membership(nothing, nothing)}

    async def _element(self, branch: Branch, element: Any) -> _Read:
        read: _Read = {(): self._membership((), ())}
        for place in branch.ends:
            values = element if isinstance(element, list) else [element]
            figure = place - len(self.pairing.by)
            if figure < 0:
                keyed = await keyed_values(self.pairing.by[place], values, self.walk.pace)
                read = await self._product(read, {(key,): self._membership((key,), (value,)) for key, value in keyed})
            else:
                own = tuple(values if place == figure else None for place in range(self.pairing.figures))
                read = {key: Membership(key, one.key, _either(one.figures, own)) for key, one in read.items()}
        for below in branch.branches:
            read = await self._product(read, await self.read(below, element))
        return read

    async def _product(self, left: _Read, right: _Read) -> _Read:
        """Returns every combination of values of independent lists."""
        if len(left) > 1 and len(right) > 1:
            self.combinations += len(left) * len(right)
            if self.combinations > self.pairing.most:
                raise too_many(self.pairing.most)
        product = _Read()
        for ours, one in left.items():
            for theirs, other in right.items():
                compared = (*ours, *theirs)
                product[compared] = Membership(compared, (*one.key, *other.key), _either(one.figures, other.figures))
            if perf_counter() > self.walk.pace.until_s:
                await self.walk.pace.breathe()
        return product

    def _membership(self, compared: tuple[Any, ...], key: tuple[Any, ...]) -> Membership:
        return Membership(compared, key, (None,) * self.pairing.figures)


def too_many(most: int) -> LimitExceeded:
    """Returns the error of objects that belong to too many groups."""
    return LimitExceeded(f"groups: the objects belong to more than {most} groups altogether; group by fewer paths.")


def chained(chain: Chain) -> list[Any]:
    """Returns the values of a chain that are not null."""
    waiting, values = [chain], list[Any]()
    while waiting:
        last = waiting.pop()
        if isinstance(last, tuple):
            waiting += (last[1], last[0])
        elif last is not None:
            values += [value for value in last if value is not None]
    return values


def _joined(first: Membership, second: Membership) -> Membership:
    """Returns one membership of elements with equal values."""
    figures = tuple(
        (ours, theirs) if ours is not None and theirs is not None else ours or theirs
        for ours, theirs in zip(first.figures, second.figures, strict=True)
    )
    return Membership(first.compared, first.key, figures)


def _either(first: tuple[Chain, ...], second: tuple[Chain, ...]) -> tuple[Chain, ...]:
    """Returns the figures of two branches; each figure has values in one of them at most."""
    return tuple(theirs if ours is None else ours for ours, theirs in zip(first, second, strict=True))


def _reordered(membership: Membership, order: Sequence[int]) -> Membership:
    """Returns a membership with its key in the order of the paths."""
    return Membership(
        tuple(membership.compared[place] for place in order),
        tuple(membership.key[place] for place in order),
        membership.figures,
    )

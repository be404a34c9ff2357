"""Declarations of members: fields of a type beyond its Kubernetes fields.

A derived field is a plain function of one row. A link is a function from all parents to all children, in order, so that
it cannot send a request per parent. Both name the paths of the object that they read, which are decoded in any case.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from inspect import get_annotations, isgeneratorfunction
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from k8s.kinds.kind import Kind
from k8s.reading.openpaths import OpenPath
from k8s.reading.rowdecoders import Row
from resolvers.lists.rows import Rows
from resolvers.names import camel_case

if TYPE_CHECKING:
    from resolvers.links.fetching import Fetch
    from resolvers.operation.operation import Operation


class Shape(Enum):
    """The number of objects to which a link leads from one parent; MANY is a connection, SOME a plain list."""

    ONE = "one"
    MANY = "many"
    SOME = "some"


@dataclass(frozen=True, slots=True)
class Owner:
    """A type with members that is no kind; they read paths of objects of `part_of`, if its rows are parts of these."""

    name: str
    part_of: Kind | None = None


ANY_KIND = Owner("KubernetesObject")
CLUSTER = Owner("Cluster")
MemberOwner = Kind | Owner


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a field: `str`, or `str | None` and the like if it is optional."""

    name: str
    annotation: Any
    description: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a derived or remote field.

    Attributes:
        takes: the arguments in the order of the schema.
        checked: returns the function's argument for coerced GraphQL values by name; raises BadUserInput.
        narrowed: returns the same for the selected fields of the field's composite; None if it reads all of them.
    """

    takes: tuple[Argument, ...]
    checked: Callable[[Mapping[str, object]], Any]
    narrowed: Callable[[Any, frozenset[str]], Any] | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A field computed from the object itself.

    Attributes:
        name: the GraphQL name.
        returns: its return annotation: a leaf, a list of leaves, a Struct, or one | None; or an `Owner` of the row.
        reads: paths of the object that the function reads.
        open_reads: paths whose raw JSON it reads with `open_value`, or a function of the checked arguments.
        function: a function of the row, of its cluster if `takes_cluster`, and of the checked arguments if it has some.
        arguments: None for no arguments.
        is_in_steps: whether the function is a generator: it yields between steps of long work, and returns the value.
    """

    name: str
    description: str
    returns: Any
    reads: tuple[str, ...]
    function: Callable[..., object]
    takes_cluster: bool
    open_reads: "OpenReads" = ()
    arguments: Arguments | None = None
    is_in_steps: bool = False

    def opens(self, checked: Any) -> tuple[OpenPath, ...]:
        """Returns the open paths for checked arguments; the empty path is the whole object."""
        return self.open_reads if isinstance(self.open_reads, tuple) else self.open_reads(checked)

    def bound(self, checked: Any) -> Callable[..., object]:
        """Returns the function of the row, and of its cluster if `takes_cluster`, for checked arguments."""
        function = self.function
        return function if self.arguments is None else lambda *row_and_cluster: function(*row_and_cluster, checked)


OpenReads = tuple[OpenPath, ...] | Callable[[Any], tuple[OpenPath, ...]]


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A field that is read from the clusters: `function` takes all rows and returns a value for each.

    A value that is a `ClusterError` becomes null, and an error of its cluster; a `PartialValue` is sent, beside them.

    Attributes:
        arguments: None for no arguments; else their checked form is the function's third argument.
        reads: paths of the rows that the function reads.
        lists: the number of lists that it reads in each cluster.
        shared: the names of these lists, if fields of the same objects share them; else empty.
    """

    name: str
    description: str
    returns: Any
    function: "RemoteFunction"
    arguments: Arguments | None = None
    reads: tuple[str, ...] = ()
    lists: int = 1
    shared: tuple[str, ...] = ()

    async def values(self, rows: Rows, operation: "Operation", checked: Any) -> Sequence[Any]:
        """Returns a value for each row; `checked` is the result of `arguments.checked`."""
        arguments = () if self.arguments is None else (checked,)
        return await self.function(rows, operation, *arguments)


RemoteFunction = Callable[..., Awaitable[Sequence[Any]]]
DerivedFunction = TypeVar("DerivedFunction", bound=Callable[..., object])
LinkFunction = (
    Callable[[Rows, "Fetch"], Awaitable[Sequence[Row | None]]]
    | Callable[[Rows, "Fetch"], Awaitable[Sequence[Sequence[Row] | None]]]
    | Callable[[Rows, "Fetch", Any], Awaitable[Sequence[Sequence[Row] | None]]]
)


@dataclass(frozen=True, slots=True)
class Link:
    """A field that leads from objects to other objects.

    Attributes:
        name: the GraphQL name.
        to: the kind of the other objects; `ANY_KIND` for the interface of all kinds.
        shape: one object, some (a list), or many (a connection).
        reads: paths of the parents that the function reads.
        function: returns one entry for each of the parents, in order: a row or None, or a list of rows; None instead of
            a list of objects that cannot be read.
        arguments: those of a link to some objects, whose checked form is the function's third argument; None for none.
        lists: returns the number of lists that it reads in each cluster, for checked arguments.
    """

    name: str
    description: str
    to: MemberOwner
    shape: Shape
    reads: tuple[str, ...]
    function: LinkFunction
    arguments: Arguments | None = None
    lists: Callable[[Any], int] = lambda _checked: 1

    async def children(self, parents: Rows, fetch: "Fetch", checked: Any) -> Sequence[Any]:
        """Returns one entry for each of the parents; `checked` is the result of `arguments.checked`."""
        function: Any = self.function
        entries: Sequence[Any] = await function(parents, fetch, *(() if self.arguments is None else (checked,)))
        return entries


@dataclass(frozen=True, slots=True)
class KindsLink:
    """A field of clusters: a connection of objects of any kind, which its arguments name."""

    name: str
    description: str


Member = Derived | RemoteField | Link | KindsLink


@dataclass(slots=True)
class Family:
    """The members of one owner, in the order in which they were written."""

    owner: MemberOwner
    members: dict[str, Member] = field(default_factory=dict)

    def derived(
        self,
        *reads: str,
        description: str,
        name: str | None = None,
        returns: object = None,
        open_reads: OpenReads = (),
        arguments: Arguments | None = None,
    ) -> Callable[[DerivedFunction], DerivedFunction]:
        """Adds a derived field; its name is the function's in camelCase, its type the return annotation."""

        def add(function: DerivedFunction) -> DerivedFunction:
            named = name or camel_case(function.__name__)
            takes_cluster = cast(FunctionType, function).__code__.co_argcount > (1 if arguments is None else 2)
            takes = reads, function, takes_cluster, open_reads, arguments, isgeneratorfunction(function)
            self.members[named] = Derived(named, description, returns or get_annotations(function)["return"], *takes)
            return function

        return add

    def remote(
        self,
        *reads: str,
        description: str,
        returns: object,
        name: str | None = None,
        arguments: Arguments | None = None,
        lists: int | tuple[str, ...] = 1,
    ) -> Callable[[RemoteFunction], RemoteFunction]:
        """Adds a field that is read for all rows at once, from so many lists, or from the named ones that it shares."""

        def add(function: RemoteFunction) -> RemoteFunction:
            named = name or camel_case(function.__name__)
            shared = lists if isinstance(lists, tuple) else ()
            takes = function, arguments, reads, lists if isinstance(lists, int) else len(lists), shared
            self.members[named] = RemoteField(named, description, returns, *takes)
            return function

        return add

    def link(
        self,
        *reads: str,
        to: MemberOwner,
        description: str,
        shape: Shape = Shape.ONE,
        name: str | None = None,
        arguments: Arguments | None = None,
        lists: Callable[[Any], int] = lambda _checked: 1,
    ) -> Callable[[LinkFunction], LinkFunction]:
        """Adds a link."""

        def add(function: LinkFunction) -> LinkFunction:
            named = name or camel_case(function.__name__)
            self.members[named] = Link(named, description, to, shape, reads, function, arguments, lists)
            return function

        return add

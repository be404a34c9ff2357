"""What a type has beyond its Kubernetes fields: derived fields and links, an entry each.

A derived field is a plain function of one row. A link is a function from all parents to all children, in order, so that
it cannot ask a cluster once per parent. Both say which paths of the object they read; these are decoded whether or not
the query selects them, and the schema is built from the functions' entries here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from inspect import signature
from re import sub
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from resolvers.lists.rows import Rows

if TYPE_CHECKING:
    from resolvers.links.fetching import Fetch
    from resolvers.operation.operation import Operation


class Shape(Enum):
    """What a link leads to from one parent."""

    ONE = "one"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Owner:
    """What members belong to: a kind, every kind (`ANY_KIND`), or `CLUSTER`."""

    name: str


ANY_KIND = Owner("KubernetesObject")
CLUSTER = Owner("Cluster")
MemberOwner = Kind | Owner


@dataclass(frozen=True, slots=True)
class Derived:
    """A field computed from the object itself.

    Attributes:
        name: the GraphQL name.
        returns: the function's return annotation: a leaf, a list of leaves, a Struct, or one of them | None; or an
            `Owner` whose members are computed from the same row.
        reads: paths of the object that the function looks at.
        function: one plain call per row; with the cluster as second argument if `takes_cluster`.
    """

    name: str
    description: str
    returns: Any
    reads: tuple[str, ...]
    function: Callable[..., object]
    takes_cluster: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a field: `str`, or `str | None` where it may be left out."""

    name: str
    annotation: Any
    description: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an asked field takes.

    Attributes:
        takes: in the order of the schema.
        checked: from coerced GraphQL values by name to what the function gets; BadUserInput before anything is sent.
    """

    takes: tuple[Argument, ...]
    checked: Callable[[Mapping[str, object]], Any]


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A field that is asked of the clusters, for all rows at once: `function` takes all and gives a value for each.

    A value that is a `ClusterError` becomes null, and an error for its cluster.

    Attributes:
        arguments: None if it takes none; else what is made of them is the function's third argument.
    """

    name: str
    description: str
    returns: Any
    function: "RemoteFunction"
    arguments: Arguments | None = None

    async def ask(self, rows: Rows, operation: "Operation", given: Any) -> Sequence[Any]:
        """A value for each row; `given` is what `arguments.checked` made of the field's own."""
        return await (
            self.function(rows, operation) if self.arguments is None else self.function(rows, operation, given)
        )


RemoteFunction = Callable[..., Awaitable[Sequence[Any]]]
DerivedFunction = TypeVar("DerivedFunction", bound=Callable[..., object])
LinkFunction = (
    Callable[[Rows, "Fetch"], Awaitable[Sequence[Row | None]]]
    | Callable[[Rows, "Fetch"], Awaitable[Sequence[Sequence[Row]]]]
)


@dataclass(frozen=True, slots=True)
class Link:
    """A field that leads from objects to other objects.

    Attributes:
        name: the GraphQL name.
        to: the kind that it leads to; `ANY_KIND` for the interface of all.
        shape: one object, or many (a connection).
        reads: paths of the parents that the function looks at.
        function: all parents to one entry for each, in order: a row or None, or a list of rows.
    """

    name: str
    description: str
    to: MemberOwner
    shape: Shape
    reads: tuple[str, ...]
    function: LinkFunction


Member = Derived | RemoteField | Link


@dataclass(slots=True)
class Family:
    """The members of one owner, in the order in which they were written."""

    owner: MemberOwner
    members: dict[str, Member] = field(default_factory=dict)

    def derived(
        self, *reads: str, description: str, name: str | None = None, returns: object = None
    ) -> Callable[[DerivedFunction], DerivedFunction]:
        """Adds a derived field; the function's name in camelCase is the field's, its annotation the type."""

        def add(function: DerivedFunction) -> DerivedFunction:
            named = name or camel_case(function.__name__)
            annotated = returns or get_type_hints(function)["return"]
            takes_cluster = len(signature(function).parameters) > 1
            self.members[named] = Derived(named, description, annotated, reads, function, takes_cluster)
            return function

        return add

    def remote(
        self, *, description: str, returns: object, name: str | None = None, arguments: Arguments | None = None
    ) -> Callable[[RemoteFunction], RemoteFunction]:
        """Adds a field that is asked of the clusters for all rows at once."""

        def add(function: RemoteFunction) -> RemoteFunction:
            named = name or camel_case(function.__name__)
            self.members[named] = RemoteField(named, description, returns, function, arguments)
            return function

        return add

    def link(
        self, *reads: str, to: MemberOwner, description: str, shape: Shape = Shape.ONE, name: str | None = None
    ) -> Callable[[LinkFunction], LinkFunction]:
        """Adds a link."""

        def add(function: LinkFunction) -> LinkFunction:
            named = name or camel_case(function.__name__)
            self.members[named] = Link(named, description, to, shape, reads, function)
            return function

        return add


def camel_case(name: str) -> str:
    """A Python name as a GraphQL name."""
    return sub(r"_(\w)", lambda match: match[1].upper(), name.strip("_"))

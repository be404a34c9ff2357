"""`usedBy`, `usedAs` and `isUsed`: the objects that use an object, and how."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias, TypeVar

from msgspec import Meta, Struct

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.listednames import all_of, any_of
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from resolvers.errors import BadUserInput
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.podspecs.uses import Use, WayOfUse
from resolvers.kinds.uses.finding import USE_BYTES, UserOf, users_of, warn_masked
from resolvers.kinds.uses.users import USERS, User
from resolvers.kinds.uses.workloads import add_using_workloads
from resolvers.links.absent import Absent, NoValue, absent_if_masked
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import unknown_parents
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family, Shape
from resolvers.lists.rows import Rows
from resolvers.memory.share import MemoryShare
from resolvers.operation.operation import Operation
from resolvers.pacing import collected, stepped

T = TypeVar("T")
_ValueOf: TypeAlias = Callable[[Sequence[UserOf], MemoryShare], Generator[None, None, T]]

_QUOTED_CHARACTERS: Final = 80
_NAMES: Final = selection_of(["metadata.name", "metadata.namespace"])
"""The fields of users that `usedAs` and `isUsed` read: those of `usedBy { name }`, which then reads the same lists."""

_NOT_COUNTED: Final = (
    "PodTemplates and custom kinds are not counted, nor kinds of the whole cluster that the caller may not list."
)
_CUSTOM: Final = {
    kinds.CONFIG_MAP: " (such as BackendTLSPolicies, which are a link of their own)",
    kinds.SECRET: " (such as Gateways, issuers and Machines, which are links of their own)",
}
"""Examples of custom kinds that use objects of a kind."""
_SHORT_NAMES: Final = {
    kinds.CRON_JOB: "cj",
    kinds.DAEMON_SET: "ds",
    kinds.DEPLOYMENT: "deploy",
    kinds.INGRESS: "ing",
    kinds.PERSISTENT_VOLUME: "pv",
    kinds.POD: "po",
    kinds.REPLICA_SET: "rs",
    kinds.REPLICATION_CONTROLLER: "rc",
    kinds.SERVICE_ACCOUNT: "sa",
    kinds.STATEFUL_SET: "sts",
    kinds.STORAGE_CLASS: "sc",
}
"""The short names of Kubernetes' own kinds, which every API server has."""


class ObjectUse(Struct, frozen=True):
    """One way in which an object uses another one."""

    way: Annotated[WayOfUse, Meta(description="The way of use.")]
    kind: Annotated[str, Meta(description="The kind of the user.")]
    apiVersion: Annotated[str, Meta(description="The API version of the user.")]  # noqa: N815  GraphQL
    name: Annotated[
        str, Meta(description="The name of the user, which is in the same namespace or of the whole cluster.")
    ]
    container: Annotated[
        str | None, Meta(description="The container whose environment has the reference; null for other ways.")
    ]
    volume: Annotated[str | None, Meta(description="The volume that has the reference; null for other ways.")]
    isOptional: Annotated[bool, Meta(description="True if the user works without the object.")]  # noqa: N815  GraphQL


@dataclass(frozen=True, slots=True)
class UsedByArguments:
    """The kinds of users to look in, and the limit for each object."""

    users: tuple[User, ...]
    first: int | None


def add_uses(family: Family, used: Kind, *, examples: str) -> None:
    """Adds the fields to the family of a kind; `examples` are ways of use, for the descriptions."""
    users = USERS[used]
    lists = tuple(f"users of kind {user.kind}" for user in users)
    names = all_of(user.kind.name for user in users)

    def checked(arguments: Mapping[str, object]) -> UsedByArguments:
        return _checked(users, arguments)

    @family.link(
        "metadata.namespace",
        to=ANY_KIND,
        shape=Shape.SOME,
        description=f"The objects that use it ({examples}), ordered by kind, namespace and name. Each kind is one list "
        "for each cluster, whatever the number of objects. Null if some kind of users cannot be read, or if the "
        f"operator masks its references; to find unused ones, filter by `isUsed`. {_NOT_COUNTED}",
        arguments=Arguments(
            (
                Argument(
                    "kinds",
                    list[str] | None,
                    f"The kinds to look in, as kubectl takes them: `pods`, `po`, `jobs.batch`; without it, all of "
                    f"them: {names}.",
                ),
                Argument("first", int | None, "At most this many for each object, in order; without it, all of them."),
            ),
            checked,
        ),
        lists=lambda arguments: len(arguments.users),
    )
    async def used_by(objects: Rows, fetch: Fetch, arguments: UsedByArguments) -> Sequence[Sequence[Row] | None]:
        """Reads the lists of all kinds of users at once; None for an object some of whose users cannot be read."""
        masked = _masked(fetch.operation, arguments.users)
        if masked is not None:
            warn_masked(fetch, masked, f"usedBy is null: {masked.message}")
            return [None] * len(objects)
        found = await users_of(objects, fetch, arguments.users)
        unknown = await unknown_parents(objects, await fetch.hidden(), fetch.failures)
        return await collected(
            None if index in unknown else [user.row for user in entries[: arguments.first]]
            for index, entries in enumerate(found)
        )

    @family.remote(
        description=f"The ways in which objects use it ({examples}): one entry for each reference, ordered by kind and "
        f"name of the user; of one user the first {MAX_ITEMS:,}. Null where `usedBy` is. "
        f"{_NOT_COUNTED}",
        returns=list[ObjectUse] | None,
        lists=lists,
    )
    async def used_as(objects: Rows, operation: Operation) -> Sequence[list[ObjectUse] | NoValue]:
        """Reads the lists of `isUsed`; charges the memory of what it returns."""
        return await _values(objects, operation, users, _uses, most_uses=MAX_ITEMS)

    @family.remote(
        description=f"True if any object uses it, in any way that `usedAs` has ({names}). Null if no use is found but "
        "some kind of users cannot be read, or if the operator masks its references. False does not prove that it can "
        "be deleted: "
        f"PodTemplates, custom kinds{_CUSTOM.get(used, '')} and programs that read it through the API are not counted.",
        returns=bool | None,
        lists=lists,
    )
    async def is_used(objects: Rows, operation: Operation) -> Sequence[bool | NoValue]:
        """Reads the lists of all kinds of users at once."""
        return await _values(objects, operation, users, _is_used, most_uses=1, is_one_enough=True)

    add_using_workloads(family, used)


async def _values(
    objects: Rows,
    operation: Operation,
    users: Sequence[User],
    value: _ValueOf[T],
    *,
    most_uses: int,
    is_one_enough: bool = False,
) -> list[T | NoValue]:
    """Returns the values of uses; absent where some are unknown, unless one that is known is enough."""
    masked = _masked(operation, users)
    if masked is not None:
        return [masked] * len(objects)
    fetch = Fetch(operation, objects, lambda _kind: _NAMES)
    found = await users_of(objects, fetch, users, most_uses)
    unknown = await unknown_parents(objects, await fetch.hidden(), fetch.failures)
    if is_one_enough:
        unknown = {index: error for index, error in unknown.items() if not found[index]}
    return await stepped(_made(found, unknown, value, operation.memory))


def _made(
    found: Sequence[Sequence[UserOf]], unknown: Mapping[int, ClusterError], value: _ValueOf[T], memory: MemoryShare
) -> Generator[None, None, list[T | NoValue]]:
    values = list[T | NoValue]()
    for index, users in enumerate(found):
        values.append(unknown[index] if index in unknown else (yield from value(users, memory)))
        yield
    return values


def _masked(operation: Operation, users: Sequence[User]) -> Absent | None:
    """Returns the absence of all uses if the operator masks a path that may have some."""
    return absent_if_masked(operation.masking, ((user.kind, user.reads) for user in users))


def _uses(users: Sequence[UserOf], memory: MemoryShare) -> Generator[None, None, list[ObjectUse]]:
    uses = list[ObjectUse]()
    for user in users:
        memory.charge(len(user.uses) * USE_BYTES)
        uses += [_object_use(user, use) for use in user.uses]
        yield
    return uses


def _is_used(users: Sequence[UserOf], _memory: MemoryShare) -> Generator[None, None, bool]:
    yield from ()
    return bool(users)


def _object_use(user: UserOf, use: Use) -> ObjectUse:
    is_in_container = use.way in {WayOfUse.ENV, WayOfUse.ENV_FROM}
    return ObjectUse(
        use.way,
        user.kind.name,
        type(user.row).kind.api_version,
        user.row.metadata.name,
        use.place if is_in_container else None,
        None if is_in_container else use.place,
        use.is_optional,
    )


def _checked(users: Sequence[User], arguments: Mapping[str, object]) -> UsedByArguments:
    """Returns the checked arguments.

    Raises:
        BadUserInput: a kind is unknown or has no users, or `first` is invalid.
    """
    names, first = arguments.get("kinds"), arguments.get("first")
    if isinstance(first, int) and first < 1:
        raise BadUserInput(f"first: {first} asks for no object; ask for 1 or more.")
    limit = first if isinstance(first, int) else None
    if not isinstance(names, list):
        return UsedByArguments(tuple(users), limit)
    wanted = {_user(users, str(name)).kind for name in names}
    return UsedByArguments(tuple(user for user in users if user.kind in wanted), limit)


def _user(users: Sequence[User], name: str) -> User:
    for user in users:
        if name.removesuffix(".") in _names(user.kind):
            return user
    known = any_of(user.kind.plural for user in users)
    raise BadUserInput(f"kinds: {name[:_QUOTED_CHARACTERS]!r} is no kind whose objects use it; use {known}.")


def _names(kind: Kind) -> set[str]:
    """Returns the names of a kind, as kubectl takes them: alone, with its group, and with its version and group."""
    names = {kind.name, kind.name.lower(), kind.plural, *filter(None, (_SHORT_NAMES.get(kind),))}
    suffixes = ("", f".{kind.group}", f".{kind.version}.{kind.group}") if kind.group else ("", f".{kind.version}")
    return {name + suffix for name in names for suffix in suffixes}

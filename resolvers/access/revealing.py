"""`Secret.reveal`: values of Secrets, for callers whom the server and the cluster allow it, recorded before.

The server's setting decides first, then the cluster's RBAC: each Secret is a GET with the caller's own identity. The
audit has the event, with the keys, before the GET is sent; if it cannot be stored, nothing is read.
"""

import re
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.errors import ClusterError
from k8s.kinds.builtin import SECRET
from k8s.masking.secretvalues import read_secret_values
from k8s.reading.rowdecoders import Row
from k8s.transport.exchange import exchanges_recorded
from resolvers.audit.auditor import Auditor
from resolvers.errors import BadUserInput, LimitExceeded, NotPermitted
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import Revealers
from resolvers.links.members import Argument, Arguments, Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained
from store.audit.event import LONGEST_TEXT, AuditAction

_LONGEST_KEY: Final = 253
_KEY: Final = re.compile(rf"[-._a-zA-Z0-9]{{1,{_LONGEST_KEY}}}", re.ASCII)
_MOST_KEYS: Final = 100
_VERB: Final = "reveal"


class RevealedValue(Struct, frozen=True):
    """The value of one key of a Secret."""

    key: Annotated[str, Meta(description="The key.")]
    value: Annotated[
        str | None,
        Meta(
            description="The value in base64, as the API server sends it; null without such a key, and in a snapshot "
            "without values."
        ),
    ]
    text: Annotated[str | None, Meta(description="The same as text; null if it is not UTF-8.")]


Revealed = list[RevealedValue] | ClusterError


@dataclass(frozen=True, slots=True)
class RevealArguments:
    """The checked arguments of `reveal`: keys, each once."""

    keys: tuple[str, ...]


def reveal_arguments(values: Mapping[str, object]) -> RevealArguments:
    """Returns the checked arguments.

    Raises:
        BadUserInput: there are no keys, too many, or one that no Secret can have.
    """
    given = values["keys"]
    keys = tuple(dict.fromkeys(map(str, given))) if isinstance(given, list) else ()
    if not keys:
        raise BadUserInput("reveal: keys is empty; name the keys, which `data` has with null values.")
    if len(keys) > _MOST_KEYS:
        raise BadUserInput(f"reveal: {len(keys)} keys; the limit is {_MOST_KEYS}.")
    for key in keys:
        if not _KEY.fullmatch(key):
            raise BadUserInput(f"reveal: {key[:80]!r} is no key of a Secret; it has letters, digits, '-', '_' and '.'.")
    return RevealArguments(keys)


SECRETS = Family(SECRET)


@SECRETS.remote(
    description="The values of these keys, which `data` shows as null. Each Secret is a request of its own with the "
    "caller's identity, so the cluster decides; the server may allow it to administrators only, or to nobody "
    "(`FLEETGRAPH_REVEAL`). The audit records caller, Secret and keys before. Null with an error if it is refused.",
    returns=list[RevealedValue] | None,
    arguments=Arguments(
        (Argument("keys", list[str], "The keys, such as those of `data`; at most 100."),), reveal_arguments
    ),
)
async def reveal(secrets: Rows, operation: Operation, arguments: RevealArguments) -> Sequence[Revealed]:
    """Returns the values of each Secret; an error for one whose cluster fails or does not allow it.

    Raises:
        NotPermitted: the server reveals nothing to the caller.
        BadUserInput: the server has no audit, or the operation is a subscription.
        LimitExceeded: the operation reveals too many Secrets.
        StoreError: a reveal cannot be recorded; it was not read.
    """
    if operation.changed is not None:
        raise BadUserInput("reveal: a subscription reveals nothing; query the values.")
    auditor = _auditor(operation)
    operation.revealed_secrets += len(secrets)
    limit = operation.limits.revealed_secrets
    if operation.revealed_secrets > limit:
        raise LimitExceeded(
            f"reveal: {operation.revealed_secrets} Secrets; the limit of a query is {limit} "
            "(FLEETGRAPH_MAX_REVEALED_SECRETS). Ask for fewer, such as by name."
        )
    for cluster in secrets.distinct_clusters():
        operation.add_requests(cluster, secrets.clusters.count(cluster))
    return await together(*(_revealed(operation, auditor, cluster, row, arguments) for cluster, row in secrets))


async def _revealed(
    operation: Operation, auditor: Auditor, cluster: FleetCluster, row: Row, arguments: RevealArguments
) -> Revealed:
    namespace, name = row.metadata.namespace or "", row.metadata.name
    try:
        async with _recorded(auditor, operation.caller.name, cluster.name, (namespace, name), arguments.keys):
            values = await _values(operation, cluster, namespace, name, arguments.keys)
    except ClusterError as error:
        return error
    operation.memory.charge(2 * sum(len(value or "") for value in values.values()))
    empty = "" if cluster.taken_at is None else None  # a snapshot may have been written without values
    return [_value(key, (values[key] or empty) if key in values else None) for key in arguments.keys]


@asynccontextmanager
async def _recorded(
    auditor: Auditor, caller: str, cluster: str, place: tuple[str, str], keys: Sequence[str]
) -> AsyncIterator[None]:
    """Records a reveal before its body runs, and the identity of the request in it; raises StoreError if it cannot."""
    namespace, name = place
    async with AsyncExitStack() as recorded:
        events = [
            await recorded.enter_async_context(
                auditor.changing(
                    AuditAction.SECRET_REVEAL,
                    caller,
                    cluster=cluster,
                    verb=_VERB,
                    resource=SECRET.plural,
                    namespace=namespace,
                    name=text,
                )
            )
            for text in _texts(name[:_LONGEST_KEY], keys)
        ]
        with exchanges_recorded() as exchanges:
            try:
                yield
            finally:
                for exchange in (exchange for exchange in exchanges if exchange.call.verb == "get"):
                    for event in events:
                        event.seen(identity=exchange.identity, audit_id=exchange.audit_id)


async def _values(
    operation: Operation, cluster: FleetCluster, namespace: str, name: str, keys: Sequence[str]
) -> Mapping[str, str | None]:
    deadline = operation.deadline(cluster)
    with contained(cluster.name):
        return await read_secret_values(cluster.sender, namespace=namespace, name=name, keys=keys, deadline=deadline)


def _auditor(operation: Operation) -> Auditor:
    """Returns the auditor, if the caller may reveal values.

    Raises:
        NotPermitted: the caller may not.
        BadUserInput: this server has no audit.
    """
    auditor, revealers = operation.auditor, operation.limits.revealers
    if auditor is None:
        raise BadUserInput("reveal: this server has no audit, without which no value of a Secret is revealed.")
    if revealers is Revealers.EVERYONE:
        return auditor
    if revealers is Revealers.ADMINISTRATORS and operation.caller.is_administrator:
        return auditor
    auditor.denied(operation.caller.name, code=NotPermitted.code, verb=_VERB, resource=SECRET.plural)
    if revealers is Revealers.NOBODY:
        raise NotPermitted("reveal: this server reveals values of Secrets to nobody (FLEETGRAPH_REVEAL).")
    raise NotPermitted("reveal: this server reveals values of Secrets to administrators only (FLEETGRAPH_REVEAL).")


def _texts(name: str, keys: Sequence[str]) -> Iterator[str]:
    """Yields the name of a Secret with its keys, such as `db[password,user]`; several texts if one is too long."""
    joined = ""
    for key in keys:
        longer = f"{joined},{key}" if joined else key
        if len(name) + len(longer) + 2 > LONGEST_TEXT:
            yield f"{name}[{joined}]"
            longer = key
        joined = longer
    yield f"{name}[{joined}]"


def _value(key: str, value: str | None) -> RevealedValue:
    try:
        text = b64decode(value, validate=True).decode() if value is not None else None
    except ValueError:  # neither base64 nor UTF-8
        text = None
    return RevealedValue(key, value, text)

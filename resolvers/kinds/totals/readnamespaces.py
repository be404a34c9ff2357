"""The namespaces whose lists an operation has read: a list of some of them is a part of one that it has.

A condition reads the lists of all objects, and the answer those of the objects that it leaves, which may be in fewer
namespaces. Estimates count such a list once.
"""

from collections.abc import Collection

from resolvers.operation.operation import Operation


async def namespaces_to_read(operation: Operation, of: object, namespaces: Collection[str]) -> tuple[str, ...]:
    """Returns the namespaces to read: those of the first list with all of the given ones, or these if none has them.

    Args:
        operation: the operation.
        of: the cluster and the kind of the list.
        namespaces: the namespaces whose objects are needed; empty for all.
    """
    known: list[frozenset[str]] = await operation.once(("namespaces of lists", of), _none_yet)
    wanted = frozenset(namespaces)
    for one in known:
        if not one or (wanted and wanted <= one):
            return tuple(sorted(one))
    known.append(wanted)
    return tuple(sorted(wanted))


async def _none_yet() -> list[frozenset[str]]:
    return []

"""The right to watch, reviewed again: an API server never checks a watch that runs."""

import asyncio
from typing import Final

from k8s import errors
from k8s.apiserver.access import Permission, read_permissions
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.watches.target import WatchTarget

_AGAIN_S: Final = 1.0
"""Seconds after which a refused credential is tried again: API servers that start refuse good ones for a moment."""


async def lost_right(sender: Sender, target: WatchTarget, *, timeout_s: float) -> errors.ClusterError | None:
    """Returns the reason why a target may not be listed any more; None if it may.

    Raises:
        ClusterError: That is unknown now.
    """
    error = await _refusal(sender, target, Deadline(timeout_s))
    if isinstance(error, errors.Unauthenticated):
        await asyncio.sleep(_AGAIN_S)
        error = await _refusal(sender, target, Deadline(timeout_s))
    return None if error is None else errors.without_frames(error)


async def _refusal(sender: Sender, target: WatchTarget, deadline: Deadline) -> errors.ClusterError | None:
    """Returns the refusal to a review, or to a list after one that denies it.

    A service account of ours is repaired after that list (`k8s.accounts.repair`); and an authorizer may allow a list
    only with its selectors, which no review has.
    """
    kind = target.kind
    permission = Permission("list", kind.group, kind.plural, target.namespace or "", target.name)
    try:
        permissions = await read_permissions(sender, deadline, permissions=(permission,))
        if permissions is None or not permissions[permission]:
            await sender.send(target.list_call("", objects=1), deadline)
    except errors.Unauthenticated as error:
        return error
    except errors.Forbidden:
        return errors.Forbidden(sender.name, f"its RBAC does not allow to list {target} any more.", status=403)
    return None

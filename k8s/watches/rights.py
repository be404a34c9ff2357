"""The right to watch, reviewed again: an API server never checks a watch that runs."""

from k8s import errors
from k8s.apiserver.access import Permission, read_permissions
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.watches.target import WatchTarget


async def lost_right(sender: Sender, target: WatchTarget, deadline: Deadline) -> errors.ClusterError | None:
    """Returns the reason why a target may not be listed any more; None if it may, or if that is unknown now."""
    kind = target.kind
    permission = Permission("list", kind.group, kind.plural, target.namespace or "")
    try:
        permissions = await read_permissions(sender, deadline, permissions=(permission,))
        if permissions is None:  # reviews are refused, so the list itself says it
            await sender.send(target.list_call("", objects=1), deadline)
        elif not permissions[permission]:
            return errors.Forbidden(sender.name, f"its RBAC does not allow to list {target} any more.", status=403)
    except (errors.Forbidden, errors.Unauthenticated) as error:
        return errors.without_frames(error)
    except errors.ClusterError:
        return None
    return None

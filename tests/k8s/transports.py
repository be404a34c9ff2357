"""Transports to a server on loopback."""

from collections.abc import Callable

from k8s.kinds.builtin import POD
from k8s.transport.call import Call
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path
from k8s.transport.transport import Transport

TOKEN = "s3cret-token"
LIST = Call(list_path(POD), "list", "pods")
LIMITS = ConnectionLimits(connect_timeout_s=30, body_bytes=2**20)
Connect = Callable[..., Transport]

"""Transports to a server on loopback."""

from collections.abc import Callable

from k8s.call import Call
from k8s.kinds import POD
from k8s.limits import ConnectionLimits
from k8s.path import list_path
from k8s.transport import Transport

TOKEN = "s3cret-token"
LIST = Call(list_path(POD), "list", "pods")
LIMITS = ConnectionLimits(connect_timeout_s=0.2, body_bytes=2**20)
Connect = Callable[..., Transport]

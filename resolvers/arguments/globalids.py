"""Global ids: one string for any object of the fleet.

The identity of an object is cluster, group, kind, namespace and name; its id is these with a version number, in
base64url. It is not signed: it gives no access that its fields, as arguments, would not give.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from resolvers.errors import BadUserInput

_VERSION = "1"
_MAX_CHARACTERS = 8192
"""The limit of an id; the longest names have 1024 characters of up to 4 bytes (`k8s.transport.path`)."""
_KINDS = {(kind.group, kind.name): kind for kind in BUILT_IN}


@dataclass(frozen=True, slots=True)
class GlobalId:
    """The identity of an object: the cluster's id, the kind, namespace and name."""

    cluster_id: str
    kind: Kind
    namespace: str | None
    name: str

    def __str__(self) -> str:
        return object_id(self.cluster_id, self.kind, self.namespace, self.name)


def object_id(cluster_id: str, kind: Kind, namespace: str | None, name: str) -> str:
    """Returns the global id of an object."""
    parts = "|".join((_VERSION, cluster_id, kind.group, kind.name, namespace or "", name))
    return urlsafe_b64encode(parts.encode()).decode("ascii").rstrip("=")


def parse_object_id(text: str) -> GlobalId:
    """Returns the identity of an id.

    Raises:
        BadUserInput: the id is invalid.
    """
    try:
        if len(text) > _MAX_CHARACTERS or not text.isascii():
            raise ValueError
        parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|", 5)  # a name may have bars, too
        version, cluster_id, group, kind_name, namespace, name = parts
        kind = _KINDS[group, kind_name]
        if version != _VERSION or kind.namespaced != bool(namespace) or not name:
            raise ValueError
        global_id = GlobalId(cluster_id, kind, namespace or None, name)
        if str(global_id) != text:  # base64 decoding is lenient
            raise ValueError
    except (Base64Error, ValueError, KeyError) as error:
        raise BadUserInput("id: this is no object id; pass an `id` that this endpoint gave.") from error
    return global_id

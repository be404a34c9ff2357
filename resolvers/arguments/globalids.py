"""Global ids: one string for any object of the fleet.

The identity of an object is cluster, group, kind, namespace and name; its id is these with a version number, in
base64url. It is not signed: it gives no access that its fields, as arguments, would not give. An id of a kind without a
type is as valid as any other: what its cluster serves decides whether such an object exists.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Final

from k8s.dnslabel import DNS_LABEL
from k8s.kinds.kind import Kind
from resolvers.errors import BadUserInput
from resolvers.typedkinds import TypedKinds

_VERSION = "1"
_MAX_CHARACTERS = 8192
"""The limit of an id; the longest names have 1024 characters of up to 4 bytes (`k8s.transport.path`)."""
_KIND_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GlobalId:
    """The identity of an object: the cluster's id, the kind, namespace and name.

    A kind without a type has no version and no plural here: only its cluster knows them.
    """

    cluster_id: str
    kind: Kind
    namespace: str | None
    name: str

    @property
    def is_typed(self) -> bool:
        """True if the kind has a type, so that its version and plural are known."""
        return bool(self.kind.plural)

    def __str__(self) -> str:
        return object_id(self.cluster_id, self.kind, self.namespace, self.name)


def object_id(cluster_id: str, kind: Kind, namespace: str | None, name: str) -> str:
    """Returns the global id of an object."""
    parts = "|".join((_VERSION, cluster_id, kind.group, kind.name, namespace or "", name))
    return urlsafe_b64encode(parts.encode()).decode("ascii").rstrip("=")


def parse_object_id(text: str, kinds: TypedKinds) -> GlobalId:
    """Returns the identity of an id, with the kind as `kinds` has it.

    Raises:
        BadUserInput: the id is invalid.
    """
    try:
        if len(text) > _MAX_CHARACTERS or not text.isascii():
            raise ValueError
        parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|", 5)  # a name may also have bars
        version, cluster_id, group, kind_name, namespace, name = parts
        kind = kinds.find(group, kind_name) or _untyped(group, kind_name, namespace)
        if version != _VERSION or kind.namespaced != bool(namespace) or not name:
            raise ValueError
        global_id = GlobalId(cluster_id, kind, namespace or None, name)
        if str(global_id) != text:  # base64 decoding is lenient
            raise ValueError
    except (Base64Error, ValueError) as error:
        raise BadUserInput("id: this is no object id; pass an `id` that this endpoint gave.") from error
    return global_id


def place_in(text: str) -> tuple[str, str, str]:
    """Returns the cluster's id, the namespace and the name in an id that was made here: quickly, without checks."""
    parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|", 5)
    return parts[1], parts[4], parts[5]


def _untyped(group: str, name: str, namespace: str) -> Kind:
    """Returns a kind without version and plural; raises ValueError if no API server can serve it."""
    if not _KIND_NAME.fullmatch(name) or (group and not all(map(DNS_LABEL.fullmatch, group.split(".")))):
        raise ValueError
    return Kind(group, "", name, "", namespaced=bool(namespace))

"""Uses of objects by others, and the way of each."""

from enum import StrEnum

from msgspec import Struct


class WayOfUse(StrEnum):
    """The way in which an object uses another one."""

    VOLUME = "VOLUME"
    PROJECTED_VOLUME = "PROJECTED_VOLUME"
    VOLUME_CREDENTIAL = "VOLUME_CREDENTIAL"
    ENV = "ENV"
    ENV_FROM = "ENV_FROM"
    PULL_SECRET = "PULL_SECRET"  # noqa: S105  a name, and no secret
    SERVICE_ACCOUNT = "SERVICE_ACCOUNT"
    CLAIM_TEMPLATE = "CLAIM_TEMPLATE"
    CLASS_CREDENTIAL = "CLASS_CREDENTIAL"
    TLS = "TLS"
    ACCOUNT_SECRET = "ACCOUNT_SECRET"  # noqa: S105  a name, and no secret


class Use(Struct, frozen=True, gc=False):
    """One reference to an object.

    Attributes:
        name: the name of the object that is used; it is in the namespace of its user, or in `namespace`.
        way: the way of use.
        place: the container or the volume that has the reference; None if it is the whole object's.
        is_optional: whether the user works without the object.
        is_template: whether `name` begins the names of several objects, which end with ordinals.
        namespace: the namespace of the object; None for that of its user.
    """

    name: str
    way: WayOfUse
    place: str | None = None
    is_optional: bool = False
    is_template: bool = False
    namespace: str | None = None

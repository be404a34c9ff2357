"""Names of objects and of their namespaces in arguments, checked before any request."""

import re
from typing import Final

from k8s.transport.path import PathInvalid, checked_namespace, checked_segment
from resolvers.errors import BadUserInput, LimitExceeded

_MAX_NAMESPACES: Final = 1000
_MAX_NAMES: Final = 1000
_SPECIAL: Final = re.compile(r"[\\,=]")


def checked_namespaces(argument: object) -> tuple[str, ...] | None:
    """Returns the argument `namespaces`: each name once, sorted; None for all namespaces.

    Raises:
        BadUserInput: the list is empty, or a name is invalid.
        LimitExceeded: there are too many names.
    """
    if not isinstance(argument, list | tuple):
        return None
    if len(argument) > _MAX_NAMESPACES:
        raise LimitExceeded(f"namespaces: {len(argument)} names; the limit is {_MAX_NAMESPACES}.")
    if not argument:
        raise BadUserInput("namespaces: the list is empty; leave the argument out for all namespaces.")
    try:
        return tuple(sorted({checked_namespace(str(name)) for name in argument}))
    except PathInvalid as error:
        raise BadUserInput(f"namespaces: {error}") from error


def checked_names(name: object, names: object) -> tuple[str, ...] | None:
    """Returns the arguments `name` and `names`: each name once, sorted; None for objects of any name.

    Any kind's names are accepted: an object whose name its kind refuses does not exist.

    Raises:
        BadUserInput: both are there, the list is empty, or a name is invalid.
        LimitExceeded: there are too many names.
    """
    if isinstance(names, list | tuple):
        if isinstance(name, str):
            raise BadUserInput("name, names: give one of them; names takes several.")
        if len(names) > _MAX_NAMES:
            raise LimitExceeded(f"names: {len(names)} names; the limit is {_MAX_NAMES}.")
        if not names:
            raise BadUserInput("names: the list is empty; leave the argument out for objects of any name.")
        try:
            return tuple(sorted({checked_segment(str(one)) for one in names}))
        except PathInvalid as error:
            raise BadUserInput(f"names: {error}") from error
    try:
        return (checked_segment(name),) if isinstance(name, str) else None
    except PathInvalid as error:
        raise BadUserInput(f"name: {error}") from error


def name_selector(name: str) -> str:
    r"""Returns the field selector of a name; `\`, `,` and `=` are escaped.

    Source: `EscapeValue` in the `fields` package of k8s.io/apimachinery.
    """
    return "metadata.name=" + _SPECIAL.sub(r"\\\g<0>", name)

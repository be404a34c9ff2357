"""Keys of objects that GraphQL, or a class of Python, cannot name."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from k8s.kinds.structure import Field

_NAME: Final = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LONGEST: Final = 200


def unnameable(keys: Iterable[str]) -> Mapping[str, str]:
    """Returns the keys that are no fields, each with the cause as the end of a sentence.

    Of several keys with the same name, the one that is its own name is the field, else the first in order.
    """
    causes: dict[str, str] = {}
    fields: dict[str, Field] = {}
    for key in sorted(keys, key=lambda key: (Field(key, "").name != key, key)):
        field = Field(key, "")
        if len(key) > _LONGEST or not _NAME.fullmatch(field.name):
            causes[key] = "has no name in GraphQL"
        elif field.attribute in fields:
            causes[key] = f"has the same name in GraphQL as {fields[field.attribute].key}"
        else:
            fields[field.attribute] = field
    return causes

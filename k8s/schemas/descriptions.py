"""Descriptions for API users, from texts of strangers: short, in one line, without control characters."""

import re
from collections.abc import Mapping
from typing import Final

from k8s.listednames import all_of
from k8s.schemas.pieces import as_list, as_text

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CUT: Final = "..."
_UNKNOWN_TOO: Final = "It may have more fields: `fields(path:)` of the object shows them."
_MOST_VALUES: Final = 20
_MOST_VALUE_CHARACTERS: Final = 64


def described(schema: Mapping[str, object], most: int) -> str:
    """Returns the description of a schema, cut to a number of characters; empty without one."""
    return shortened(as_text(schema.get("description")), most)


def described_object(schema: Mapping[str, object], most: int) -> str:
    """Returns the description of an object; it says so if the object may have fields that the schema does not know."""
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") is True
    return " ".join(filter(None, (described(schema, most), _UNKNOWN_TOO if is_open else "")))


def shortened(text: str, most: int) -> str:
    """Returns a text with single spaces, cut to a number of characters."""
    if len(text) > 2 * most:
        text = text[: 2 * most]
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if len(text) <= most else text[: most - len(_CUT)].rstrip() + _CUT


def known_values(schema: Mapping[str, object]) -> str:
    """Returns a sentence with the values of an enum; empty without one.

    They are no GraphQL enum: a value comes with the next version of an operator, and would be an error until then.
    """
    values = [text for value in as_list(schema.get("enum")) if (text := as_text(value)) and text.isprintable()]
    if not values or any(len(value) > _MOST_VALUE_CHARACTERS for value in values):
        return ""
    others = ("others",) if len(values) > _MOST_VALUES else ()
    return f"Known values: {all_of((*values[:_MOST_VALUES], *others))}."

"""Numbers of answers: all numbers with a fraction or an exponent are parsed here.

msgspec's own parser takes 17 us for a number near the ends of the range, 400 times as long as for others. It is not
used for values of unknown type, so numbers are decoded as such, and their types are checked afterwards.
"""

from typing import Any, ClassVar


def finite(text: str) -> float:
    """Parses a number with a fraction or an exponent; raises ValueError if it is out of range."""
    value = float(text)
    if value - value != 0:
        raise ValueError("a number is out of range")
    return value


class Accepting(type):
    """The type of classes in the types of decoders, whose values `accepted` checks or converts."""

    __instancecheck__: Any = type  # true, without a Python call for each value: `accepted` has checked it


class Number(metaclass=Accepting):
    """A number in the types of decoders; its values are `int` or `float`."""

    accepts: ClassVar = frozenset({int, float})


class Quantity(metaclass=Accepting):
    """A quantity in the types of decoders, such as "100m" or 1.5; its values are `str`, `int` or `float`."""

    accepts: ClassVar = frozenset({str, int, float})


def accepted(value_type: Any, value: object) -> object:
    """Returns the value, or the result of `value_type.read`; raises TypeError if `value_type` does not accept it."""
    if type(value) in value_type.accepts:
        return value
    read = getattr(value_type, "read", None)
    if read is None:
        raise TypeError("expected another type")
    return read(value)

"""Numbers of answers: those with a fraction or an exponent are read here, wherever they stand.

msgspec's own reader takes 17 us for one near the ends of the range, 400 times as long as for another. It is not used
for values of unknown type, so numbers are taken for such, and their types are looked at afterwards.
"""

from typing import Any, ClassVar


def finite(text: str) -> float:
    """Returns a number with a fraction or an exponent; raises ValueError for one that is out of range."""
    value = float(text)
    if value - value != 0:
        raise ValueError("a number is out of range")
    return value


class _Accepting(type):
    __instancecheck__: Any = type  # true, without a call of Python for each value: `accepted` has looked


class Number(metaclass=_Accepting):
    """Stands for a number in the types of decoders; what is read is an `int` or a `float`."""

    accepts: ClassVar = frozenset({int, float})


class Quantity(metaclass=_Accepting):
    """Stands for a quantity, as "100m" or 1.5; what is read is a `str`, an `int` or a `float`."""

    accepts: ClassVar = frozenset({str, int, float})


def accepted(wanted: type[Number | Quantity], value: object) -> object:
    """Returns a value as it was read; raises TypeError if it is not of the wanted ones."""
    if type(value) in wanted.accepts:
        return value
    raise TypeError("expected another type")

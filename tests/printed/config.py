"""Kinds of configuration, of access, of the API itself, and of devices."""

from tests.printed import access, configuration, control, devices, evictions
from tests.printed.entry import Printed

PRINTED: tuple[Printed, ...] = (
    *configuration.PRINTED,
    *access.PRINTED,
    *control.PRINTED,
    *devices.PRINTED,
    *evictions.PRINTED,
)

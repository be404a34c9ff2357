"""Kinds of configuration, of access, of the API itself, and of devices."""

from tests.printed.entry import Printed

PRINTED: tuple[Printed, ...] = ()

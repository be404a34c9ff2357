"""Nodes."""

from tests.printed.entry import Printed

PRINTED: tuple[Printed, ...] = ()

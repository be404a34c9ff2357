"""Kinds of networks and storage."""

from tests.printed.entry import Printed

PRINTED: tuple[Printed, ...] = ()

"""Kinds that run pods, scale them and limit their disruption: apps, batch, autoscaling, policy, scheduling."""

from tests.printed.entry import Printed

PRINTED: tuple[Printed, ...] = ()

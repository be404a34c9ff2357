"""Kinds that run pods, scale them and limit their disruption: apps, batch, autoscaling, policy, scheduling."""

from tests.printed.autoscaling import AUTOSCALING
from tests.printed.batch import BATCH
from tests.printed.controllers import APPS
from tests.printed.entry import Printed
from tests.printed.scheduling import SCHEDULING

PRINTED: tuple[Printed, ...] = (*APPS, *BATCH, *AUTOSCALING, *SCHEDULING)

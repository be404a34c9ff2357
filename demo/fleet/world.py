"""One generated cluster: all of its objects at the start of the fleet, and the changed ones at a later time.

Both are functions of the profile and the time only: the same every time, on every machine.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Final

from demo.fleet.company.application import Application
from demo.fleet.company.businessapplications import business_applications
from demo.fleet.company.platformapplications import platform_applications
from demo.fleet.company.profile import Profile
from demo.fleet.company.systemapplications import system_applications
from demo.fleet.company.troubles import TROUBLES, Trouble
from demo.fleet.customkinds.served import ALL, definitions, served_by
from demo.fleet.machines.planning import moves, planned
from demo.fleet.machines.rollout import Rollout
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest
from demo.fleet.objects.batch import batch
from demo.fleet.objects.certificates import certificates
from demo.fleet.objects.charts import charts
from demo.fleet.objects.clusterwide import cluster_wide
from demo.fleet.objects.configuration import configuration
from demo.fleet.objects.controllers import controllers
from demo.fleet.objects.deliveries import deliveries
from demo.fleet.objects.events import Happening, continued, events
from demo.fleet.objects.happenings import moving_happenings, settled_happenings
from demo.fleet.objects.namespaces import namespaces, quotas
from demo.fleet.objects.networking import endpoints, services
from demo.fleet.objects.nodes import leader_leases, leases, nodes, storage_drivers
from demo.fleet.objects.pods import pods
from demo.fleet.objects.routes import routes
from demo.fleet.objects.scaling import autoscalers, budgets
from demo.fleet.objects.storage import storage_classes, volumes
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind

_BUILT_IN: Final = tuple(kind for kind in BUILT_IN if "alpha" not in kind.version and "beta" not in kind.version)

KINDS: Final[tuple[Kind, ...]] = (*_BUILT_IN, *(custom.kind for custom in ALL))
"""The kinds of all clusters: every stable built-in kind, and the custom ones."""

_FIRST_VERSION: Final = 48_000_000


class World:
    """A generated cluster.

    Args:
        profile: Its profile.
        start_s: The start of the fleet, in seconds since 1970.
    """

    def __init__(self, profile: Profile, start_s: float) -> None:
        self.profile = profile
        self.site = Site(profile, start_s)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Returns the kinds that the cluster serves."""
        return (*_BUILT_IN, *(custom.kind for custom in served_by(self.profile)))

    @property
    def resource_version(self) -> str:
        """Returns a version above that of every generated object."""
        return str(_FIRST_VERSION + 1_000_000 * self.profile.number + 900_000)

    def workloads(self, elapsed_s: float) -> list[Workload]:
        """Returns all workloads some time after the start of the fleet."""
        return [
            self._planned(index, elapsed_s) if index in self._moving else workload
            for index, workload in enumerate(self._workloads)
        ]

    def objects(self) -> list[Manifest]:
        """Returns all objects of the cluster at the start of the fleet."""
        items = list(chain(self._settled(), self.moved(0.0)))
        first = _FIRST_VERSION + 1_000_000 * self.profile.number
        for index, item in enumerate(items):
            metadata = item["metadata"]
            if isinstance(metadata, dict):
                item["metadata"] = {**metadata, "resourceVersion": str(first + index * 7)}
        return items

    def moved(self, elapsed_s: float) -> Iterator[Manifest]:
        """Yields the objects that change, as they are some time after the start of the fleet."""
        now_s = self.site.start_s + elapsed_s
        yield from nodes(self.site, now_s)
        yield from leases(self.site, now_s)
        everything = self.workloads(elapsed_s)
        yield from quotas(self.site, everything)
        yield from leader_leases(everything, now_s)
        workloads = [everything[index] for index in self._moving]
        yield from self._moving_objects(workloads)
        happened = chain.from_iterable(moving_happenings(workload, now_s) for workload in workloads)
        finished = self._finished_rollouts(elapsed_s)
        past = chain.from_iterable(moving_happenings(workload, now_s) for workload in finished)
        settled = (continued(happening, elapsed_s) for happening in self._settled_happenings)
        yield from events(self.site, chain(settled, happened, past), now_s)

    def _settled(self) -> Iterator[Manifest]:
        site, workloads = self.site, self._workloads
        yield from namespaces(site)
        yield from cluster_wide(site)
        yield from storage_classes(site)
        yield from storage_drivers(site)
        yield from definitions(site)
        yield from certificates(site, workloads)
        yield from deliveries(site, workloads)
        yield from routes(site, workloads)
        yield from charts(site)
        for index, workload in enumerate(workloads):
            yield from chain(configuration(workload), services(workload), volumes(workload))
            if index not in self._moving:
                yield from self._moving_objects([workload])
        yield from batch(site)

    def _moving_objects(self, workloads: Iterable[Workload]) -> Iterator[Manifest]:
        for workload in workloads:
            yield from chain(controllers(workload), pods(workload), endpoints(workload))
            yield from chain(autoscalers(workload), budgets(workload))

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        """Returns the applications of this cluster."""
        candidates = (*business_applications(), *platform_applications(), *system_applications())
        return tuple(application for application in candidates if application.runs_in(self.profile))

    @cached_property
    def _workloads(self) -> tuple[Workload, ...]:
        return tuple(self._planned(index, 0.0) for index in range(len(self.applications)))

    @cached_property
    def _settled_happenings(self) -> tuple[Happening, ...]:
        still = tuple(workload for index, workload in enumerate(self._workloads) if index not in self._moving)
        return tuple(settled_happenings(self.site, still))

    @cached_property
    def _moving(self) -> frozenset[int]:
        return frozenset(index for index, application in enumerate(self.applications) if moves(self.site, application))

    def _planned(self, index: int, elapsed_s: float) -> Workload:
        return planned(self.site, self.applications[index], index, elapsed_s=elapsed_s)

    def _finished_rollouts(self, elapsed_s: float) -> Iterator[Workload]:
        for index in self._moving:
            application = self.applications[index]
            if TROUBLES[self.profile.name, application.namespace, application.name] is Trouble.ROLLING:
                rollout = Rollout(self.site, application, index, application.desired(self.profile))
                for end_s in rollout.ends(elapsed_s):
                    yield self._planned(index, end_s)

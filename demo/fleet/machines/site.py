"""One cluster during generation: its machines, and the names, addresses and nodes of pods."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from demo.fleet.chance import hexadecimal, number, uid
from demo.fleet.company.application import Application
from demo.fleet.company.profile import Distribution, Pool, Profile
from demo.fleet.moment import DAY_S

_ADDRESSES_PER_APPLICATION = 64


@dataclass(frozen=True, slots=True)
class Machine:
    """A node of the plan.

    Attributes:
        is_lost: Whether its kubelet no longer reports.
        is_cordoned: Whether it takes no new pods.
    """

    index: int
    name: str
    ip: str
    zone: str
    pool: Pool
    created_s: float
    is_lost: bool
    is_cordoned: bool


@dataclass(frozen=True)
class Site:
    """A cluster's profile at one time.

    Attributes:
        start_s: The start of the fleet; all other times are earlier.
    """

    profile: Profile
    start_s: float

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """Returns all nodes, pool by pool."""
        pools = [pool for pool in self.profile.pools for _ in range(pool.count)]
        return tuple(self._machine(index, pool) for index, pool in enumerate(pools))

    @cached_property
    def lost(self) -> tuple[Machine, ...]:
        """Returns the lost nodes."""
        return tuple(machine for machine in self.machines if machine.is_lost)

    @property
    def is_cloud(self) -> bool:
        """Returns whether machines and disks are those of a cloud."""
        return self.profile.distribution is Distribution.EKS

    @property
    def created_s(self) -> float:
        """Returns the time of the cluster's creation."""
        return self.start_s - (900 - 100 * (self.profile.number - 10)) * DAY_S

    def uid(self, kind: str, namespace: str, name: str) -> str:
        """Returns the uid of an object."""
        return uid(self.profile.name, kind, namespace, name)

    def place(self, application: Application, ordinal: int) -> Machine:
        """Returns the node of an application's nth pod, spread over the available ones of its pool."""
        nodes = self._candidates(application.pool)
        offset = number(len(nodes), "place", application.namespace, application.name)
        return nodes[(offset + ordinal) % len(nodes)]

    def pod_ip(self, application_index: int, ordinal: int) -> str:
        """Returns the unique address of an application's nth pod."""
        address = application_index * _ADDRESSES_PER_APPLICATION + ordinal % _ADDRESSES_PER_APPLICATION + 4
        return f"10.{self.profile.number + 100}.{address >> 8}.{address & 255}"

    def service_ip(self, application_index: int) -> str:
        """Returns the address of an application's service."""
        network = "172.20.0" if self.is_cloud else "10.43.0"
        return f"{network}.{application_index + 20}"

    def image(self, repository: str, tag: str) -> tuple[str, str]:
        """Returns an image by tag, as in pods, and by digest, as on nodes."""
        return f"{repository}:{tag}", f"{repository}@sha256:{hexadecimal(64, repository, tag)}"

    def _candidates(self, pool: str) -> Sequence[Machine]:
        return self._by_pool.get(pool) or self._by_pool["general"]

    @cached_property
    def _by_pool(self) -> dict[str, list[Machine]]:
        by_pool: dict[str, list[Machine]] = {}
        for machine in self.machines:
            if not machine.is_lost:
                by_pool.setdefault(machine.pool.name, []).append(machine)
        return by_pool

    def _machine(self, index: int, pool: Pool) -> Machine:
        profile = self.profile
        zone = profile.zones[index % len(profile.zones)]
        third, fourth = number(200, "net", profile.name, index) + 16, index + 20
        ip = f"10.{profile.number}.{third}.{fourth}"
        cloud_name = f"ip-10-{profile.number}-{third}-{fourth}.{profile.region}.compute.internal"
        return Machine(
            index=index,
            name=cloud_name if self.is_cloud else f"berlin-{zone}-{index + 1:02d}",
            ip=ip,
            zone=zone,
            pool=pool,
            created_s=self.start_s - (3 + number(40, "age", profile.name, index)) * DAY_S - index * 977,
            is_lost=index in profile.lost,
            is_cordoned=index in profile.cordoned,
        )

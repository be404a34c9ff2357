"""Profiles of the six clusters: regions, releases, nodes and sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from demo.fleet.chance import uid


class Distribution(StrEnum):
    """The distribution of a cluster, which decides on its system pods, storage and node images."""

    EKS = "eks"
    K3S = "k3s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Nodes of one machine type.

    Attributes:
        cpu: The cores of each node.
        is_dedicated: Whether it has a taint `dedicated=NAME`.
    """

    name: str
    instance_type: str
    count: int
    cpu: int
    memory_mib: int
    arch: str = "amd64"
    is_dedicated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One cluster before anything is generated.

    Attributes:
        version: The release of its API server.
        number: The second byte of its addresses.
        releases_behind: The delay of its applications, in releases.
        scale: The factor of replicas.
        latency_s: The additional seconds of each response.
        cordoned, lost: Indices of nodes that are cordoned, and that are lost.
        is_reachable: Whether it answers.
        has_metrics: Whether it has a metrics-server.
    """

    name: str
    region: str
    labels: Mapping[str, str] = field(hash=False)
    description: str
    version: str
    number: int
    distribution: Distribution = Distribution.EKS
    zones: tuple[str, ...] = ()
    pools: tuple[Pool, ...] = ()
    releases_behind: int = 0
    scale: float = 1.0
    latency_s: float = 0.0
    cordoned: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    is_reachable: bool = True
    has_metrics: bool = True

    @property
    def id(self) -> str:
        """Returns the id, in the format of the registry."""
        return uid("cluster", self.name)

    @property
    def minor(self) -> str:
        """Returns the release without its patch, such as `1.36`."""
        return self.version.removeprefix("v").rpartition(".")[0] if "+" not in self.version else self.version[1:5]


def _cloud(general: int, data: int, platform: int, *, gpu: int = 0) -> tuple[Pool, ...]:
    pools = [
        Pool(name="general", instance_type="m7i.2xlarge", count=general, cpu=8, memory_mib=32768),
        Pool(
            name="data", instance_type="r7g.2xlarge", count=data, cpu=8, memory_mib=65536, arch="arm64",
            is_dedicated=True,
        ),
        Pool(name="platform", instance_type="m7g.xlarge", count=platform, cpu=4, memory_mib=16384, arch="arm64"),
    ]  # fmt: skip
    if gpu:
        pools.append(
            Pool(name="gpu", instance_type="g6.2xlarge", count=gpu, cpu=8, memory_mib=32768, is_dedicated=True)
        )
    return tuple(pools)


def _labels(env: str, region: str, tier: str) -> dict[str, str]:
    return {"env": env, "region": region, "tier": tier}


PROFILES: Final = (
    Profile(
        name="prod-eu-1",
        region="eu-west-1",
        labels=_labels("prod", "eu-west-1", "critical"),
        description="Production, Ireland.",
        version="v1.36.2",
        number=11,
        zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
        pools=_cloud(17, 6, 3),
        releases_behind=1,
        scale=3.2,
        lost=frozenset({6}),
    ),
    Profile(
        name="prod-us-1",
        region="us-east-1",
        labels=_labels("prod", "us-east-1", "critical"),
        description="Production, Virginia.",
        version="v1.35.6",
        number=12,
        zones=("us-east-1a", "us-east-1b", "us-east-1d"),
        pools=_cloud(18, 6, 3),
        releases_behind=2,
        scale=2.8,
        cordoned=frozenset({4}),
    ),
    Profile(
        name="prod-ap-1",
        region="ap-southeast-1",
        labels=_labels("prod", "ap-southeast-1", "critical"),
        description="Production, Singapore; far away, so each answer takes 700 ms longer.",
        version="v1.34.9",
        number=13,
        zones=("ap-southeast-1a", "ap-southeast-1b"),
        pools=_cloud(10, 4, 2, gpu=3),
        releases_behind=2,
        scale=2.0,
        latency_s=0.7,
    ),
    Profile(
        name="staging-eu-1",
        region="eu-west-1",
        labels=_labels("staging", "eu-west-1", "internal"),
        description="Staging: the newest releases first, and no metrics-server.",
        version="v1.37.2",
        number=14,
        zones=("eu-west-1a", "eu-west-1b"),
        pools=_cloud(8, 4, 2),
        releases_behind=0,
        scale=1.4,
        has_metrics=False,
    ),
    Profile(
        name="edge-berlin",
        region="on-prem",
        labels=_labels("edge", "on-prem", "edge"),
        description="Two racks in a warehouse in Berlin.",
        version="v1.33.4+k3s1",
        number=15,
        distribution=Distribution.K3S,
        zones=("rack-1", "rack-2"),
        pools=(
            Pool(name="general", instance_type="k3s", count=7, cpu=16, memory_mib=65536),
            Pool(name="data", instance_type="k3s", count=3, cpu=16, memory_mib=24576, is_dedicated=True),
        ),
        releases_behind=3,
        scale=1.6,
    ),
    Profile(
        name="dr-us-2",
        region="us-west-2",
        labels=_labels("prod", "us-west-2", "standby"),
        description="Disaster recovery, Oregon; switched off on purpose, so that something is down.",
        version="v1.35.6",
        number=16,
        is_reachable=False,
    ),
)
"""The clusters, oldest first."""

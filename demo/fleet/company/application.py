"""Applications of teams, before they are placed in a cluster."""

from dataclasses import dataclass
from enum import StrEnum

from demo.fleet.chance import number
from demo.fleet.company.profile import Distribution, Profile


class Controller(StrEnum):
    """The kind of the controller of an application's pods."""

    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application; its replicas are those at scale 1.

    Attributes:
        image: The repository without tag.
        releases: Tags, the newest first; a cluster has one by its delay. Empty: the cluster's own release.
        cpu_m, memory_mib: Requests; the memory limit is twice the request. 0 for neither requests nor limits.
        is_guaranteed: Whether its limits are its requests.
        probe: The path of its health check; empty for a check of the port.
        env: Environment variables.
        has_secret: Whether it has credentials, in a Secret.
        sidecar: The name of its sidecar.
        storage_gib: The size of the volume of each replica (stateful sets).
        host: The first label of its host name in an ingress.
        most_replicas: The maximum of its autoscaler; 0 for none.
        is_scaled: Whether it grows with its cluster.
        only: The only distribution that has it.
    """

    name: str
    namespace: str
    image: str
    releases: tuple[str, ...]
    controller: Controller = Controller.DEPLOYMENT
    component: str = "api"
    replicas: int = 2
    cpu_m: int = 100
    memory_mib: int = 128
    is_guaranteed: bool = False
    port: int = 8080
    port_name: str = "http"
    probe: str = "/healthz"
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    has_config: bool = True
    has_secret: bool = False
    has_migration: bool = False
    sidecar: str = ""
    storage_gib: int = 0
    pool: str = "general"
    host: str = ""
    most_replicas: int = 0
    priority_class: str = ""
    is_host_network: bool = False
    is_scaled: bool = False
    only: Distribution | None = None

    def runs_in(self, profile: Profile) -> bool:
        """Returns whether a cluster has it."""
        return self.only is None or self.only is profile.distribution

    def release(self, profile: Profile, *, older: int = 0) -> str:
        """Returns the tag in a cluster, now or some revisions ago; some teams are faster than others."""
        if not self.releases:
            return profile.version
        hurry = number(2, "hurry", self.name, profile.name) if profile.releases_behind else 0
        behind = max(0, profile.releases_behind - hurry)
        return self.releases[min(behind + older, len(self.releases) - 1)]

    def desired(self, profile: Profile) -> int:
        """Returns the replicas in a cluster."""
        return max(1, round(self.replicas * profile.scale)) if self.is_scaled else self.replicas


def releases(newest: str, count: int = 8, *, prefix: str = "") -> tuple[str, ...]:
    """Returns plausible releases: patches back to 0, then the minor or major release before."""
    major, minor, patch = (int(part) for part in newest.split("."))
    tags: list[str] = []
    while len(tags) < count and major >= 0:
        tags.append(f"{prefix}{major}.{minor}.{patch}")
        if patch:
            patch -= 1
        elif minor:
            minor, patch = minor - 1, number(4, newest, minor)
        else:
            major, minor, patch = major - 1, 4, number(4, newest, major)
    return tuple(tags)

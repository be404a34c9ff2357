"""What runs in the fleet, before it is placed in a cluster: an application a team owns."""

from dataclasses import dataclass
from enum import StrEnum

from demo.fleet.chance import number
from demo.fleet.company.profile import Distribution, Profile


class Controller(StrEnum):
    """What keeps an application's pods running; the kind's name."""

    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application; its replicas are those at scale 1.

    Attributes:
        image: repository without tag.
        releases: tags, the newest first; how far a cluster is behind picks one. None: the cluster's own release.
        cpu_m, memory_mib: requests; the memory limit is twice the request.
        probe: path of its health check; empty for a check of the port.
        env: environment variables in the clear.
        has_secret: whether it has credentials, in a Secret.
        sidecar: an image that runs beside it.
        storage_gib: size of the volume of each replica (stateful sets).
        host: first label of the host name that an ingress sends to it.
        most_replicas: upper bound of its autoscaler; 0 for none.
        only: the distribution that has it, and whether it grows with its cluster.
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
        """Whether a cluster has it."""
        return self.only is None or self.only is profile.distribution

    def release(self, profile: Profile, *, older: int = 0) -> str:
        """The tag that a cluster runs, or ran some revisions ago; teams are not all equally quick."""
        if not self.releases:
            return profile.version
        hurry = number(2, "hurry", self.name, profile.name) if profile.releases_behind else 0
        behind = max(0, profile.releases_behind - hurry)
        return self.releases[min(behind + older, len(self.releases) - 1)]

    def desired(self, profile: Profile) -> int:
        """Replicas in a cluster."""
        return max(1, round(self.replicas * profile.scale)) if self.is_scaled else self.replicas


def releases(newest: str, count: int = 8, *, prefix: str = "") -> tuple[str, ...]:
    """A plausible past: patches back to 0, then the minor or major release before."""
    major, minor, patch = (int(part) for part in newest.split("."))
    found: list[str] = []
    while len(found) < count and major >= 0:
        found.append(f"{prefix}{major}.{minor}.{patch}")
        if patch:
            patch -= 1
        elif minor:
            minor, patch = minor - 1, number(4, newest, minor)
        else:
            major, minor, patch = major - 1, 4, number(4, newest, major)
    return tuple(found)

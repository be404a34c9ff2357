"""Settings of imports of clusters and of requests to them."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import NoDecode

from k8s.apiserver.limits import DiscoveryLimits
from k8s.credentials.incluster import SERVICE_ACCOUNT_FOLDER
from k8s.credentials.pluginsettings import is_command, is_variable
from k8s.dnslabel import DNS_LABEL
from k8s.kubeconfig.allowance import Allowance
from k8s.kubeconfig.limits import KubeconfigLimits
from server.settings.types import PREFIX, Bytes, Networks, Seconds, SettingGroup, Words, words

_KUBECONFIG_LIMITS = KubeconfigLimits()
_DISCOVERY_LIMITS = DiscoveryLimits()


class ClusterSettings(SettingGroup):
    """Settings of imports of clusters and of requests to them."""

    kubeconfig_allow: Annotated[frozenset[Allowance], NoDecode, BeforeValidator(words)] = Field(
        default=frozenset(),
        description="Features that imported kubeconfigs may use, separated by commas: `files` (names of files to "
        "read), `insecure-skip-tls-verify`, `proxy-url`. Default: none.",
    )
    allow_at_import: bool = Field(
        default=True,
        description="Whether `clusters import --allow` may allow more for one import, and the exec plugins that it "
        "allowed are run. If false, only the other settings allow something.",
    )
    max_kubeconfig_bytes: Bytes = Field(
        default=_KUBECONFIG_LIMITS.file_bytes,
        description="The maximum size of a kubeconfig file.",
    )
    max_kubeconfig_contexts: int = Field(
        default=_KUBECONFIG_LIMITS.contexts,
        ge=1,
        le=100_000,
        description="The maximum number of contexts in a kubeconfig file, of clusters, and of users; and a hundredth "
        "of the maximum number of values.",
    )
    exec_plugins: Words = Field(
        default=frozenset(),
        description="Commands that kubeconfigs may name as exec credential plugins, separated by commas, each as the "
        "kubeconfig writes it: a name that is looked up in PATH (`aws`, `gke-gcloud-auth-plugin`, `kubelogin`), or an "
        "absolute path. Default: none.",
    )
    exec_plugin_environment: Words = Field(
        default=frozenset(),
        description="Names of environment variables for exec plugins in addition to PATH and HOME, from the "
        "kubeconfig or else from fleetgraph's environment, separated by commas, such as `AWS_PROFILE`.",
    )
    exec_plugin_timeout_s: Seconds = Field(
        default=10.0,
        description="The timeout of an exec plugin; it waits up to twice as long for its turn. Neither counts against "
        "the cluster's own timeout.",
    )
    max_exec_plugins: int = Field(
        default=8, ge=1, le=1000, description="The maximum number of exec plugins that run at the same time."
    )
    service_account_folder: Path = Field(
        default=SERVICE_ACCOUNT_FOLDER,
        description="The folder with `token` and `ca.crt` of the pod's own service account, for clusters that were "
        "imported with `--in-cluster`.",
    )
    denied_addresses: Networks = Field(
        default=frozenset(),
        description="IP networks in which no cluster or proxy may be, separated by commas, such as `10.96.0.0/12`. "
        "Always denied: link-local, multicast and reserved addresses and metadata services of clouds; "
        "loopback, if other machines can reach `fleetgraph serve`. The longest network that contains an "
        "address decides.",
    )
    allowed_addresses: Networks = Field(
        default=frozenset(),
        description="Exceptions from the denied networks, in the same format; of two networks of equal length, the "
        "allowed one decides.",
    )
    connect_timeout_s: Seconds = Field(
        default=3.0, description="The timeout of a connection to a cluster, including TLS."
    )
    cluster_timeout_s: Seconds = Field(
        default=15.0, description="The timeout of one list of a query in one cluster, including the connection."
    )
    connections_per_cluster: int = Field(
        default=16,
        ge=1,
        le=1000,
        description="The maximum number of concurrent requests to one cluster, of all callers, who take turns. One "
        "caller or one kind uses at most three times as many as are free, so that slow requests leave "
        "some to others.",
    )
    max_connections: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="The maximum number of pooled clients, one for each cluster and identity; the least recently used "
        "ones are closed.",
    )
    max_watches_per_cluster: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="The maximum number of watches of one cluster, of all callers. Subscriptions of the same identity "
        "to the same kind and namespace share one. They take none of the concurrent requests.",
    )
    max_watches: int = Field(
        default=1000, ge=1, le=100_000, description="The maximum number of watches of all clusters together."
    )
    max_watched_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="The maximum memory of the objects of all watches, or half of `FLEETGRAPH_MAX_MEMORY_BYTES` if "
        "that is less; if they take more, the largest watch ends with LIMIT_EXCEEDED.",
    )
    watch_linger_s: Seconds = Field(
        default=120.0,
        description="The time for which a watch goes on that no subscription needs any more. If watches are at their "
        "limit, it ends earlier.",
    )
    account_namespace: Annotated[str, Field(pattern=f"^{DNS_LABEL.pattern}$")] = Field(
        default="fleetgraph",
        description="The namespace of clusters in which service accounts are created for users and groups with "
        "grants; nothing is created in any other.",
    )
    reconcile_interval_s: Seconds = Field(
        default=60.0,
        description="The interval at which the server reconciles its service accounts in clusters with the grants.",
    )
    max_answer_bytes: Bytes = Field(
        default=32 * 1024 * 1024,
        description="The largest response of a cluster to one request, decompressed. A larger page of a list is "
        "requested again with fewer objects. The responses of all clusters that are being received take "
        "at most about four times as much memory, or a quarter of `FLEETGRAPH_MAX_MEMORY_BYTES` if that "
        "is less, plus one response.",
    )
    max_probed_namespaces: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="The maximum number of namespaces of a cluster that are checked one by one, for a caller without "
        "permission to list a kind in all namespaces.",
    )
    max_listed_namespaces: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="The maximum number of namespaces of a cluster that one list then reads.",
    )
    discovery_interval_s: Seconds = Field(
        default=_DISCOVERY_LIMITS.refresh_s,
        description="The age at which the kinds that a cluster serves are read again, in the background, when they are "
        "used; at once for a kind that is missing.",
    )
    max_served_kinds: int = Field(
        default=_DISCOVERY_LIMITS.kinds,
        ge=1,
        le=100_000,
        description="The maximum number of kinds of a cluster; further ones are left out, and named by "
        "`kinds { problems }`.",
    )
    max_snapshot_bytes: Bytes = Field(
        default=2 * 1024**3, description="The maximum size of a dump that is imported as a snapshot, unpacked."
    )
    max_snapshot_file_bytes: Bytes = Field(
        default=256 * 1024 * 1024,
        description="The largest file of such a dump, unpacked; a larger one is skipped and named.",
    )
    max_snapshot_files: int = Field(
        default=100_000,
        ge=1,
        le=10_000_000,
        description="The maximum number of files in such a dump, including ignored ones.",
    )
    snapshot_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="The maximum memory of the lists of all snapshot clusters together; the least recently used ones "
        "are read from the database again.",
    )

    @field_validator("exec_plugins")
    @classmethod
    def _commands(cls, commands: frozenset[str]) -> frozenset[str]:
        if not all(map(is_command, commands)):
            raise ValueError("must hold names and absolute paths, separated by commas")
        return commands

    @field_validator("exec_plugin_environment")
    @classmethod
    def _variables(cls, names: frozenset[str]) -> frozenset[str]:
        if not all(map(is_variable, names)):
            raise ValueError(f"must hold names of variables, separated by commas, none of which begins with {PREFIX}")
        return names

"""Where clusters come from, and what each may cost."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import NoDecode

from k8s.credentials.incluster import SERVICE_ACCOUNT_FOLDER
from k8s.dnslabel import DNS_LABEL
from k8s.kubeconfig.allowance import Allowance
from server.settings.types import PREFIX, Bytes, Networks, Seconds, SettingGroup, Words, words

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class ClusterSettings(SettingGroup):
    """Where clusters come from, and what each may cost."""

    kubeconfig_allow: Annotated[frozenset[Allowance], NoDecode, BeforeValidator(words)] = Field(
        default=frozenset(),
        description="What imported kubeconfigs may do, separated by commas: `files` (name files to read), "
        "`insecure-skip-tls-verify`, `proxy-url`. Default: nothing.",
    )
    exec_plugins: Words = Field(
        default=frozenset(),
        description="Commands that kubeconfigs may name as exec credential plugins, separated by commas, each as the "
        "kubeconfig writes it: a name that is looked up in PATH (`aws`, `gke-gcloud-auth-plugin`, `kubelogin`), or an "
        "absolute path. Default: none.",
    )
    exec_plugin_environment: Words = Field(
        default=frozenset(),
        description="Names of variables that exec plugins get beside PATH and HOME, from the kubeconfig or else from "
        "fleetgraph's environment, separated by commas, as `AWS_PROFILE`.",
    )
    exec_plugin_timeout_s: Seconds = Field(
        default=10.0, description="The longest that an exec plugin may take to give a credential."
    )
    service_account_folder: Path = Field(
        default=SERVICE_ACCOUNT_FOLDER,
        description="The folder with `token` and `ca.crt` of the pod's own service account, for clusters that were "
        "imported with `--in-cluster`.",
    )
    denied_addresses: Networks = Field(
        default=frozenset(),
        description="IP networks that no cluster or proxy may be in, separated by commas, as `10.96.0.0/12`; on top of "
        "link-local addresses, metadata services of clouds, multicast and reserved ones, and of loopback where "
        "`fleetgraph serve` can be reached from other machines. The longest network that an address is in decides.",
    )
    allowed_addresses: Networks = Field(
        default=frozenset(),
        description="Exceptions from the denied networks, in the same form; of two equally long ones, the allowed one "
        "decides.",
    )
    connect_timeout_s: Seconds = Field(
        default=3.0, description="The longest wait for a connection to a cluster, TLS included."
    )
    cluster_timeout_s: Seconds = Field(
        default=15.0, description="What one cluster may take for one list of a query, connecting included."
    )
    connections_per_cluster: int = Field(
        default=16,
        ge=1,
        le=1000,
        description="Requests to one cluster at once, of all callers, who take turns. One caller or one kind holds at "
        "most three times as many as are free, so that what hangs leaves some to others.",
    )
    max_connections: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="The most pairs of a cluster and an identity for which connections are kept; those that were not "
        "used for longest are given up.",
    )
    account_namespace: Annotated[str, Field(pattern=f"^{DNS_LABEL.pattern}$")] = Field(
        default="fleetgraph",
        description="The namespace of clusters in which service accounts are made for users and groups with grants; "
        "nothing is made in any other.",
    )
    reconcile_interval_s: Seconds = Field(
        default=60.0,
        description="How often the server brings the service accounts that it has made in clusters to what is granted.",
    )
    max_answer_bytes: Bytes = Field(
        default=32 * 1024 * 1024,
        description="The largest answer of a cluster to one request, decompressed. A page of a list that is larger is "
        "asked for again with fewer objects. The answers of all clusters that are on their way take at most about "
        "four times as much memory, or a quarter of `FLEETGRAPH_MAX_MEMORY_BYTES` if that is less, and one more.",
    )
    max_probed_namespaces: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Where a caller may not list a kind in all namespaces of a cluster: the most namespaces of it that "
        "are looked at one by one.",
    )
    max_listed_namespaces: int = Field(
        default=200, ge=1, le=10_000, description="The most namespaces of a cluster that one list then reads."
    )
    max_snapshot_bytes: Bytes = Field(
        default=2 * 1024**3, description="The most bytes of a dump that is imported as a snapshot, unpacked."
    )
    max_snapshot_file_bytes: Bytes = Field(
        default=256 * 1024 * 1024,
        description="The largest file of such a dump, unpacked; a larger one is skipped and named.",
    )
    max_snapshot_files: int = Field(
        default=100_000, ge=1, le=10_000_000, description="The most files in such a dump, those that are not read, too."
    )
    snapshot_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="What the lists of all snapshot clusters together may take in memory; those that were not asked "
        "for longest are read from the database again.",
    )

    @field_validator("exec_plugins")
    @classmethod
    def _commands(cls, commands: frozenset[str]) -> frozenset[str]:
        if any("/" in command and not command.startswith("/") for command in commands):
            raise ValueError("may hold names and absolute paths, separated by commas")
        return commands

    @field_validator("exec_plugin_environment")
    @classmethod
    def _variables(cls, names: frozenset[str]) -> frozenset[str]:
        if any(not _VARIABLE.fullmatch(name) or name.startswith(PREFIX) for name in names):
            raise ValueError(f"may hold names of variables, separated by commas, and none that begins with {PREFIX}")
        return names

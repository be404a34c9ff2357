"""What the environment may set: each with a default that is safe, a unit in its name, and bounds.

No value means unlimited. Secrets show themselves nowhere. Command line options are not repeated here: a Service called
`fleetgraph` puts FLEETGRAPH_PORT and others into every container of its namespace, so those names mean nothing.
"""

import difflib
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from k8s.incluster import SERVICE_ACCOUNT_FOLDER
from k8s.kubeconfig_policy import Allowance
from resolvers.auditpolicy import WhenFull
from server.errors import SettingsError
from server.output import note

PREFIX: Final = "FLEETGRAPH_"

_SERVICE_LINK: Final = re.compile(r"(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_.+)?)?)")
"""The variables that Kubernetes makes of Services (`getServiceEnvVarMap` in its kubelet)."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)

Seconds: TypeAlias = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Words: TypeAlias = Annotated[frozenset[str], NoDecode]
Networks: TypeAlias = Annotated[frozenset[IPv4Network | IPv6Network], NoDecode]
Bytes: TypeAlias = Annotated[int, Field(ge=1024, le=4 * 1024**3)]


class LogLevel(StrEnum):
    """The least that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a logged event looks."""

    JSON = "json"
    CONSOLE = "console"


class MetricsAccess(StrEnum):
    """Who may read `/metrics`."""

    TOKEN = "token"  # noqa: S105  a word, not a token
    OPEN = "open"
    OFF = "off"


class Settings(BaseSettings):
    """All settings; the attribute `x_y` is read from FLEETGRAPH_X_Y."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="forbid"
    )

    database_url: SecretStr | None = Field(
        default=None,
        description="Where clusters and tokens are stored: `sqlite:////absolute/path` or "
        "`postgresql://user:password@host:5432/database`. Default: `fleetgraph.db` in the user's data directory.",
    )
    encryption_keys: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt stored credentials: `v1:<base64 of 32 bytes>,v2:...`; the highest version "
        "encrypts, all decrypt. They win over a key file.",
    )
    key_file: Path | None = Field(
        default=None,
        description="A file with such keys, readable by its owner only; created on first use. Default: beside the "
        "SQLite database.",
    )
    authentication_config: Path | None = Field(
        default=None,
        description="A file that says which identity providers are trusted and who is an administrator "
        "([authentication.md](authentication.md)). Default: API tokens only.",
    )
    max_bearer_bytes: int = Field(
        default=8192, ge=1024, le=65536, description="The largest JWT of an identity provider; a larger one is refused."
    )
    max_groups: int = Field(
        default=200, ge=1, le=1000, description="The most groups of a caller in a JWT; a token with more is refused."
    )
    kubeconfig_allow: Annotated[frozenset[Allowance], NoDecode] = Field(
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
    store_timeout_s: Seconds = Field(
        default=5.0, description="The longest wait for the database, for each lock, connection and statement."
    )
    connect_timeout_s: Seconds = Field(
        default=3.0, description="The longest wait for a connection to a cluster, TLS included."
    )
    cluster_timeout_s: Seconds = Field(
        default=15.0, description="What one cluster may take for one list of a query, connecting included."
    )
    operation_timeout_s: Seconds = Field(default=30.0, description="What one query may take altogether.")
    connections_per_cluster: int = Field(
        default=16, ge=1, le=1000, description="Requests to one cluster at once, of all callers, who take turns."
    )
    max_connections: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="The most pairs of a cluster and an identity for which connections are kept; those that were not "
        "used for longest are given up.",
    )
    account_namespace: Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")] = Field(
        default="fleetgraph",
        description="The namespace of clusters in which service accounts are made for users and groups with grants; "
        "nothing is made in any other.",
    )
    reconcile_interval_s: Seconds = Field(
        default=60.0,
        description="How often the server brings the service accounts that it has made in clusters to what is granted.",
    )
    max_answer_bytes: Bytes = Field(
        default=256 * 1024 * 1024, description="The largest answer of a cluster to one request, decoded."
    )
    max_objects: int = Field(
        default=100_000,
        ge=1,
        le=10_000_000,
        description="The most objects that one list of a query may read; above it the answer is LIMIT_EXCEEDED.",
    )
    max_page_objects: int = Field(default=10_000, ge=1, le=1_000_000, description="The largest `first` of a list.")
    max_document_characters: int = Field(
        default=100_000, ge=1, le=10_000_000, description="The longest document of a query, in characters."
    )
    max_tokens: int = Field(
        default=5000, ge=1, le=1_000_000, description="The most tokens of a document, comments left out."
    )
    max_comments: int = Field(default=200, ge=1, le=1_000_000, description="The most comments in a document.")
    max_operations: int = Field(default=20, ge=1, le=10_000, description="The most operations in a document.")
    max_fragments: int = Field(default=200, ge=1, le=10_000, description="The most fragments that a document defines.")
    max_variables: int = Field(default=100, ge=1, le=10_000, description="The most variables of one operation.")
    max_directives: int = Field(
        default=50, ge=1, le=100_000, description="The most directives in a document, as `@include(if: $x)`."
    )
    max_depth: int = Field(
        default=15, ge=1, le=200, description="The most selection sets of a query inside each other, its own counted."
    )
    max_root_fields: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="The most fields at the root of one operation, fragments counted wherever they are spread.",
    )
    max_aliases: int = Field(
        default=30,
        ge=1,
        le=1_000_000,
        description="The most aliases of a query, fragments counted wherever they are spread.",
    )
    max_selected_fields: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="The most fields that a query may select, fragments counted wherever they are spread.",
    )
    max_comparisons: int = Field(
        default=20_000,
        ge=1,
        le=1_000_000,
        description="The most comparisons of fields at the same place that checking a document may need; they grow "
        "with the square of fields and fragments that stand at one place more than once.",
    )
    max_sent_objects: int = Field(
        default=1_000_000,
        ge=1,
        le=100_000_000,
        description="The most objects in an answer, those that links share counted wherever they stand.",
    )
    max_requests: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="The most requests that a query may make: one for each of its lists and links and each cluster, "
        "as estimated before the first.",
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
    max_cost: int = Field(
        default=500_000,
        ge=1,
        le=1_000_000_000,
        description="The most objects that a query may cost, as estimated before the first request: of a list its "
        "`first` from each cluster; without one, 100 of each cluster, and 10 of a link of one object.",
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
    max_body_bytes: Bytes = Field(default=2_000_000, description="The largest body of an HTTP request.")
    body_timeout_s: Seconds = Field(default=10.0, description="The longest wait for the whole body of an HTTP request.")
    max_concurrent_requests: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="The most requests that are under way at once, waiting ones too; more are answered with 503 and "
        "`Retry-After`.",
    )
    max_caller_requests: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="The most requests of one caller that are worked on at once; more wait for them.",
    )
    max_caller_waiting: int = Field(
        default=80,
        ge=1,
        le=100_000,
        description="The most requests of one caller that wait; more are answered with 429 and `Retry-After`.",
    )
    caller_wait_s: Seconds = Field(
        default=10.0, description="The longest wait of a request for others of the same caller, before it gets 429."
    )
    max_caller_requests_per_minute: int = Field(
        default=6000,
        ge=1,
        le=10_000_000,
        description="The most requests of one caller in a minute; more are answered with 429 and `Retry-After`.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether callers may ask for the schema, by introspection, `_service` or `/schema.graphql`; "
        "without it, errors suggest no names either.",
    )
    cors_origins: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Origins whose pages may read answers of `/graphql`, separated by commas, each exactly as browsers "
        "send it: `https://portal.example.com`. Default: none.",
    )
    documents: Path | None = Field(
        default=None,
        description="Persisted documents: a manifest (`.json`), or a folder of manifests and documents (`.graphql`), "
        "read at the start.",
    )
    documents_only: bool = Field(default=False, description="Whether only persisted documents are executed.")
    drain_timeout_s: Seconds = Field(
        default=10.0, description="How long running queries may go on after the server was told to stop."
    )
    metrics_access: MetricsAccess = Field(
        default=MetricsAccess.TOKEN,
        description="Who may read `/metrics`: whoever has an administrator's token or that of the next setting "
        "(`token`), whoever reaches the port (`open`), or nobody (`off`).",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        max_length=1024,
        description="A token for `/metrics` and nothing else, of 16 to 1024 characters. Default: none.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s@/?#]+(/[^\s@?#]*)?$",
        description="Where traces go: the address of an OTLP collector, as `http://collector:4318`, without "
        "`/v1/traces` and without a password. Default: there are no traces.",
    )
    trace_ratio: float = Field(
        default=1.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Which part of the traces that begin here is kept; a caller's own decision is followed.",
    )
    trace_clusters: bool = Field(
        default=False,
        description="Whether requests to clusters carry `traceparent`, for API servers that make spans of their own.",
    )
    audit_retention_days: int = Field(default=90, ge=1, le=3650, description="How many days the audit keeps an event.")
    audit_waiting_events: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="The most events of the audit that wait in memory while the database does not answer.",
    )
    audit_when_full: WhenFull = Field(
        default=WhenFull.REFUSE,
        description="What happens to reads of secrets and to administrators' reads when no more events can wait: they "
        "are refused (`refuse`), or allowed and on record in the log only (`allow`). Changes are always refused.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, description="The least that is logged: `debug`, `info`, `warning` or `error`."
    )
    log_format: LogFormat = Field(
        default=LogFormat.JSON, description="One JSON object a line (`json`), or lines for people (`console`)."
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: frozenset[str]) -> frozenset[str]:
        if not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError(
                "origins are scheme, host and port as browsers send them, in lower case and without a path, as "
                "https://portal.example.com; there is no *"
            )
        return value

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

    @field_validator(
        "kubeconfig_allow",
        "denied_addresses",
        "allowed_addresses",
        "exec_plugins",
        "exec_plugin_environment",
        "cors_origins",
        mode="before",
    )
    @classmethod
    def _words(cls, value: object) -> object:
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value

    @property
    def default_database_file(self) -> Path:
        """The SQLite file that is used without a database URL."""
        return user_data_path("fleetgraph") / "fleetgraph.db"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads the settings; warns of a name that means nothing here.

    Raises:
        SettingsError: A value is out of its bounds, or a name is misspelt.
    """
    problems = [f"{name} is no setting; did you mean {meant}?" for name, meant in _misspelt(environment)]
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_problem(str(found["loc"][0]), found["msg"]) for found in error.errors(include_input=False)]
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    for name in unknown_variables(environment):
        note(f"warning: {name} is no setting and is ignored.")
    return settings


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Names with our prefix that mean nothing here, except those that Kubernetes makes of Services."""
    names = (name.upper() for name in environment if name.upper().startswith(PREFIX))
    return tuple(
        sorted(
            name for name in names if name not in _known() and not _SERVICE_LINK.fullmatch(name.removeprefix(PREFIX))
        )
    )


def _known() -> frozenset[str]:
    return frozenset(f"{PREFIX}{field.upper()}" for field in Settings.model_fields)


def _misspelt(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Unknown names with the known one that they are close to: a limit that is believed to hold would not."""
    known = [name.removeprefix(PREFIX) for name in _known()]
    found = []
    for name in unknown_variables(environment):
        close = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1, cutoff=0.8)
        found += [(name, f"{PREFIX}{meant}") for meant in close]
    return found


def _problem(field: str, message: str) -> str:
    """One line; pydantic's messages say what is wanted and, with hidden input, never what was given."""
    wanted = message.removeprefix("Value error, ").removeprefix("Input ")
    if field in ("denied_addresses", "allowed_addresses"):
        wanted = "may hold IP networks, as 10.96.0.0/12 or fd00::/8, separated by commas"
    if field == "kubeconfig_allow":
        wanted = f"may hold {', '.join(Allowance)}, separated by commas"
    return f"{PREFIX}{field.upper()}: {wanted}"

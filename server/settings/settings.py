"""Settings from the environment: each has a safe default, a unit in its name, and bounds.

No value means unlimited. Secrets are never shown. Command line options are not repeated here: a Service named
`fleetgraph` puts FLEETGRAPH_PORT and others into every container of its namespace, so those names are ignored.
"""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, ValidationError

from k8s.kubeconfig.allowance import Allowance
from server.commanderrors import SettingsError
from server.settings.clientvariables import CLIENT_VARIABLES
from server.settings.cluster import ClusterSettings
from server.settings.databasefile import default_database_file
from server.settings.http import RequestSettings
from server.settings.kinds import KindSettings
from server.settings.live import LiveSettings
from server.settings.masking import MaskingSettings
from server.settings.memory import MemorySettings
from server.settings.observation import ObservationSettings
from server.settings.query import QuerySettings
from server.settings.types import PREFIX, Seconds
from server.terminal.output import note_warning

_SERVICE_LINK: Final = re.compile(r"(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_.+)?)?)")
"""The variables that Kubernetes derives from Services (`getServiceEnvVarMap` in its kubelet)."""


class Settings(
    ClusterSettings,
    KindSettings,
    QuerySettings,
    MaskingSettings,
    MemorySettings,
    RequestSettings,
    LiveSettings,
    ObservationSettings,
):
    """All settings, grouped by subject."""

    database_url: SecretStr | None = Field(
        default=None,
        description="The database of clusters and tokens: `sqlite:////absolute/path` or "
        "`postgresql://user:password@host:5432/database`. Default: `fleetgraph.db` in the user's data "
        "directory.",
    )
    encryption_keys: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt stored credentials: `v1:<base64 of 32 bytes>,v2:...`; the highest version "
        "encrypts, all decrypt. They take precedence over a key file.",
    )
    key_file: Path | None = Field(
        default=None,
        description="A file with such keys, readable by its owner only; created on first use. Default: next to the "
        "SQLite database.",
    )
    authentication_config: Path | None = Field(
        default=None,
        description="A file with the trusted identity providers and the administrators "
        "([authentication.md](authentication.md)). Default: API tokens only.",
    )
    max_bearer_bytes: int = Field(
        default=8192, ge=1024, le=65536, description="The largest JWT of an identity provider; a larger one is refused."
    )
    max_groups: int = Field(
        default=200,
        ge=1,
        le=1000,
        description="The maximum number of groups of a caller in a JWT; a token with more is refused.",
    )
    store_timeout_s: Seconds = Field(
        default=5.0,
        description="The timeout of the database, for each lock, connection and statement; only the wait for another "
        "process that migrates it is longer: up to 600 s.",
    )

    @property
    def default_database_file(self) -> Path:
        """Returns the SQLite file that is used without a database URL."""
        return default_database_file()


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads the settings; warns of unknown names.

    Raises:
        SettingsError: A value is out of its bounds, or a name is misspelled.
    """
    problems = [f"{name} is not a setting; did you mean {known}?" for name, known in _misspelled(environment)]
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_problem(str(fault["loc"][0]), fault["msg"]) for fault in error.errors(include_input=False)]
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    for name in unknown_variables(environment):
        note_warning(f"{name} is not a setting and is ignored.")
    return settings


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Returns the unknown names with our prefix, except those that Kubernetes derives from Services."""
    names = (name.upper() for name in environment if name.upper().startswith(PREFIX))
    return tuple(
        sorted(
            name
            for name in names
            if name not in _known()
            and name not in CLIENT_VARIABLES
            and not _SERVICE_LINK.fullmatch(name.removeprefix(PREFIX))
        )
    )


def _known() -> frozenset[str]:
    return frozenset(f"{PREFIX}{field.upper()}" for field in Settings.model_fields)


def _misspelled(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns unknown names, each with the known name that it resembles: a misspelled limit would not apply."""
    known = [name.removeprefix(PREFIX) for name in _known()]
    pairs = []
    for name in unknown_variables(environment):
        close = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1, cutoff=0.8)
        pairs += [(name, f"{PREFIX}{match}") for match in close]
    return pairs


def _problem(field: str, message: str) -> str:
    """Returns one line; pydantic's messages name the expected form and, with hidden input, never the value."""
    expected = message.removeprefix("Value error, ").removeprefix("Input ")
    if field in ("denied_addresses", "allowed_addresses"):
        expected = "must hold IP networks, such as 10.96.0.0/12 or fd00::/8, separated by commas"
    if field == "typed_kinds":
        expected = "must hold API groups, such as argoproj.io or *.crossplane.io, or *, separated by commas"
    if field == "kubeconfig_allow":
        expected = f"must hold values of {', '.join(Allowance)}, separated by commas"
    return f"{PREFIX}{field.upper()}: {expected}"

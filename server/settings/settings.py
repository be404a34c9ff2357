"""What the environment may set: each with a default that is safe, a unit in its name, and bounds.

No value means unlimited. Secrets show themselves nowhere. Command line options are not repeated here: a Service called
`fleetgraph` puts FLEETGRAPH_PORT and others into every container of its namespace, so those names mean nothing.
"""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError

from k8s.kubeconfig.allowance import Allowance
from server.errors import SettingsError
from server.settings.cluster import ClusterSettings
from server.settings.http import RequestSettings
from server.settings.memory import MemorySettings
from server.settings.observation import ObservationSettings
from server.settings.query import QuerySettings
from server.settings.types import PREFIX, Seconds
from server.terminal.output import note

_SERVICE_LINK: Final = re.compile(r"(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_.+)?)?)")
"""The variables that Kubernetes makes of Services (`getServiceEnvVarMap` in its kubelet)."""


class Settings(ClusterSettings, QuerySettings, MemorySettings, RequestSettings, ObservationSettings):
    """All settings, in groups by subject."""

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
    store_timeout_s: Seconds = Field(
        default=5.0, description="The longest wait for the database, for each lock, connection and statement."
    )

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

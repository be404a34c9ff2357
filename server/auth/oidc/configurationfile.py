"""The file of trusted issuers: read at the start, and again when it has changed.

A change takes effect one second later, on every replica that sees the file; in Kubernetes, once the kubelet has updated
the ConfigMap or Secret.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final

import structlog
from pydantic import ValidationError

from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.yaml import read_yaml
from server.auth.oidc.configuration import AuthenticationConfiguration
from server.auth.oidc.fetching import tls_context
from server.commanderrors import SettingsError

CHECK_INTERVAL_S: Final = 1.0
_SETTING: Final = "FLEETGRAPH_AUTHENTICATION_CONFIG"
_MAX_BYTES: Final = 1024 * 1024

_LOG = structlog.stdlib.get_logger("server.oidc")
_Version = tuple[int, int, int]


def read_configuration(path: Path) -> AuthenticationConfiguration:
    """Returns the content of the file.

    Raises:
        SettingsError: It cannot be read, or is invalid; one line for each mistake, and no value of a secret.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{_SETTING}: {path} cannot be read ({error.strerror}).") from error
    try:
        configuration = AuthenticationConfiguration.model_validate(read_yaml(text, source=str(path)))
    except KubeconfigError as error:
        raise SettingsError(f"{_SETTING}: {error}") from error
    except ValidationError as error:
        raise SettingsError("\n".join(f"{_SETTING}: {path}: {line}" for line in _problems(error))) from error
    _require_certificates(configuration, path)
    return configuration


class ConfigurationFile:
    """The current content of the file; while it is invalid, the content before."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = monotonic) -> None:
        """Reads the file. Raises SettingsError."""
        self._path = path
        self._clock = clock
        self._checked_at = clock()
        self._version = _version(path)
        self._current = read_configuration(path)

    def current(self) -> AuthenticationConfiguration:
        """Returns the current content, the same object until it changes. Checks the file at most once a second."""
        now = self._clock()
        if now - self._checked_at >= CHECK_INTERVAL_S:
            self._checked_at = now
            version = _version(self._path)
            if version != self._version:
                self._version = version
                self._reload()
        return self._current

    def _reload(self) -> None:
        try:
            self._current = read_configuration(self._path)
        except SettingsError as error:
            _LOG.error("authentication configuration not changed", reason=str(error))
        else:
            _LOG.info("authentication configuration changed")


def _version(path: Path) -> _Version | None:
    try:
        lines = path.stat()
    except OSError:
        return None
    return (lines.st_mtime_ns, lines.st_size, lines.st_ino)


def _require_certificates(configuration: AuthenticationConfiguration, path: Path) -> None:
    for index, problem in enumerate(configuration.jwt):
        try:
            tls_context(problem.issuer.certificate_authority)
        except ValueError as error:
            place = f"jwt[{index}].issuer.certificateAuthority"
            raise SettingsError(f"{_SETTING}: {path}: {place}: {error}.") from error


def _problems(error: ValidationError) -> list[str]:
    """Returns Pydantic's messages, with the places as the file writes them."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"]).lstrip(".")
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{place}: {message}." if place else f"{message}.")
    return lines

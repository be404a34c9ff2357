"""The file that says who is trusted: read at start, and again whenever it has changed.

So an administrator or a user who is taken out of it, or put among the disabled, is so a second later, on every replica
that sees the file; in Kubernetes, when the kubelet has brought a changed ConfigMap or Secret.
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
from server.errors import SettingsError

LOOK_AGAIN_S: Final = 1.0
_SETTING: Final = "FLEETGRAPH_AUTHENTICATION_CONFIG"
_MAX_BYTES: Final = 1024 * 1024

_LOG = structlog.stdlib.get_logger("server.oidc")
_Version = tuple[int, int, int]


def read_configuration(path: Path) -> AuthenticationConfiguration:
    """What the file says.

    Raises:
        SettingsError: It cannot be read, or holds what cannot be meant; one line a mistake, and no value of a secret.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{_SETTING}: {path} cannot be read ({error.strerror}).") from error
    try:
        configuration = AuthenticationConfiguration.model_validate(read_yaml(text, source=str(path)))
    except KubeconfigError as error:
        raise SettingsError(f"{_SETTING}: {error}.") from error
    except ValidationError as error:
        raise SettingsError("\n".join(f"{_SETTING}: {path}: {line}" for line in _problems(error))) from error
    _require_certificates(configuration, path)
    return configuration


class ConfigurationFile:
    """The file's content as it is now; while it cannot be used, what it said before."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = monotonic) -> None:
        """Reads it; raises SettingsError."""
        self._path = path
        self._clock = clock
        self._looked_at = clock()
        self._version = _version(path)
        self._current = read_configuration(path)

    def current(self) -> AuthenticationConfiguration:
        """What holds; the same object for as long as nothing changes. Looks at the file at most once a second."""
        now = self._clock()
        if now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            version = _version(self._path)
            if version != self._version:
                self._version = version
                self._read_again()
        return self._current

    def _read_again(self) -> None:
        try:
            self._current = read_configuration(self._path)
        except SettingsError as error:
            _LOG.error("authentication configuration not changed", reason=str(error))
        else:
            _LOG.info("authentication configuration changed")


def _version(path: Path) -> _Version | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _require_certificates(configuration: AuthenticationConfiguration, path: Path) -> None:
    for index, each in enumerate(configuration.jwt):
        try:
            tls_context(each.issuer.certificate_authority)
        except ValueError as error:
            place = f"jwt[{index}].issuer.certificateAuthority"
            raise SettingsError(f"{_SETTING}: {path}: {place}: {error}.") from error


def _problems(error: ValidationError) -> list[str]:
    """Pydantic's messages with the places as the file writes them."""
    found = []
    for each in error.errors(include_input=False, include_url=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"]).lstrip(".")
        message = each["msg"].removeprefix("Value error, ")
        found.append(f"{place}: {message}." if place else f"{message}.")
    return found

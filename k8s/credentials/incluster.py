"""The cluster that this process runs in, from the variables and the folder that the kubelet gives every pod.

The kubelet renews the token in the folder before it expires (projected service account tokens). So a reference to the
folder is stored, and the token is read again each minute, as client-go does.
"""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from k8s.credentials.credential import MAX_TOKEN_BYTES, BearerToken, CredentialInvalid, Secret
from k8s.credentials.tokens import IssuedToken
from k8s.endpoint import Endpoint, EndpointInvalid, bracketed

SERVICE_ACCOUNT_FOLDER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_READ_FOR: Final = timedelta(minutes=1)
_MAX_AUTHORITIES_BYTES: Final = 256 * 1024


class NotInCluster(Exception):
    """This process is in no pod, or in one without a service account's token; the text names the missing part."""


def in_cluster_endpoint(folder: Path, environment: Mapping[str, str]) -> Endpoint:
    """Returns the API server of the cluster that this process runs in.

    Raises:
        NotInCluster: The variables or the files of a pod are missing.
    """
    host, port = (environment.get(f"KUBERNETES_SERVICE_{name}", "") for name in ("HOST", "PORT"))
    if not host or not port:
        raise NotInCluster("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod.")
    try:
        authorities = _read(folder / "ca.crt", _MAX_AUTHORITIES_BYTES)
        _read(folder / "token", MAX_TOKEN_BYTES)
        return Endpoint(f"https://{bracketed(host)}:{port}", ca_pem=authorities)
    except OSError as error:
        raise NotInCluster(
            f"{error.filename} cannot be read: {error.strerror}. Does the pod mount a service account's token?"
        ) from error
    except EndpointInvalid as error:
        raise NotInCluster(f"This pod's cluster cannot be used: {error}.") from error


@dataclass(frozen=True, slots=True)
class MountedToken:
    """Issues the token of the folder; see `k8s.credentials.tokens.Issue`."""

    folder: Path

    async def __call__(self) -> IssuedToken:
        """Returns the current token; raises CredentialInvalid."""
        try:
            text = await to_thread(_read, self.folder / "token", MAX_TOKEN_BYTES)
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialInvalid(
                f"it is reached by the service account of its own pods, and there is no token in {self.folder} here"
            ) from error
        return IssuedToken(BearerToken(Secret(text.strip())).token, datetime.now(UTC) + _READ_FOR)


def _read(path: Path, limit_bytes: int) -> str:
    with path.open("rb") as file:
        return file.read(limit_bytes + 1).decode()

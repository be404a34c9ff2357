"""A real kube-apiserver on loopback."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.audit import AuditLog, write_policy
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import is_there
from tests.controlplane.pki import FRONT_PROXY, KeyFiles
from tests.controlplane.run import Run
from tests.controlplane.users import new_tokens, write_token_file

_READY_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class ApiServerSettings:
    """The settings in which the API servers of a run differ; `flags` are further ones of its command."""

    name: str
    etcd_url: str
    has_controllers: bool = False
    flags: tuple[str, ...] = ()


class ApiServer:
    """A kube-apiserver that serves `cluster` under an etcd prefix of its own."""

    def __init__(self, binary: Path, run: Run, *, settings: ApiServerSettings) -> None:
        """Starts the server, with its files in a folder of its name."""
        directory = run.directory / settings.name
        directory.mkdir()
        port, audit_log, tokens = run.ports.take(), directory / "audit.log", new_tokens()
        token_file = write_token_file(directory / "tokens.csv", tokens)
        flags = [*_serving(settings, run.keys, port=port), *_access(settings, run.keys, token_file=token_file)]
        self.cluster = Cluster(
            name=settings.name,
            server=f"https://127.0.0.1:{port}",
            ca_pem=run.keys.authority.read_bytes(),
            tokens=tokens,
            audit=AuditLog(audit_log),
            has_controllers=settings.has_controllers,
        )
        argv: list[str | Path] = [binary, *flags, *_auditing(directory, audit_log), *settings.flags]
        self.process = run.start(argv, log=directory / "kube-apiserver.log")

    def wait_until_ready(self) -> None:
        """Waits for /readyz, which includes the bootstrap of the RBAC roles."""
        self.process.wait_until(lambda: is_there(self.cluster, "/readyz"), timeout_s=_READY_TIMEOUT_S)


def _serving(settings: ApiServerSettings, keys: KeyFiles, *, port: int) -> list[str]:
    return [
        f"--etcd-servers={settings.etcd_url}",
        f"--etcd-prefix=/registry-{settings.name}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--tls-cert-file={keys.server_certificate}",
        f"--tls-private-key-file={keys.server_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
    ]


def _access(settings: ApiServerSettings, keys: KeyFiles, *, token_file: Path) -> list[str]:
    flags = [
        f"--token-auth-file={token_file}",
        f"--client-ca-file={keys.authority}",
        f"--service-account-key-file={keys.service_account_public}",
        f"--service-account-signing-key-file={keys.service_account_private}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=RBAC",
    ]
    if settings.has_controllers:
        flags += _front_proxy(keys)
    else:
        # Pods need the namespace's default ServiceAccount, which only a controller manager creates.
        flags.append("--disable-admission-plugins=ServiceAccount")
    return flags


def _front_proxy(keys: KeyFiles) -> list[str]:
    """Returns the flags with which aggregated API servers, such as metrics-server, get to know users."""
    return [
        f"--requestheader-client-ca-file={keys.authority}",
        f"--requestheader-allowed-names={FRONT_PROXY}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={keys.front_proxy_certificate}",
        f"--proxy-client-key-file={keys.front_proxy_key}",
    ]


def _auditing(directory: Path, log: Path) -> list[str]:
    return [
        f"--audit-policy-file={write_policy(directory / 'audit-policy.yaml')}",
        f"--audit-log-path={log}",
        "--audit-log-mode=blocking",
    ]

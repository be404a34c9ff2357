"""Probes of a container in words.

Source: `DescribeProbe` in k8s.io/kubectl/pkg/describe/describe.go.
"""

from typing import Annotated, Final
from urllib.parse import quote

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row

_KINDS: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_PATHS: Final = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
    "exec.command",
    *(f"httpGet.{key}" for key in ("scheme", "host", "port", "path")),
    *(f"tcpSocket.{key}" for key in ("host", "port")),
    *(f"grpc.{key}" for key in ("port", "service")),
)
_PATH_CHARACTERS: Final = "/$&+,:;=@"
"""The characters that paths of URLs keep beside letters, digits and `-_.~`; all others are escaped, as in Go."""

PROBE_READS: Final = tuple(f"{kind}.{path}" for kind in _KINDS for path in _PATHS)
"""The paths of a container's spec that `probes_of` reads."""


class ContainerProbes(Struct, frozen=True):
    """The probes of a container in words, as in `kubectl describe pod` (`tcp-socket :80 delay=0s timeout=1s ...`)."""

    liveness: Annotated[str | None, Meta(description="The container is started again when it fails.")]
    readiness: Annotated[str | None, Meta(description="The container is not ready while it fails.")]
    startup: Annotated[str | None, Meta(description="The others begin when it has succeeded.")]


def probes_of(spec: Row) -> ContainerProbes:
    """Returns the probes of a container's spec."""
    return ContainerProbes(*(_text(getattr(spec, kind)) for kind in _KINDS))


def _text(probe: Row | None) -> str | None:
    if probe is None:
        return None
    return (
        f"{_action(probe)} delay={probe.initialDelaySeconds or 0}s timeout={probe.timeoutSeconds or 0}s "
        f"period={probe.periodSeconds or 0}s successThreshold={probe.successThreshold or 0} "
        f"failureThreshold={probe.failureThreshold or 0}"
    )


def _action(probe: Row) -> str:
    if probe.exec is not None:
        return f"exec [{' '.join(map(str, probe.exec.command or ()))}]"
    if probe.httpGet is not None:
        get = probe.httpGet
        path = quote(get.path or "", safe=_PATH_CHARACTERS)
        slash = "" if not path or path.startswith("/") else "/"
        scheme = f"{get.scheme.lower()}:" if get.scheme else ""
        return f"http-get {scheme}//{_host_and_port(get)}{slash}{path}"
    if probe.tcpSocket is not None:
        return f"tcp-socket {probe.tcpSocket.host or ''}:{probe.tcpSocket.port}"
    if probe.grpc is not None:
        return f"grpc <pod>:{probe.grpc.port or 0} {probe.grpc.service or ''}"
    return "unknown"


def _host_and_port(target: Row) -> str:
    host = target.host or ""
    return f"[{host}]:{target.port}" if ":" in host else f"{host}:{target.port}"

"""The variables that the kubelet adds to containers for Services, to which values may refer.

Sources: `getServiceEnvVarMap` of the kubelet, `FromServices` of pkg/kubelet/envvars.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from k8s.reading.rowdecoders import Row

SERVICE_READS: Final = ("spec.clusterIP", "spec.ports.name", "spec.ports.port", "spec.ports.protocol")
"""The paths that are read of Services."""

MASTER: Final = ("default", "kubernetes")
"""Namespace and name of the Service whose variables all containers have, whatever `enableServiceLinks` is."""

_NAME: Final = re.compile(
    r"[A-Z0-9_.]+_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
_LONGEST: Final = 512


def may_be_of_service(name: str) -> bool:
    """Returns whether a variable of that name could be a Service's."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def service_variables(services: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Yields names and values of the variables of Services that have a cluster IP; reads `SERVICE_READS`."""
    for service in services:
        address, ports = (service.spec.clusterIP or "", service.spec.ports or ()) if service.spec else ("", ())
        if address in {"", "None"} or not ports:
            continue
        name = _variable(service.metadata.name or "")
        yield f"{name}_SERVICE_HOST", address
        yield f"{name}_SERVICE_PORT", str(ports[0].port)
        for port in ports:
            if port.name:
                yield f"{name}_SERVICE_PORT_{_variable(port.name)}", str(port.port)
        yield from _links(name, address, ports)


def _links(name: str, address: str, ports: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Yields the variables of links as Docker had them."""
    host = f"[{address}]" if ":" in address else address
    for place, port in enumerate(ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{host}:{port.port}"
        if place == 0:
            yield f"{name}_PORT", url
        start = f"{name}_PORT_{port.port}_{protocol.upper()}"
        yield start, url
        yield f"{start}_PROTO", protocol.lower()
        yield f"{start}_PORT", str(port.port)
        yield f"{start}_ADDR", address


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()

"""A real metrics-server before a cluster: it reads kwok's simulated kubelets, and the API server passes requests on.

It is registered as an aggregated API, and asks the API server for the rights of each user that this one passes on.
"""

from __future__ import annotations

import http.client
from base64 import b64encode
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.controlplane.binaries import find_metrics_server
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask, is_there
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.run import Run
from tests.controlplane.users import CONTROLLERS

METRICS = "/apis/metrics.k8s.io/v1beta1"
_NAMESPACE = "default"
_SERVICE = "metrics-server"
_API_SERVICE = "v1beta1.metrics.k8s.io"
_READY_TIMEOUT_S = 300.0
_TIMEOUT_S = 60.0


class MetricsServer:
    """metrics-server for one cluster, between `__enter__` and `__exit__`."""

    def __init__(self, cluster: Cluster, authority: CertificateAuthority) -> None:
        """Takes a cluster whose nodes kwok plays, and the authority of its certificates.

        Raises:
            ControlPlaneUnavailable: metrics-server cannot be built.
        """
        self._binary = find_metrics_server()
        self._cluster, self._authority = cluster, authority

    def __enter__(self) -> Self:
        """Starts and registers it, with pods that run already; `wait_for` waits for their measurements."""
        self._run = Run(self._authority)
        try:
            self._start()
        except BaseException:
            self._run.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Removes its registration and ends it."""
        for path in (
            f"/apis/apiregistration.k8s.io/v1/apiservices/{_API_SERVICE}",
            f"/api/v1/namespaces/{_NAMESPACE}/services/{_SERVICE}",
        ):
            with suppress(RuntimeError):
                ask(self._cluster, "DELETE", path)
        self._run.stop()

    @property
    def pid(self) -> int:
        """Returns the process id of metrics-server."""
        return self._process.pid

    def wait_for(self, namespace: str, pod: str) -> None:
        """Waits until a pod is measured: it takes two scrapes, which are 10 s apart."""
        path = f"{METRICS}/namespaces/{namespace}/pods/{pod}"
        self._process.wait_until(lambda: is_there(self._cluster, path), timeout_s=_READY_TIMEOUT_S)

    def _start(self) -> None:
        port = self._run.ports.take()
        for node, kubelet_port in _nodes(self._cluster).items():
            path = f"/metrics/nodes/{node}/metrics/resource"
            patch: JsonObject = {"metadata": {"annotations": {"metrics.k8s.io/resource-metrics-path": path}}}
            ask(self._cluster, "PATCH", f"/api/v1/nodes/{node}", patch)
            self._begin_to_count(kubelet_port, path)
        argv: list[str | Path] = [self._binary, *self._flags(port)]
        self._process = self._run.start(argv, log=self._run.directory / "metrics-server.log")
        self._register(port)

    def _begin_to_count(self, kubelet_port: int, path: str) -> None:
        """Reads a node's metrics once: kwok counts processor time from the first reading on."""
        context = self._cluster.ssl_context()
        connection = http.client.HTTPSConnection("127.0.0.1", kubelet_port, timeout=_TIMEOUT_S, context=context)
        connection.request("GET", path)
        assert connection.getresponse().status == HTTPStatus.OK
        connection.close()

    def _flags(self, port: int) -> list[str]:
        directory = self._run.directory
        kubeconfig = write_kubeconfig(directory / "metrics-server.kubeconfig", [self._cluster], CONTROLLERS)
        certificate, key = self._authority.issue((f"{_SERVICE}.{_NAMESPACE}.svc",)).write(directory, "metrics-server")
        return [
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
            "--kubelet-use-node-status-port",
            f"--kubelet-certificate-authority={self._run.keys.authority}",
        ]

    def _register(self, port: int) -> None:
        service: JsonObject = {
            "metadata": {"name": _SERVICE},
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        }
        ask(self._cluster, "POST", f"/api/v1/namespaces/{_NAMESPACE}/services", service)
        spec: JsonObject = {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "caBundle": b64encode(self._authority.pem).decode(),
            "service": {"name": _SERVICE, "namespace": _NAMESPACE, "port": port},
        }
        path = "/apis/apiregistration.k8s.io/v1/apiservices"
        ask(self._cluster, "POST", path, {"metadata": {"name": _API_SERVICE}, "spec": spec})


def _nodes(cluster: Cluster) -> dict[str, int]:
    """Returns the nodes with the ports of their kubelets."""
    listed = msgspec.json.decode(ask(cluster, "GET", "/api/v1/nodes"))
    ports = ((node["metadata"]["name"], node["status"]["daemonEndpoints"]) for node in listed["items"])
    return {name: endpoints["kubeletEndpoint"]["Port"] for name, endpoints in ports}

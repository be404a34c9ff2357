"""A real Prometheus with series that tests write: on loopback, and on an address to which API servers pass requests on.

A kube-apiserver passes requests for a service on to no loopback address.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.controlplane.binaries import find_prometheus
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.remotewrite import HEADERS, Series, body_of
from tests.controlplane.run import Run

_READY_TIMEOUT_S = 120.0
_TIMEOUT_S = 10.0
_CONFIGURATION = {"storage": {"tsdb": {"out_of_order_time_window": "1d"}}}
"""JSON, which is YAML as well; series are written one after the other."""


class PrometheusServer:
    """A Prometheus, which runs between `__enter__` and `__exit__`.

    Attributes:
        host: the address of this machine that is none of loopback; None if it has none.
        port: its port.
    """

    def __init__(self, authority: CertificateAuthority) -> None:
        """Takes the authority of the run's keys, which Prometheus itself does not need.

        Raises:
            ControlPlaneUnavailable: Prometheus cannot be built.
        """
        self._binary = find_prometheus()
        self._authority = authority
        self.host = _own_address()

    @property
    def url(self) -> str:
        """Returns its address on loopback."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Starts it without any series."""
        self._run = Run(self._authority)
        self.port = self._run.ports.take()
        directory = self._run.directory
        configuration = directory / "prometheus.json"
        configuration.write_text(json.dumps(_CONFIGURATION))
        hosts = ["127.0.0.1", *([self.host] if self.host else [])]
        argv: list[str | Path] = [
            self._binary,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / 'tsdb'}",
            "--web.enable-remote-write-receiver",
            *(f"--web.listen-address={host}:{self.port}" for host in hosts),
        ]
        try:
            process = self._run.start(argv, log=directory / "prometheus.log")
            process.wait_until(lambda: self._status("GET", "/-/ready") == HTTPStatus.OK, timeout_s=_READY_TIMEOUT_S)
        except BaseException:
            self._run.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ends it."""
        self._run.stop()

    def write(self, series: Iterable[Series]) -> None:
        """Adds series."""
        status = self._status("POST", "/api/v1/write", body_of(series))
        assert status == HTTPStatus.NO_CONTENT, status

    def _status(self, method: str, path: str, body: bytes | None = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_S)
        try:
            connection.request(method, path, body, HEADERS if body else {})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


def _own_address() -> str | None:
    """Returns the address from which this machine would reach others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address

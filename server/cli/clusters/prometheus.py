"""`clusters prometheus`: the address of the Prometheus that recorded a cluster's usage."""

import asyncio

from k8s.prometheus.address import PrometheusAddressInvalid, prometheus_address
from resolvers.audit.commandline import on_record
from server.cli.changes import changeable_registry
from server.cli.clusters.inventory import cluster_json
from server.commanderrors import InputError
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import print_json, print_line
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord


def show_prometheus(name: str, *, as_json: bool) -> None:
    """Prints the address; raises NotFound."""

    async def read() -> ClusterRecord:
        async with opened_registry(load_settings()) as registry:
            return await registry.clusters.get(name)

    _print(asyncio.run(read()), as_json=as_json)


def set_prometheus(name: str, address: str | None, *, as_json: bool) -> None:
    """Sets the address; None removes it.

    Raises:
        InputError: The address is invalid.
        NotFound: No cluster has that name.
        InvalidValue: The cluster is a snapshot.
    """
    try:
        normal = None if address is None else str(prometheus_address(address))
    except PrometheusAddressInvalid as error:
        raise InputError(f"{error}.") from error

    async def change() -> ClusterRecord:
        async with (
            changeable_registry(load_settings()) as registry,
            on_record(registry.audit, AuditAction.CLUSTER_CHANGE, cluster=name, resource="clusters/prometheus"),
        ):
            return await registry.clusters.set_prometheus(name, normal)

    _print(asyncio.run(change()), as_json=as_json)


def _print(record: ClusterRecord, *, as_json: bool) -> None:
    if as_json:
        print_json(cluster_json(record))
    else:
        print_line(f"{record.name}: {record.prometheus or 'no Prometheus'}")

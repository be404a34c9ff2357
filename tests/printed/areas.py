"""All entries by area; an area is a namespace of the server."""

from collections.abc import Mapping
from typing import Final

from tests.printed import config, network, pods, requests, storage, workloads
from tests.printed.entry import Printed

AREAS: Final[Mapping[str, tuple[Printed, ...]]] = {
    "pods": pods.PRINTED,
    "requests": requests.PRINTED,
    "workloads": workloads.PRINTED,
    "network": network.PRINTED,
    "storage": storage.PRINTED,
    "config": config.PRINTED,
}

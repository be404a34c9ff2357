"""The address of a cluster's Prometheus: a URL, or a service to which the cluster's API server passes requests on.

A Prometheus of several clusters has a label for each, which follows the address as in PromQL, such as
`https://thanos.example.com{cluster="prod-eu"}`. Without it, series of other clusters could be taken for this one's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from k8s.endpoint import Endpoint, EndpointInvalid
from k8s.transport.path import QUERY_RANGE_PATH, ApiPath, PathInvalid, service_proxy_path

_PREFIX: Final = "service:"
_SERVICE: Final = re.compile(
    r"service:(?P<namespace>[^/:]+)/(?:(?P<scheme>https?):)?(?P<name>[^/:]+):(?P<port>[^/:]+)", re.ASCII
)
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]{0,127})="([A-Za-z0-9 ._:/@+-]{1,253})"', re.ASCII)
_MOST_CHARACTERS: Final = 2048


class PrometheusAddressInvalid(Exception):
    """An address that is invalid; the text gives the reason and the way out."""


@dataclass(frozen=True, slots=True)
class PrometheusEndpoint(Endpoint):
    """The URL of a Prometheus: `http[s]://host[:port][/prefix]`, without credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")

    @property
    def query_path(self) -> ApiPath:
        """Returns the path of queries over a range, below the prefix."""
        return QUERY_RANGE_PATH

    @property
    def target(self) -> str:
        """Returns the object of requests in messages."""
        return "query_range of its Prometheus"

    def __str__(self) -> str:
        return self.server


@dataclass(frozen=True, slots=True)
class PrometheusService:
    """A service of the cluster itself, to which its API server passes requests on with the caller's rights.

    Attributes:
        namespace: The namespace of the service.
        name: Its name.
        port: The name or the number of its port.
        scheme: `https` or `http`; empty for HTTP.

    Raises:
        PathInvalid: One of them is invalid.
    """

    namespace: str
    name: str
    port: str
    scheme: str = ""

    def __post_init__(self) -> None:
        _ = self.query_path

    @property
    def query_path(self) -> ApiPath:
        """Returns the path of queries over a range, on the API server."""
        return service_proxy_path(self.namespace, self.name, self.port, QUERY_RANGE_PATH, scheme=self.scheme)

    @property
    def target(self) -> str:
        """Returns the object of requests in messages."""
        return f"services/proxy {self.name}:{self.port} in namespace {self.namespace!r}"

    def __str__(self) -> str:
        scheme = f"{self.scheme}:" if self.scheme else ""
        return f"{_PREFIX}{self.namespace}/{scheme}{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class PrometheusAddress:
    """The address of a Prometheus, and the labels of the cluster's series there.

    Attributes:
        place: The place of the Prometheus.
        labels: Names and values of labels that all series of the cluster have, and no others.
    """

    place: PrometheusEndpoint | PrometheusService
    labels: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        labels = ",".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.place}{{{labels}}}" if labels else f"{self.place}"


@lru_cache(maxsize=1024)
def prometheus_address(text: str) -> PrometheusAddress:
    """Returns an address; its text is the normal form.

    Raises:
        PrometheusAddressInvalid: It is neither a URL without credentials nor `service:NAMESPACE/NAME:PORT`, or labels
            behind it are invalid. The text does not quote it.
    """
    if len(text) > _MOST_CHARACTERS:
        raise PrometheusAddressInvalid(f"the address is longer than {_MOST_CHARACTERS} characters")
    place, brace, labels = text.partition("{")
    return PrometheusAddress(
        _endpoint(place) if is_direct(place) else _service(place), _labels(labels) if brace else ()
    )


def prometheus_endpoint(text: str) -> PrometheusEndpoint:
    """Returns the endpoint of an address; raises as `prometheus_address`, also for a service."""
    place = prometheus_address(text).place
    if isinstance(place, PrometheusService):
        raise PrometheusAddressInvalid("the address is that of a service, not a URL")
    return place


def is_direct(text: str) -> bool:
    """Returns whether an address is a URL, which is asked itself, not through the cluster's API server."""
    return not text.startswith(_PREFIX)


def _endpoint(text: str) -> PrometheusEndpoint:
    try:
        return PrometheusEndpoint(text)
    except EndpointInvalid as error:
        raise PrometheusAddressInvalid(
            f"{error}; a service of the cluster is written as service:NAMESPACE/NAME:PORT"
        ) from error


def _service(text: str) -> PrometheusService:
    match = _SERVICE.fullmatch(text)
    if match is None:
        raise PrometheusAddressInvalid("the address names no service; write it as service:NAMESPACE/NAME:PORT")
    try:
        return PrometheusService(match["namespace"], match["name"], match["port"], match["scheme"] or "")
    except PathInvalid as error:
        raise PrometheusAddressInvalid(f"the address names no service: {str(error).removesuffix('.')}") from error


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    """Returns the labels of a text such as `cluster="prod-eu",tenant="a"}`, by name."""
    labels = dict(_LABEL.findall(text))
    if not labels or ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" != text:
        raise PrometheusAddressInvalid('the labels behind the address are not of the form {cluster="prod-eu"}')
    if "__name__" in labels:
        raise PrometheusAddressInvalid("__name__ behind the address is the name of a metric, not a label of a cluster")
    return tuple(sorted(labels.items()))

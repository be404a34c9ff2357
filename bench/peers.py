"""The alternatives to which fleetgraph is compared."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import strawberry
from kubernetes import client, config
from strawberry.schema.config import StrawberryConfig

from k8s.credentials.credential import BearerToken
from k8s.kubeconfig.kubeconfig import KubeconfigContext
from k8s.network.tls import client_context


class RawGet:
    """The API server's own list, compressed, by one plain GET, without decompression and decoding."""

    def __init__(self, context: KubeconfigContext) -> None:
        self._context = context
        self._tls: ssl.SSLContext = client_context(context.endpoint, context.credential)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str = "/api/v1/pods", accept: str = "application/json") -> int:
        """Returns the bytes on the wire."""
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._tls)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False, read_bufsize=2**20)
        credential = self._context.credential
        assert isinstance(credential, BearerToken)  # noqa: S101  the benchmark's clusters have tokens
        headers = {"Authorization": f"Bearer {credential.token.reveal()}", "Accept": accept, "Accept-Encoding": "gzip"}
        received = 0
        async with self._session.get(self._context.endpoint.server + path, headers=headers) as response:
            async for chunk in response.content.iter_any():
                received += len(chunk)
        return received

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()


@strawberry.type
class Metadata:
    """Fields of a pod."""

    namespace: str
    name: str
    uid: str
    creationTimestamp: str  # noqa: N815  GraphQL


@strawberry.type
class Status:
    """Fields of a pod."""

    phase: str | None
    podIP: str | None  # noqa: N815
    hostIP: str | None  # noqa: N815
    qosClass: str | None  # noqa: N815


@strawberry.type
class Spec:
    """Fields of a pod."""

    nodeName: str | None  # noqa: N815
    serviceAccountName: str | None  # noqa: N815


@strawberry.type
class Pod:
    """The fields of the plain query."""

    metadata: Metadata
    status: Status
    spec: Spec


@strawberry.type
class Query:
    """The usual way: the official client's typed list, and an object for each pod."""

    @strawberry.field
    def pods(self) -> list[Pod]:
        """Returns all pods."""
        listed: Any = client.CoreV1Api().list_pod_for_all_namespaces()
        return [
            Pod(
                metadata=Metadata(
                    namespace=pod.metadata.namespace,
                    name=pod.metadata.name,
                    uid=pod.metadata.uid,
                    creationTimestamp=pod.metadata.creation_timestamp.isoformat(),
                ),
                status=Status(
                    phase=pod.status.phase,
                    podIP=pod.status.pod_ip,
                    hostIP=pod.status.host_ip,
                    qosClass=pod.status.qos_class,
                ),
                spec=Spec(nodeName=pod.spec.node_name, serviceAccountName=pod.spec.service_account_name),
            )
            for pod in listed.items
        ]


class OfficialClient:
    """The official client under a plain Strawberry schema, as in typical gateways."""

    _QUERY = """{ pods {
      metadata { namespace name uid creationTimestamp }
      status { phase podIP hostIP qosClass }
      spec { nodeName serviceAccountName }
    } }"""

    def __init__(self, kubeconfig: Path) -> None:
        config.load_kube_config(config_file=str(kubeconfig))  # type: ignore[no-untyped-call]  # the client's loader
        self._schema = strawberry.Schema(query=Query, config=StrawberryConfig(auto_camel_case=False))

    async def ask(self) -> int:
        """Returns the number of pods in the answer."""
        result = await asyncio.to_thread(self._schema.execute_sync, self._QUERY)
        if result.errors or result.data is None:
            raise RuntimeError(f"the peer failed: {result.errors}")
        return len(result.data["pods"])

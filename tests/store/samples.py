"""Values for the tests of the store."""

from collections.abc import Mapping

from store.clusters.cluster import ClusterConnection, NewCluster, OpenCredential
from store.errors import CredentialUnreadable

CANARY_TOKEN = "canary-bearer-token-7f3a9b"
CANARY_PEM = "-----BEGIN PRIVATE KEY-----\ncanary-private-key-51c2\n-----END PRIVATE KEY-----\n"
CREDENTIAL = f"{CANARY_TOKEN}\n{CANARY_PEM}".encode()

CONNECTION = ClusterConnection(
    server="https://api.example.com:6443",
    ca_pem="-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    tls_server_name="kubernetes.default.svc",
    skip_tls_verify=False,
    proxy_url="http://proxy.example.com:3128",
)


def refusing(error: CredentialUnreadable) -> OpenCredential:
    """Returns access to a credential that is unreadable."""

    def refuse() -> bytes:
        raise error

    return refuse


def new_cluster(
    name: str,
    *,
    credential: bytes = CREDENTIAL,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
    connection: ClusterConnection = CONNECTION,
) -> NewCluster:
    return NewCluster(name=name, connection=connection, credential=credential, labels=labels, description=description)

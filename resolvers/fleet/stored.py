"""Between the registry and the connections: the store keeps plain values and bytes, and knows nothing of Kubernetes."""

from k8s.credentials.credential import Credential, CredentialInvalid, dump_credential, load_credential
from k8s.endpoint import Endpoint, EndpointInvalid
from k8s.errors import CredentialUnusable
from store.clusters.cluster import ClusterConnection, NewCluster, OpenedCluster, SnapshotOrigin
from store.errors import CredentialUnreadable


def new_cluster(name: str, endpoint: Endpoint, *, credential: Credential, labels: dict[str, str] | None) -> NewCluster:
    """A cluster as the store takes it.

    Raises:
        InvalidValue: The name is no DNS label, or a label is none of Kubernetes'.
    """
    connection = ClusterConnection(
        server=endpoint.server,
        ca_pem=endpoint.ca_pem,
        tls_server_name=endpoint.tls_server_name,
        skip_tls_verify=endpoint.skip_tls_verify,
        proxy_url=endpoint.proxy_url,
    )
    return NewCluster(name=name, connection=connection, credential=dump_credential(credential), labels=labels)


def opened_connection(cluster: OpenedCluster) -> tuple[Endpoint, Credential]:
    """Where a registered cluster is, and what proves to it who asks; the two never go different ways.

    Raises:
        CredentialUnusable: What is stored cannot be decrypted, or is none that this release knows, or is a snapshot.
    """
    name, stored = cluster.record.name, cluster.record.connection
    if isinstance(stored, SnapshotOrigin):
        raise CredentialUnusable(name, "it is a snapshot, and there is no server to connect to.")
    if isinstance(cluster.credential, CredentialUnreadable):
        raise CredentialUnusable(name, f"{cluster.credential}") from cluster.credential
    try:
        endpoint = Endpoint(
            stored.server,
            ca_pem=stored.ca_pem,
            tls_server_name=stored.tls_server_name,
            skip_tls_verify=stored.skip_tls_verify,
            proxy_url=stored.proxy_url,
        )
        return endpoint, load_credential(cluster.credential)
    except (EndpointInvalid, CredentialInvalid) as error:
        raise CredentialUnusable(name, f"{error}; import the cluster again.") from error

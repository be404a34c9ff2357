"""Conversion between registry and connections: the store has plain values and bytes, and no types of Kubernetes."""

from k8s.credentials.credential import Credential, CredentialInvalid, dump_credential, load_credential
from k8s.endpoint import Endpoint, EndpointInvalid
from k8s.errors import CredentialUnusable
from store.clusters.cluster import ClusterConnection, NewCluster, OpenedCluster, SnapshotOrigin
from store.errors import CredentialUnreadable


def new_cluster(name: str, endpoint: Endpoint, *, credential: Credential, labels: dict[str, str] | None) -> NewCluster:
    """Returns a cluster in the form of the store.

    Raises:
        InvalidValue: The name is no DNS label, or a label is no valid label of Kubernetes.
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
    """Returns endpoint and credential of a registered cluster, always as a pair.

    Raises:
        CredentialUnusable: The credential cannot be decrypted, this release does not know its form, or the cluster is
            a snapshot.
    """
    name, stored = cluster.record.name, cluster.record.connection
    if isinstance(stored, SnapshotOrigin):
        raise CredentialUnusable(name, "it is a snapshot, and there is no server to connect to.")
    try:
        opened = cluster.open_credential()
    except CredentialUnreadable as error:
        raise CredentialUnusable(name, f"{error}") from error
    try:
        endpoint = Endpoint(
            stored.server,
            ca_pem=stored.ca_pem,
            tls_server_name=stored.tls_server_name,
            skip_tls_verify=stored.skip_tls_verify,
            proxy_url=stored.proxy_url,
        )
        return endpoint, load_credential(opened)
    except (EndpointInvalid, CredentialInvalid) as error:
        raise CredentialUnusable(name, f"{error}; import the cluster again.") from error

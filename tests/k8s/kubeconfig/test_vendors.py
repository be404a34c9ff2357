"""Kubeconfigs in the shapes of tools and clouds: each is read on the first try, or with what its refusal says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from k8s.credentials.credential import BearerToken, ClientCertificate
from k8s.credentials.plugin import ExecPlugin
from k8s.kubeconfig.errors import KubeconfigError, PermissionNeeded
from k8s.kubeconfig.kubeconfig import KubeconfigContext, parse_kubeconfig
from k8s.kubeconfig.names import dns_label
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.kubeconfig_samples import authority, ca_data, certificate_user, client_pair

V1BETA1 = "client.authentication.k8s.io/v1beta1"
EMBEDDED = certificate_user(client_pair())
EKS = "arn:aws:eks:eu-west-1:111122223333:cluster/prod"
GKE = "gke_my-project_europe-west1-b_prod"
OPENSHIFT = "default/api-crc-testing:6443/kubeadmin"


@dataclass(frozen=True)
class Vendor:
    """One tool's kubeconfig, and what is expected of it.

    Attributes:
        name: The name of the context.
        server: The API server.
        user: The user's entry.
        cluster: Keys of the cluster beside the server and its certificate authority.
        has_authority: False behind a public certificate.
        words: The permissions that it needs.
        kind: The class of the credential.
        label: The cluster's name in fleetgraph.
    """

    name: str
    server: str
    user: dict[str, object]
    label: str
    words: tuple[str, ...] = ()
    kind: type = ClientCertificate
    cluster: dict[str, object] = field(default_factory=dict)
    has_authority: bool = True


def _exec(command: str, *arguments: str, **more: object) -> dict[str, object]:
    return {"exec": {"apiVersion": V1BETA1, "command": command, "args": list(arguments), **more}}


def _env(**variables: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


VENDORS = {
    "minikube": Vendor(
        "minikube",
        "https://192.168.49.2:8443",
        {"client-certificate": "../.minikube/client.crt", "client-key": "../.minikube/client.key"},
        "minikube",
        words=("files",),
        has_authority=False,
        cluster={
            "certificate-authority": "../.minikube/ca.crt",
            "extensions": [{"name": "cluster_info", "extension": {"provider": "minikube.sigs.k8s.io"}}],
        },
    ),
    "kind": Vendor("kind-kind", "https://127.0.0.1:37791", EMBEDDED, "kind-kind"),
    "k3s": Vendor("default", "https://127.0.0.1:6443", EMBEDDED, "default"),
    "kubeadm": Vendor("kubernetes-admin@kubernetes", "https://10.0.0.4:6443", EMBEDDED, "kubernetes-admin-kubernetes"),
    "Docker Desktop": Vendor("docker-desktop", "https://kubernetes.docker.internal:6443", EMBEDDED, "docker-desktop"),
    "Talos": Vendor("admin@homelab", "https://10.5.0.2:6443", EMBEDDED, "admin-homelab"),
    "EKS": Vendor(
        EKS,
        "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
        _exec("aws", "--region", "eu-west-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json"),
        "arn-aws-eks-eu-west-1-111122223333-cluster-prod",
        words=("exec=aws",),
        kind=ExecPlugin,
    ),
    "EKS with a profile": Vendor(
        "prod",
        "https://0123456789ABCDEF0123456789ABCDEF.sk1.eu-west-1.eks.amazonaws.com",
        _exec("aws", "eks", "get-token", env=_env(AWS_PROFILE="prod", AWS_STS_REGIONAL_ENDPOINTS="regional")),
        "prod",
        words=("exec=aws", "env=AWS_PROFILE", "env=AWS_STS_REGIONAL_ENDPOINTS"),
        kind=ExecPlugin,
    ),
    "EKS with aws-iam-authenticator": Vendor(
        "me@prod.eu-west-1.eksctl.io",
        "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
        _exec("aws-iam-authenticator", "token", "-i", "prod", env=_env(AWS_DEFAULT_REGION="eu-west-1")),
        "me-prod-eu-west-1-eksctl-io",
        words=("exec=aws-iam-authenticator", "env=AWS_DEFAULT_REGION"),
        kind=ExecPlugin,
    ),
    "GKE": Vendor(
        GKE,
        "https://203.0.113.9",
        _exec("gke-gcloud-auth-plugin", installHint="Install it", provideClusterInfo=True) | {"exec-note": None},
        "gke-my-project-europe-west1-b-prod",
        words=("exec=gke-gcloud-auth-plugin",),
        kind=ExecPlugin,
    ),
    "AKS": Vendor(
        "prod-aks",
        "https://prod-dns-0a1b2c3d.hcp.westeurope.azmk8s.io:443",
        _exec("kubelogin", "get-token", "--login", "azurecli", "--server-id", "x", env=None, provideClusterInfo=False),
        "prod-aks",
        words=("exec=kubelogin",),
        kind=ExecPlugin,
    ),
    "AKS with local accounts": Vendor(
        "prod-admin", "https://prod-dns.hcp.westeurope.azmk8s.io:443", EMBEDDED | {"token": ""}, "prod-admin"
    ),
    "DigitalOcean": Vendor(
        "do-fra1-prod",
        "https://0a1b2c3d-4e5f.k8s.ondigitalocean.com",
        _exec("/snap/bin/doctl", "kubernetes", "cluster", "kubeconfig", "exec-credential", "--version=v1beta1"),
        "do-fra1-prod",
        words=("exec=/snap/bin/doctl",),
        kind=ExecPlugin,
    ),
    "Linode": Vendor(
        "lke12345-ctx",
        "https://0a1b2c3d.eu-central-1.linodelke.net:443",
        {"token": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"},
        "lke12345-ctx",
        kind=BearerToken,
    ),
    "Rancher": Vendor(
        "prod",
        "https://rancher.example/k8s/clusters/c-m-abc12345",
        {"token": "kubeconfig-user-abcde12345:0123456789abcdef"},
        "prod",
        kind=BearerToken,
        has_authority=False,
        cluster={"api-version": "v1"},
    ),
    "OpenShift": Vendor(
        OPENSHIFT,
        "https://api.crc.testing.:6443",
        {"token": "sha256~0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"},
        "default-api-crc-testing-6443-kubeadmin",
        kind=BearerToken,
        has_authority=False,
    ),
}


def _text(vendor: Vendor) -> str:
    """Returns the file, in which cluster and user have the names of the context."""
    cluster = {"server": vendor.server, **vendor.cluster}
    if vendor.has_authority:
        cluster["certificate-authority-data"] = ca_data()
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "preferences": {},
            "current-context": vendor.name,
            "contexts": [{"name": vendor.name, "context": {"cluster": vendor.name, "user": vendor.name}}],
            "clusters": [{"name": vendor.name, "cluster": cluster}],
            "users": [{"name": vendor.name, "user": vendor.user}],
        }
    )


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Vendor, KubeconfigPolicy], KubeconfigContext]:
    beside = tmp_path / ".minikube"
    beside.mkdir()
    (beside / "ca.crt").write_bytes(authority().pem)
    (beside / "client.crt").write_bytes(client_pair().certificate_pem)
    (beside / "client.key").write_bytes(client_pair().key_pem)

    def _read(vendor: Vendor, policy: KubeconfigPolicy) -> KubeconfigContext:
        kubeconfig = parse_kubeconfig(_text(vendor).encode(), source="config", policy=policy, folder=tmp_path / ".kube")
        return kubeconfig.context(kubeconfig.current_context or "")

    (tmp_path / ".kube").mkdir()
    return _read


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_kubeconfig_is_read_on_the_first_or_the_second_try(
    read: Callable[[Vendor, KubeconfigPolicy], KubeconfigContext], vendor: Vendor
) -> None:
    words: tuple[str, ...] = ()
    try:
        context = read(vendor, KubeconfigPolicy())
    except PermissionNeeded as refused:
        words = refused.words
        context = read(vendor, KubeconfigPolicy().allowing_once(words))

    assert words == vendor.words
    assert isinstance(context.credential, vendor.kind)
    assert context.endpoint.server.startswith(vendor.server.lower().removesuffix(":443").replace(".:", ":"))
    assert (context.name, dns_label(context.name)) == (vendor.name, vendor.label)
    assert context.warnings == ()


def test_old_kubeconfigs_name_the_way_out(read: Callable[[Vendor, KubeconfigPolicy], KubeconfigContext]) -> None:
    users: list[dict[str, object]] = [
        {"auth-provider": {"name": "gcp", "config": {"cmd-path": "/usr/lib/gcloud"}}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1alpha1", "command": "aws"}},
        {"username": "admin", "password": "x"},
    ]
    texts = []
    for user in users:
        with pytest.raises(KubeconfigError) as refused:
            read(Vendor("old", "https://api.example", user, "old"), KubeconfigPolicy())
        texts.append(str(refused.value))

    assert "gcloud container clusters get-credentials" in texts[0]
    assert "aws eks update-kubeconfig" in texts[1]
    assert "since 1.19" in texts[2]

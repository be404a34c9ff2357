"""Nine well-known operators: the Go module of each, and the folders of its CRDs inside.

The files are test data of others: they are read from the module cache, and never copied into the repository. A module
is pinned by its checksum, as in a go.sum, so that every machine tests the same schemas. A new operator is an entry
here; `go mod download -json MODULE@VERSION` prints its `Sum`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator whose CRDs come from a Go module.

    Attributes:
        name: Its usual name in lower case, such as `argo-cd`.
        module: The path of the module.
        version: The version of the module.
        checksum: The checksum of the module's content (`h1:...`, golang.org/x/mod/sumdb/dirhash).
        folders: The folders of its CRDs; files beside them that hold no CRD are passed over.
    """

    name: str
    module: str
    version: str
    checksum: str
    folders: tuple[str, ...]


ARGO_CD = Operator(
    "argo-cd",
    "github.com/argoproj/argo-cd/v3",
    "v3.6.1",
    "h1:OmhqeKiR3C//awbFrhQqFdtRI+Qiv17j8vqm3UkMj/g=",
    ("manifests/crds",),
)
CERT_MANAGER = Operator(
    "cert-manager",
    "github.com/cert-manager/cert-manager",
    "v1.21.2",
    "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
    ("deploy/crds",),
)
CLUSTER_API = Operator(
    "cluster-api",
    "sigs.k8s.io/cluster-api",
    "v1.14.2",
    "h1:o3GFNaeNFAOEEMpDPfhCK+2CjmV6gtQ8yLEcUwCg7bA=",
    (
        "bootstrap/kubeadm/config/crd/bases",
        "cmd/clusterctl/config/crd/bases",
        "controlplane/kubeadm/config/crd/bases",
        "core/config/crd/bases",
    ),
)
FLUX = Operator(
    "flux",
    "github.com/fluxcd/kustomize-controller",
    "v1.10.1",
    "h1:IjTnrkIy0ULJoTNC2ZKuMb32vkqj7dJ6zt6UqbTFxKA=",
    ("config/crd/bases",),
)
GATEWAY_API = Operator(
    "gateway-api",
    "sigs.k8s.io/gateway-api",
    "v1.7.0",
    "h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=",
    ("config/crd/experimental",),
)
"""The experimental channel, which has all of the standard one."""
ISTIO = Operator("istio", "istio.io/api", "v1.32.0", "h1:37mJvg9I0biYZAEQF+MATs4FNeCpXEIVO3LFpVb6iNM=", ("kubernetes",))
KNATIVE = Operator(
    "knative",
    "knative.dev/serving",
    "v0.51.0",
    "h1:yN2Q7eYqJgoPfZkATjoBZyGbZ2P1Qhns9HIMU4mF+to=",
    ("config/core/300-resources",),
)
MCS_API = Operator(
    "mcs-api",
    "sigs.k8s.io/mcs-api",
    "v0.5.2",
    "h1:N+vrRiCIb0WJ0dxbBo7VfNv2WJigOHEo4gsLXpffVs8=",
    ("config/crd",),
)
PROMETHEUS = Operator(
    "prometheus",
    "github.com/prometheus-operator/prometheus-operator",
    "v0.85.0",
    "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    ("example/prometheus-operator-crd",),
)

OPERATORS = (ARGO_CD, CERT_MANAGER, CLUSTER_API, FLUX, GATEWAY_API, ISTIO, KNATIVE, MCS_API, PROMETHEUS)

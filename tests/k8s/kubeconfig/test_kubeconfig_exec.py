"""Exec plugins in a kubeconfig: data if the operator lists the command, else refused."""

import pytest

from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.kubeconfig.errors import KubeconfigInvalid, PermissionNeeded
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.kubeconfig_samples import TOKEN, Sample

V1BETA1 = "client.authentication.k8s.io/v1beta1"
EKS: dict[str, object] = {
    "apiVersion": V1BETA1,
    "command": "aws",
    "args": ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json"],
    "env": [{"name": "AWS_PROFILE", "value": "prod"}],
    "interactiveMode": "IfAvailable",
    "provideClusterInfo": False,
}
GKE: dict[str, object] = {
    "apiVersion": V1BETA1,
    "command": "gke-gcloud-auth-plugin",
    "installHint": "Install gke-gcloud-auth-plugin",
    "provideClusterInfo": True,
    "args": None,
    "env": None,
}
POLICY = KubeconfigPolicy(
    exec=ExecPolicy(
        commands=frozenset({"aws", "gke-gcloud-auth-plugin", "/opt/kubelogin", "./aws", "bin/aws"}),
        environment=frozenset({"AWS_PROFILE"}),
    )
)


def test_the_kubeconfig_of_eks() -> None:
    assert Sample(user={"exec": EKS}).read(POLICY).credential == ExecPlugin(
        command="aws",
        args=("--region", "eu-west-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json"),
        env=(("AWS_PROFILE", "prod"),),
        api_version=V1BETA1,
    )


def test_the_kubeconfig_of_gke() -> None:
    assert Sample(user={"exec": GKE}).read(POLICY).credential == ExecPlugin(
        command="gke-gcloud-auth-plugin", api_version=V1BETA1, has_cluster_info=True
    )


@pytest.mark.parametrize(
    "command", ["kubelogin", "./aws", "bin/aws", "/usr/bin/aws", "aws ", "/opt/../opt/kubelogin", "", None, 1, ["aws"]]
)
def test_kc_1_only_what_is_listed_as_it_is_written(command: object) -> None:
    refusal = Sample(user={"exec": {**EKS, "command": command}}).refusal(POLICY)

    assert isinstance(refusal, PermissionNeeded | KubeconfigInvalid)
    if command in ("kubelogin", "/usr/bin/aws", "aws ", "/opt/../opt/kubelogin"):
        assert isinstance(refusal, PermissionNeeded)
        assert [permission.word for permission in refusal.permissions] == [f"exec={command}"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "which kubectl dropped in 1.24"),
        ({"apiVersion": None}, "apiVersion is none of"),
        ({"interactiveMode": "Always"}, "no user can be asked"),
        ({"args": "eks"}, "args is not a list"),
        ({"args": [["eks"]]}, "args has a value that is not a text"),
        ({"args": ["x" * 5000]}, "args has a value that is not a text"),
        ({"args": ["x"] * 101}, "more than 100 items"),
        ({"env": [{"name": "LD_PRELOAD", "value": "x.so"}]}, "--allow env=LD_PRELOAD"),
        ({"env": [{"name": "AWS_PROFILE", "value": ["x"]}]}, "env has a value that is not a text"),
        ({"env": ["AWS_PROFILE=x"]}, "env has an item that is not a mapping"),
        ({"env": [{"name": "FLEETGRAPH_ENCRYPTION_KEYS", "value": "x"}]}, "or one of fleetgraph's own"),
        ({"env": [{"name": "a b", "value": "x"}]}, "env has a name that is not one of a variable"),
        ({"provideClusterInfo": "yes"}, "provideClusterInfo is not true or false"),
    ],
)
def test_what_cannot_work_or_is_not_allowed_is_refused(change: dict[str, object], message: str) -> None:
    assert message in str(Sample(user={"exec": {**EKS, **change}}).refusal(POLICY))


def test_a_token_beside_a_program_is_refused() -> None:
    refusal = Sample(user={"exec": EKS, "token": TOKEN}).refusal(POLICY)

    assert "exec and another credential are both set" in str(refusal)

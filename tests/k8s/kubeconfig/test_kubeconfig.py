"""Contexts of a kubeconfig, and the endpoints and credentials that they become."""

import pytest
import yaml

from k8s.credentials.credential import BearerToken, ClientCertificate, Secret
from k8s.endpoint import Endpoint
from k8s.kubeconfig.errors import ContextNotFound, KubeconfigCode, KubeconfigInvalid
from tests.k8s.kubeconfig_samples import (
    SERVER,
    TOKEN,
    Sample,
    authority,
    ca_data,
    certificate_user,
    client_pair,
    encoded,
    file_refusal,
    parse,
    parse_text,
)


def two_contexts() -> dict[str, object]:
    document = Sample().document()
    document["contexts"] = [
        {"name": "broken", "context": {"cluster": "prod-cluster", "user": "nobody"}},
        {"name": "prod", "context": {"cluster": "prod-cluster", "user": "admin", "namespace": "web"}},
    ]
    return document


def test_a_context_with_a_token_becomes_an_endpoint_and_a_credential() -> None:
    context = Sample(context={"cluster": "prod-cluster", "user": "admin", "namespace": "web"}).read()

    assert context.name == "prod"
    assert context.cluster_name == "prod-cluster"
    assert context.user_name == "admin"
    assert context.namespace == "web"
    assert context.endpoint == Endpoint(SERVER, ca_pem=authority().pem.decode())
    assert context.credential == BearerToken(Secret(TOKEN))
    assert context.warnings == ()


def test_a_context_with_a_client_certificate_becomes_a_credential() -> None:
    context = Sample(user=certificate_user(client_pair())).read()

    pair = client_pair()
    assert context.credential == ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


def test_yaml_as_kubectl_writes_it_is_read() -> None:
    text = yaml.safe_dump(Sample().document(), sort_keys=True)

    assert parse_text(text).context("prod").endpoint.server == SERVER


def test_data_may_be_broken_into_lines() -> None:
    lines = "\n".join(ca_data()[start : start + 64] for start in range(0, len(ca_data()), 64))

    context = Sample(cluster={"server": SERVER, "certificate-authority-data": lines}).read()

    assert context.endpoint.ca_pem == authority().pem.decode()


def test_a_token_that_looks_like_a_number_stays_the_text_it_is() -> None:
    text = yaml.safe_dump(Sample(user={"token": "SLOT"}).document()).replace("SLOT", "0012e4")

    assert parse_text(text).context("prod").credential == BearerToken(Secret("0012e4"))


def test_extensions_and_empty_fields_change_nothing() -> None:
    sample = Sample()
    sample.cluster |= {"extensions": [{"name": "minikube", "extension": {"a": "b"}}], "disable-compression": True}
    sample.cluster |= {"proxy-url": "", "insecure-skip-tls-verify": False, "certificate-authority": None}
    sample.user |= {"client-certificate": "", "tokenFile": None}

    assert sample.read() == Sample().read()


def test_one_bad_context_does_not_stop_the_others() -> None:
    kubeconfig = parse(two_contexts())

    with pytest.raises(KubeconfigInvalid):
        kubeconfig.context("broken")
    assert kubeconfig.context("prod").namespace == "web"


def test_contexts_keep_the_order_of_the_file() -> None:
    assert parse(two_contexts()).contexts == ("broken", "prod")


def test_kc_9_a_missing_user_is_named() -> None:
    with pytest.raises(KubeconfigInvalid) as refused:
        parse(two_contexts()).context("broken")

    message = "config: context 'broken': it names user 'nobody', which does not exist."
    assert str(refused.value) == message
    assert refused.value.context == "broken"


def test_kc_9_a_context_without_a_cluster_is_refused() -> None:
    assert str(Sample(context={"user": "admin"}).refusal()).endswith("cluster is missing.")


def test_kc_9_an_unknown_context_is_refused_with_those_there_are() -> None:
    with pytest.raises(ContextNotFound) as refused:
        parse(two_contexts()).context("staging")

    message = "config: context 'staging': there is no such context; there are 'broken', 'prod'."
    assert str(refused.value) == message
    assert refused.value.code is KubeconfigCode.CONTEXT_NOT_FOUND


def test_kc_9_a_current_context_that_does_not_exist_is_reported_when_asked_for() -> None:
    kubeconfig = parse(Sample().document() | {"current-context": "gone"})

    assert kubeconfig.current_context == "gone"
    with pytest.raises(ContextNotFound):
        kubeconfig.context("gone")


@pytest.mark.parametrize("current", [None, ""])
def test_kc_9_no_current_context_is_none(current: str | None) -> None:
    assert parse(Sample().document() | {"current-context": current}).current_context is None


def test_kc_10_several_contexts_have_to_be_chosen_from() -> None:
    with pytest.raises(ContextNotFound, match="several contexts, name one: 'broken', 'prod'"):
        parse(two_contexts()).only_context()


def test_kc_10_the_only_context_needs_no_choice() -> None:
    assert parse(Sample().document()).only_context() == "prod"


@pytest.mark.parametrize(
    "text", ["{}", "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null", "", "# comments"]
)
def test_an_empty_kubeconfig_has_no_contexts(text: str) -> None:
    kubeconfig = parse_text(text)

    assert kubeconfig.contexts == ()
    with pytest.raises(ContextNotFound, match="there are no contexts"):
        kubeconfig.only_context()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[]", "the file is not a kubeconfig: it is not a mapping"),
        ("hello", "the file is not a kubeconfig: it is not a mapping"),
        ("kind: Pod", "kind is not Config"),
        ("apiVersion: v2", "apiVersion is not v1"),
        ("contexts: {}", "contexts is not a list"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_refused(text: str, cause: str) -> None:
    refusal = file_refusal(text)

    assert str(refusal).endswith(f"{cause}.")
    assert refusal.code is KubeconfigCode.KUBECONFIG_INVALID


@pytest.mark.parametrize(
    ("context", "cause"),
    [
        ({"cluster": "prod-cluster", "user": "admin", "namespace": "../x"}, "namespace is not a DNS label"),
        ({"cluster": ["prod-cluster"], "user": "admin"}, "cluster is not a text"),
        ({"cluster": "prod-cluster", "user": "admin\n"}, "user has unprintable characters"),
    ],
)
def test_an_impossible_context_is_refused(context: dict[str, object], cause: str) -> None:
    assert str(Sample(context=context).refusal()).endswith(f"{cause}.")


@pytest.mark.parametrize(
    ("cluster", "cause"),
    [
        ({}, "server is missing"),
        ({"server": True}, "server is not a text"),
        ({"server": "http://api.example"}, "the server address does not begin with https:// and a host"),
        (
            {"server": SERVER, "certificate-authority-data": "%%%"},
            "certificate-authority-data is not base64",
        ),
        (
            {"server": SERVER, "certificate-authority-data": "Zm9v"},
            "the certificate authority holds no PEM certificate (-----BEGIN CERTIFICATE-----)",
        ),
        (
            {"server": SERVER, "tls-server-name": "a b"},
            "the TLS server name has no valid DNS name or IP address as its host",
        ),
    ],
)
def test_an_impossible_cluster_is_refused(cluster: dict[str, object], cause: str) -> None:
    assert str(Sample(cluster=cluster).refusal()) == f"config: context 'prod': cluster 'prod-cluster': {cause}."


@pytest.mark.parametrize(
    ("user", "cause"),
    [
        ({"token": ["a"]}, "token is not a text"),
        ({"token": "a b"}, "write it on one line"),
        ({"client-certificate-data": "%%%"}, "client-certificate-data is not base64"),
        ({"client-certificate-data": "Zm9v"}, "client-key-data is missing"),
        ({"client-key-data": "Zm9v"}, "client-certificate-data is missing"),
    ],
)
def test_kc_9_an_impossible_user_is_refused(user: dict[str, object], cause: str) -> None:
    assert str(Sample(user=user).refusal()).endswith(f"{cause}.")


def test_a_user_without_a_credential_is_refused_with_what_to_do() -> None:
    refusal = str(Sample(user={}).refusal())

    assert "user 'admin': there is no token and no client certificate" in refusal
    assert "kubectl create token" in refusal


def test_a_token_beside_a_client_certificate_is_refused() -> None:
    refusal = Sample(user=certificate_user(client_pair()) | {"token": TOKEN}).refusal()

    assert str(refusal).endswith("a token and a client certificate are both set; keep one.")


def test_kc_9_a_key_of_another_certificate_is_refused() -> None:
    user = certificate_user(client_pair()) | {"client-key-data": encoded(authority().client("other").key_pem)}

    assert str(Sample(user=user).refusal()).endswith("the client key is not the key of this certificate.")


def test_kc_9_an_expired_certificate_is_read_with_a_warning() -> None:
    context = Sample(user=certificate_user(authority().expired())).read()

    assert [warning[:34] for warning in context.warnings] == ["the client certificate expired at "]


def test_a_certificate_that_is_not_yet_valid_is_read_with_a_warning() -> None:
    context = Sample(user=certificate_user(authority().not_yet_valid())).read()

    assert [warning[:43] for warning in context.warnings] == ["the client certificate is not valid before "]


def test_a_body_that_is_no_mapping_refuses_its_context_only() -> None:
    document = two_contexts()
    document["users"] = [{"name": "nobody", "user": "x"}, {"name": "admin", "user": {"token": TOKEN}}]
    kubeconfig = parse(document)

    with pytest.raises(KubeconfigInvalid, match="user 'nobody': user is not a mapping"):
        kubeconfig.context("broken")
    assert kubeconfig.context("prod").credential == BearerToken(Secret(TOKEN))

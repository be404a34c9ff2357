"""Keys that are never read, and those that only an operator's allowance makes read."""

from dataclasses import replace
from pathlib import Path

import pytest

from k8s.credentials.credential import BearerToken, ClientCertificate, Secret
from k8s.kubeconfig.allowance import Allowance
from k8s.kubeconfig.errors import KubeconfigCode, KubeconfigInvalid, PermissionNeeded, UnsupportedField
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.audit_events import outside_events
from tests.k8s.kubeconfig_samples import SERVER, TOKEN, Sample, authority, client_pair, parse
from tests.k8s.plugins import V1

FILES = KubeconfigPolicy(files=True)
EVERYTHING = KubeconfigPolicy.allowing(Allowance)


def assert_unsupported(refusal: Exception, key: str) -> None:
    assert isinstance(refusal, UnsupportedField)
    assert refusal.code is KubeconfigCode.KUBECONFIG_UNSUPPORTED_FIELD
    assert (refusal.key, refusal.context) == (key, "prod")
    assert f" has {key}, which is not read: " in str(refusal)


def assert_needed(refusal: Exception, key: str, *words: str) -> None:
    assert isinstance(refusal, PermissionNeeded)
    assert refusal.code is KubeconfigCode.KUBECONFIG_UNSUPPORTED_FIELD
    assert [permission.word for permission in refusal.permissions] == list(words)
    assert (refusal.permissions[0].key, refusal.context) == (key, "prod")
    assert f"({key})" in str(refusal)
    assert f" Allow this with {' '.join(f'--allow {word}' for word in words)}" in str(refusal)


@pytest.mark.parametrize("policy", [KubeconfigPolicy(), EVERYTHING])
def test_kc_1_exec_is_never_run(tmp_path: Path, policy: KubeconfigPolicy) -> None:
    trace = tmp_path / "ran"
    sample = Sample(user={"exec": {"apiVersion": V1, "command": "/bin/sh", "args": ["-c", f"touch {trace}"]}})

    with outside_events() as events:
        refusal = sample.refusal(policy)

    assert_needed(refusal, "exec", "exec=/bin/sh")
    assert "kubectl create token" in str(refusal)
    assert events == []
    assert not trace.exists()


@pytest.mark.parametrize(
    "provider",
    [
        {"name": "gcp", "config": {"cmd-path": "/bin/sh", "cmd-args": "-c true"}},
        {"name": "oidc", "config": {"idp-certificate-authority": "/etc/passwd", "refresh-token": TOKEN}},
        {"name": "azure"},
        "oidc",
    ],
)
def test_kc_2_auth_providers_are_refused(provider: object) -> None:
    refusal = Sample(user={"auth-provider": provider}).refusal(EVERYTHING)

    assert_unsupported(refusal, "auth-provider")
    assert TOKEN not in str(refusal)


@pytest.mark.parametrize("key", ["client-certificate", "client-key", "tokenFile"])
@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "/does/not/exist", "relative"])
def test_kc_3_files_of_a_user_are_not_touched(key: str, path: str) -> None:
    with outside_events() as events:
        refusal = Sample(user={key: path}).refusal()

    assert_needed(refusal, key, "files")
    assert path not in str(refusal)
    assert events == []


def test_kc_3_the_file_of_an_authority_is_not_touched() -> None:
    with outside_events() as events:
        refusal = Sample(cluster={"server": SERVER, "certificate-authority": "/etc/passwd"}).refusal()

    assert_needed(refusal, "certificate-authority", "files")
    assert "kubectl config view --raw --flatten" in str(refusal)
    assert events == []


@pytest.mark.parametrize("key", ["token-file", "idp-certificate-authority", "impersonate"])
def test_kc_3_keys_that_nobody_knows_are_ignored_with_a_note(key: str) -> None:
    with outside_events() as events:
        context = Sample(user={"token": TOKEN, key: "/etc/passwd"}).read(EVERYTHING)

    assert context.notes == (f"{key} is ignored in user entries, as kubectl does",)
    assert context.credential == BearerToken(Secret(TOKEN))
    assert events == []


@pytest.mark.parametrize("key", ["as", "as-uid", "as-groups", "as-user-extra"])
def test_kc_4_impersonation_is_refused(key: str) -> None:
    refusal = Sample(user={"token": TOKEN, key: "system:admin"}).refusal(EVERYTHING)

    assert_unsupported(refusal, key)
    assert "without impersonation" in str(refusal)


@pytest.mark.parametrize("key", ["username", "password"])
def test_passwords_are_refused(key: str) -> None:
    refusal = Sample(user={key: "canary-password"}).refusal(EVERYTHING)

    assert_unsupported(refusal, key)
    assert "canary-password" not in str(refusal)


@pytest.mark.parametrize("value", [True, "true", "yes", 1])
def test_kc_5_verification_is_not_skipped_without_the_allowance(value: object) -> None:
    sample = Sample()
    sample.cluster["insecure-skip-tls-verify"] = value

    assert_needed(sample.refusal(), "insecure-skip-tls-verify", "insecure-skip-tls-verify")


def test_kc_5_verification_is_skipped_with_the_allowance_and_a_warning() -> None:
    sample = Sample(cluster={"server": SERVER, "insecure-skip-tls-verify": True})

    context = sample.read(KubeconfigPolicy(insecure_skip_tls_verify=True))

    assert context.endpoint.skip_tls_verify
    assert context.warnings == ("the server's TLS certificate is not verified",)


def test_kc_5_an_authority_contradicts_skipping() -> None:
    sample = Sample()
    sample.cluster["insecure-skip-tls-verify"] = True

    refusal = sample.refusal(KubeconfigPolicy(insecure_skip_tls_verify=True))

    assert isinstance(refusal, KubeconfigInvalid)
    assert str(refusal).endswith("contradicts a TLS verification that is skipped; keep one of them.")


def test_kc_5_the_switch_is_true_or_false_and_no_text() -> None:
    sample = Sample(cluster={"server": SERVER, "insecure-skip-tls-verify": "true"})

    refusal = sample.refusal(KubeconfigPolicy(insecure_skip_tls_verify=True))

    assert str(refusal).endswith("insecure-skip-tls-verify is not true or false (without quotes).")


@pytest.mark.parametrize("url", ["http://169.254.169.254", "socks5://127.0.0.1:1080"])
def test_kc_6_proxies_are_refused_without_the_allowance(url: str) -> None:
    sample = Sample()
    sample.cluster["proxy-url"] = url

    refusal = sample.refusal()

    assert_needed(refusal, "proxy-url", "proxy-url")
    assert url not in str(refusal)


def test_kc_6_a_proxy_is_read_with_the_allowance() -> None:
    sample = Sample()
    sample.cluster["proxy-url"] = "http://proxy.example:3128/"

    assert sample.read(KubeconfigPolicy(proxy_url=True)).endpoint.proxy_url == "http://proxy.example:3128"


def test_kc_6_proxies_of_the_environment_do_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert Sample().read().endpoint.proxy_url is None


@pytest.mark.parametrize("section", ["cluster", "user", "context"])
def test_unknown_keys_are_ignored_with_a_note_as_kubectl_does(section: str) -> None:
    sample = Sample()
    getattr(sample, section)["surprise"] = {"x": ["y"]}

    context = sample.read()

    assert context.notes == (f"surprise is ignored in {section} entries, as kubectl does",)
    assert replace(context, notes=()) == Sample().read()


def test_unknown_keys_beside_a_body_are_noted() -> None:
    document = Sample().document()
    document["users"] = [{"name": "admin", "user": {"token": TOKEN}, "surprise": "x"}]

    context = parse(document).context("prod")

    assert context.notes == ("surprise is ignored in user entries, as kubectl does",)


def test_unknown_keys_of_a_plugin_are_noted() -> None:
    program = {"apiVersion": V1, "command": "aws", "stdin": True}

    context = Sample(user={"exec": program}).read(KubeconfigPolicy().allowing_once(["exec=aws"]))

    assert context.notes == ("stdin is ignored in exec entries, as kubectl does",)


def test_unknown_keys_of_the_file_are_noted() -> None:
    kubeconfig = parse(Sample().document() | {"surprise": "x", "users": [{"name": "a"}, {"user": {}}, "x"]})

    assert kubeconfig.notes == (
        "config: surprise is ignored, as kubectl does",
        "config: 2 of users without a name that can be used: ignored",
    )


def test_a_token_that_slipped_into_a_key_is_not_shown() -> None:
    slipped = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1Njc4OTAifQ.eyJzdWIiOiJjYW5hcnkifQ"

    context = Sample(user={"token": TOKEN, slipped: "x"}).read()

    assert context.notes == ("a key of an unusual form is ignored in user entries, as kubectl does",)


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("key", ["auth-provider", "username", "password", "as"])
def test_unsupported_keys_without_a_value_are_none(key: str, empty: str | None) -> None:
    assert Sample(user={"token": TOKEN, key: empty}).read() == Sample().read()


def test_files_are_read_from_the_kubeconfigs_folder_with_the_allowance(tmp_path: Path) -> None:
    pair = client_pair()
    certificate, key = pair.write(tmp_path, "admin")
    (tmp_path / "ca.crt").write_bytes(authority().pem)
    sample = Sample(
        cluster={"server": SERVER, "certificate-authority": "ca.crt"},
        user={"client-certificate": certificate.name, "client-key": str(key)},
    )

    context = sample.read(FILES, folder=tmp_path)

    assert context.endpoint.ca_pem == authority().pem.decode()
    assert context.credential == ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


def test_a_token_file_is_read_once_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")

    context = Sample(user={"tokenFile": "token"}).read(FILES, folder=tmp_path)

    assert context.credential == BearerToken(Secret(TOKEN))
    assert context.warnings == ("the token of tokenFile was read once; import again when it is renewed",)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("missing", "tokenFile names a file that cannot be read (No such file or directory)"),
        ("folder", "tokenFile names what is not a regular file"),
        ("/dev/zero", "tokenFile names what is not a regular file"),
        ("large", "tokenFile names a file of more than 262144 bytes"),
        ("a\0b", "tokenFile has unprintable characters"),
    ],
)
def test_unsuitable_files_are_refused(tmp_path: Path, path: str, cause: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"x" * 262145)

    assert str(Sample(user={"tokenFile": path}).refusal(FILES, folder=tmp_path)).endswith(f"{cause}.")


def test_a_relative_path_needs_a_folder() -> None:
    assert "write it absolute" in str(Sample(user={"tokenFile": "token"}).refusal(FILES))


def test_a_file_beside_its_embedded_form_is_refused(tmp_path: Path) -> None:
    refusal = Sample(user={"token": TOKEN, "tokenFile": "token"}).refusal(FILES, folder=tmp_path)

    assert str(refusal).endswith("token and tokenFile are both set; keep one.")


def test_allowances_are_named_as_the_setting_writes_them() -> None:
    assert KubeconfigPolicy.allowing(["files", "proxy-url"]) == KubeconfigPolicy(files=True, proxy_url=True)


def test_an_unknown_allowance_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="knows files, insecure-skip-tls-verify, proxy-url, but not exec"):
        KubeconfigPolicy.allowing(["files", "exec"])

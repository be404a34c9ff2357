"""What a kubeconfig says about a user: the entry becomes a credential or is refused."""

from datetime import UTC, datetime
from typing import Final

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.exec import plugin_of
from k8s.kubeconfig.files import KubeconfigFiles
from k8s.kubeconfig.policy import KubeconfigPolicy

_KNOWN: Final = frozenset(
    {
        "token",
        "tokenFile",
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "extensions",
        "exec",
    }
)
_SERVICE_ACCOUNT: Final = (
    "give the token of a service account instead (kubectl create token NAME --duration=24h, or a Secret of type "
    "kubernetes.io/service-account-token)"
)
_NO_PROGRAM: Final = f"fleetgraph runs no programs of a kubeconfig; {_SERVICE_ACCOUNT}"
_NO_PASSWORD: Final = f"Kubernetes accepts no passwords since 1.19; {_SERVICE_ACCOUNT}"
_NO_IMPERSONATION: Final = "give the credential of the identity itself, without impersonation"
_WAYS_OUT: Final = {
    "auth-provider": _NO_PROGRAM,
    "username": _NO_PASSWORD,
    "password": _NO_PASSWORD,
    "as": _NO_IMPERSONATION,
    "as-uid": _NO_IMPERSONATION,
    "as-groups": _NO_IMPERSONATION,
    "as-user-extra": _NO_IMPERSONATION,
}
_EMBED: Final = "embed it as {}-data (kubectl config view --raw --flatten)"


def credential_of(entry: Entry, policy: KubeconfigPolicy, files: KubeconfigFiles) -> Credential:
    """Return the credential that a user entry holds.

    A token together with a client certificate is refused: they may be two identities, and which one counts is the API
    server's configuration.

    Raises:
        KubeconfigError: A key is not read or not allowed, or there is not exactly one credential that can work.
    """
    entry.require_only(_KNOWN, ways_out=_WAYS_OUT)
    plugin = plugin_of(entry, policy.exec, instead=_SERVICE_ACCOUNT)
    token = _token(entry, files)
    certificate = _pem(entry, "client-certificate", files)
    key = _pem(entry, "client-key", files)
    if plugin is not None:
        if (token or certificate or key) is not None:
            raise entry.invalid("exec and another credential are both set; keep one")
        return plugin
    if token is not None and (certificate or key) is not None:
        raise entry.invalid("a token and a client certificate are both set; keep one")
    try:
        return BearerToken(Secret(token)) if token is not None else _pair(entry, certificate, key)
    except CredentialInvalid as error:
        raise entry.invalid(str(error)) from error


def credential_warnings(credential: Credential, entry: Entry) -> tuple[str, ...]:
    """Return what to know about a credential that is kept although it may not work, or not for long."""
    warnings = []
    if isinstance(credential, ClientCertificate):
        validity, now = credential.validity, datetime.now(UTC)
        if validity.not_after < now:
            warnings.append(f"the client certificate expired at {validity.not_after:%Y-%m-%dT%H:%M:%SZ}")
        if validity.not_before > now:
            warnings.append(f"the client certificate is not valid before {validity.not_before:%Y-%m-%dT%H:%M:%SZ}")
    if entry.fields.get("tokenFile"):
        warnings.append("the token of tokenFile was read once; import again when it is renewed")
    return tuple(warnings)


def _token(entry: Entry, files: KubeconfigFiles) -> str | None:
    entry.one_of("token", "tokenFile")
    token = entry.text("token")
    if token is not None:
        return token
    content = files.text(entry, "tokenFile", way_out=_SERVICE_ACCOUNT)
    return content.strip() if content is not None else None


def _pem(entry: Entry, key: str, files: KubeconfigFiles) -> str | None:
    entry.one_of(key, f"{key}-data")
    embedded = entry.decoded(f"{key}-data")
    return embedded if embedded is not None else files.text(entry, key, way_out=_EMBED.format(key))


def _pair(entry: Entry, certificate: str | None, key: str | None) -> ClientCertificate:
    if certificate is None and key is None:
        raise entry.invalid(f"there is no token and no client certificate; {_SERVICE_ACCOUNT}")
    if certificate is None or key is None:
        missing = "client-certificate-data" if certificate is None else "client-key-data"
        raise entry.invalid(f"{missing} is missing")
    return ClientCertificate(certificate, Secret(key))

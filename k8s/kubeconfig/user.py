"""The user entry of a kubeconfig, which becomes a credential or is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.exec import exec_entry, plugin_of, plugin_permissions
from k8s.kubeconfig.files import named_text
from k8s.kubeconfig.permission import ImportPermission, to_read_file

_SERVICE_ACCOUNT: Final = (
    "give the token of a service account instead (kubectl create token NAME --duration=24h, or a Secret of type "
    "kubernetes.io/service-account-token)"
)
_NO_PROVIDER: Final = (
    "kubectl has dropped the ones for gcp and azure; let gcloud container clusters get-credentials or kubelogin "
    f"convert-kubeconfig write an exec entry, or {_SERVICE_ACCOUNT}"
)
_NO_PASSWORD: Final = f"Kubernetes accepts no passwords since 1.19; {_SERVICE_ACCOUNT}"
_NO_IMPERSONATION: Final = "give the credential of the identity itself, without impersonation"
_UNSUPPORTED: Final = {
    "auth-provider": _NO_PROVIDER,
    "username": _NO_PASSWORD,
    "password": _NO_PASSWORD,
    "as": _NO_IMPERSONATION,
    "as-uid": _NO_IMPERSONATION,
    "as-groups": _NO_IMPERSONATION,
    "as-user-extra": _NO_IMPERSONATION,
}
_FILE_KEYS: Final = ("client-certificate", "client-key")
USER_KEYS: Final = frozenset(
    {
        "token",
        "tokenFile",
        "client-certificate-data",
        "client-key-data",
        "extensions",
        "exec",
        *_FILE_KEYS,
        *_UNSUPPORTED,
    }
)
_EMBED: Final = "embed them (kubectl config view --raw --flatten)"


def user_permissions(entry: Entry) -> Iterator[ImportPermission]:
    """Yields the permissions that a user entry needs.

    Raises:
        KubeconfigError: The entry has a key that is never supported, or an invalid exec plugin.
    """
    entry.require_none_of(_UNSUPPORTED)
    for key in _FILE_KEYS:
        if entry.text(key):
            yield to_read_file(key, _EMBED)
    if entry.text("tokenFile"):
        yield to_read_file("tokenFile", _SERVICE_ACCOUNT)
    program = exec_entry(entry)
    if program is not None:
        yield from plugin_permissions(plugin_of(program), _SERVICE_ACCOUNT)


def credential_of(entry: Entry) -> Credential:
    """Returns the credential that a user entry holds; the permissions that it needs are given.

    A token together with a client certificate is refused: they may be two identities, and the API server's
    configuration decides between them.

    Raises:
        KubeconfigError: There is not exactly one usable credential.
    """
    program = exec_entry(entry)
    token = _token(entry)
    certificate = _pem(entry, "client-certificate")
    key = _pem(entry, "client-key")
    if program is not None:
        if (token or certificate or key) is not None:
            raise entry.invalid("exec and another credential are both set; keep one")
        return plugin_of(program)
    if token is not None and (certificate or key) is not None:
        raise entry.invalid("a token and a client certificate are both set; keep one")
    try:
        return BearerToken(Secret(token)) if token is not None else _pair(entry, certificate, key)
    except CredentialInvalid as error:
        raise entry.invalid(str(error)) from error


def credential_warnings(credential: Credential, entry: Entry) -> tuple[str, ...]:
    """Returns warnings about a credential that may not work, or not for long."""
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


def _token(entry: Entry) -> str | None:
    entry.one_of("token", "tokenFile")
    token = entry.text("token")
    if token is not None:
        return token
    content = named_text(entry, "tokenFile")
    return content.strip() if content is not None else None


def _pem(entry: Entry, key: str) -> str | None:
    entry.one_of(key, f"{key}-data")
    embedded = entry.decoded(f"{key}-data")
    return embedded if embedded is not None else named_text(entry, key)


def _pair(entry: Entry, certificate: str | None, key: str | None) -> ClientCertificate:
    if certificate is None and key is None:
        raise entry.invalid(f"there is no token and no client certificate; {_SERVICE_ACCOUNT}")
    if certificate is None or key is None:
        missing = "client-certificate-data" if certificate is None else "client-key-data"
        raise entry.invalid(f"{missing} is missing")
    return ClientCertificate(certificate, Secret(key))

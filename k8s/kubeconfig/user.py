"""The user entry of a kubeconfig, which becomes a credential or is refused."""

from datetime import UTC, datetime
from typing import Final

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.credentials.plugin import API_VERSIONS, ENVIRONMENT_SETTING, PLUGINS_SETTING, ExecPlugin, ExecPolicy
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import UnsupportedField, quoted_key
from k8s.kubeconfig.files import KubeconfigFiles
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.kubeconfig.yaml import YamlValue

MAX_ARGUMENTS: Final = 100
"""The limit of a plugin's arguments or variables; those in use have up to ten."""
MAX_CHARACTERS: Final = 4096
"""The longest argument, name or value."""

_PLUGIN_KEYS: Final = frozenset(
    {"apiVersion", "command", "args", "env", "installHint", "provideClusterInfo", "interactiveMode"}
)


def plugin_of(user: Entry, policy: ExecPolicy, *, instead: str) -> ExecPlugin | None:
    """Returns the exec credential plugin of a user entry as data, without running it; None if it has none.

    Raises:
        KubeconfigError: The operator does not allow it, or the entry is invalid; `instead` is the other way out.
    """
    body = user.fields.get("exec")
    if body is None:
        return None
    entry = Entry(f"exec of {user.name}", body if isinstance(body, dict) else {}, user.source, user.context)
    command = entry.text("command")
    if command is None or not policy.allows(command):
        raise _not_allowed(user, instead)
    entry.require_only(_PLUGIN_KEYS, ways_out={})
    if entry.text("interactiveMode") == "Always":
        raise entry.invalid("interactiveMode is Always, but no user can be asked here")
    version = entry.text("apiVersion")
    if version not in API_VERSIONS:
        raise entry.invalid(f"apiVersion is none of {', '.join(API_VERSIONS)}")
    return ExecPlugin(
        command=command,
        args=tuple(_text(entry, "args", item) for item in _list(entry, "args")),
        env=tuple(_variable(entry, item, policy) for item in _list(entry, "env")),
        api_version=version,
        has_cluster_info=entry.flag("provideClusterInfo"),
    )


def _not_allowed(user: Entry, instead: str) -> UnsupportedField:
    way_out = f"no program of a kubeconfig is run unless the operator lists its command in {PLUGINS_SETTING}; {instead}"
    return user.unsupported("exec", way_out)


def _list(entry: Entry, key: str) -> list[YamlValue]:
    value = entry.fields.get(key)
    if value is not None and not isinstance(value, list):
        raise entry.invalid(f"{key} is not a list")
    if value is not None and len(value) > MAX_ARGUMENTS:
        raise entry.invalid(f"{key} has more than {MAX_ARGUMENTS} items")
    return value or []


def _text(entry: Entry, key: str, value: YamlValue) -> str:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS or "\0" in value:
        raise entry.invalid(f"{key} has a value that is not a text of up to {MAX_CHARACTERS} characters")
    return value


def _variable(entry: Entry, item: YamlValue, policy: ExecPolicy) -> tuple[str, str]:
    fields = item if isinstance(item, dict) else {}
    name, value = (_text(entry, "env", fields.get(key)) for key in ("name", "value"))
    if name not in policy.environment:
        raise entry.invalid(f"env has {quoted_key(name)}, which the operator does not list in {ENVIRONMENT_SETTING}")
    return (name, value)


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
    """Returns the credential that a user entry holds.

    A token together with a client certificate is refused: they may be two identities, and the API server's
    configuration decides between them.

    Raises:
        KubeconfigError: A key is unsupported or not allowed, or there is not exactly one usable credential.
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

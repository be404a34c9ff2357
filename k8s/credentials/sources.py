"""Conversion of a stored credential into one that a request can be sent with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from weakref import WeakValueDictionary

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, PodServiceAccount
from k8s.credentials.exec import PluginToken
from k8s.credentials.incluster import SERVICE_ACCOUNT_FOLDER, MountedToken
from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.tokens import Issue, RenewedToken
from k8s.endpoint import Endpoint

UsableCredential: TypeAlias = BearerToken | ClientCertificate | RenewedToken
"""A credential that a request can be sent with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSources:
    """The operator's settings for credentials from other sources.

    Attributes:
        exec: The policy of plugins.
        service_account: The folder of the pod's own service account.
        shared: The sources in use. All identities at a cluster share the source of its credential, and clusters with
            the same plugin share one unless the plugin gets information about the cluster, as in kubectl.
    """

    exec: ExecPolicy = field(default_factory=ExecPolicy)
    service_account: Path = SERVICE_ACCOUNT_FOLDER
    shared: "WeakValueDictionary[object, RenewedToken]" = field(
        default_factory=WeakValueDictionary, compare=False, repr=False
    )

    def usable(self, credential: Credential | RenewedToken, endpoint: Endpoint) -> UsableCredential:
        """Returns the credential for requests to an endpoint; nothing is run or read before the first request."""
        match credential:
            case PodServiceAccount():
                return self._shared(credential, MountedToken(self.service_account))
            case ExecPlugin():
                key = (credential, endpoint if credential.has_cluster_info else None)
                return self._shared(key, PluginToken(credential, endpoint, self.exec), is_local=True)
        return credential

    def _shared(self, key: object, issue: Issue, *, is_local: bool = False) -> RenewedToken:
        source = self.shared.get(key)
        if source is None:
            source = self.shared[key] = RenewedToken(issue, is_local=is_local)
        return source

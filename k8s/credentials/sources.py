"""From a credential as it is stored to what a request is sent with."""

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
"""What a request can be sent with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSources:
    """What an operator says of credentials that come from elsewhere.

    Attributes:
        exec: Which programs may give one.
        service_account: The folder that a pod's own is in.
        shared: Sources in use; however many identities a cluster is asked as, its credential is got once.
    """

    exec: ExecPolicy = field(default_factory=ExecPolicy)
    service_account: Path = SERVICE_ACCOUNT_FOLDER
    shared: "WeakValueDictionary[object, RenewedToken]" = field(
        default_factory=WeakValueDictionary, compare=False, repr=False
    )

    def usable(self, credential: Credential | RenewedToken, endpoint: Endpoint) -> UsableCredential:
        """What requests to an endpoint are sent with; nothing is run or read before the first."""
        match credential:
            case PodServiceAccount():
                return self._shared(credential, MountedToken(self.service_account))
            case ExecPlugin():
                return self._shared((credential, endpoint), PluginToken(credential, endpoint, self.exec))
        return credential

    def _shared(self, key: object, issue: Issue) -> RenewedToken:
        source = self.shared.get(key)
        if source is None:
            source = self.shared[key] = RenewedToken(issue)
        return source

"""The operator's policy of kubeconfigs, which by default allows only a server and a credential."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from k8s.credentials.plugin import ExecPolicy
from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeconfigPolicy:
    """The allowances in force.

    Attributes:
        files: Certificates, keys and tokens are read from the paths that a kubeconfig names.
        insecure_skip_tls_verify: A kubeconfig may disable the verification of its server.
        proxy_url: A kubeconfig may name a proxy.
        exec: The programs that a kubeconfig may name; not an allowance, because it is a list.
    """

    files: bool = False
    insecure_skip_tls_verify: bool = False
    proxy_url: bool = False
    exec: ExecPolicy = field(default_factory=ExecPolicy)

    @classmethod
    def allowing(cls, names: Iterable[str], *, exec_policy: ExecPolicy | None = None) -> "KubeconfigPolicy":
        """Returns the policy with the allowances that the setting lists.

        Raises:
            ValueError: A name is not one of `Allowance`.
        """
        unknown = sorted(set(names := list(names)) - set(Allowance))
        if unknown:
            raise ValueError(f"{ALLOW_SETTING} knows {', '.join(Allowance)}, but not {', '.join(unknown)}")
        return cls(
            files=Allowance.FILES in names,
            insecure_skip_tls_verify=Allowance.INSECURE_SKIP_TLS_VERIFY in names,
            proxy_url=Allowance.PROXY_URL in names,
            exec=exec_policy or ExecPolicy(),
        )

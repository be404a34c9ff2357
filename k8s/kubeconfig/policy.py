"""What an operator allows kubeconfigs to do beyond naming a server and a credential: nothing, by default."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from k8s.credentials.plugin import ExecPolicy
from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeconfigPolicy:
    """Which allowances hold.

    Attributes:
        files: Certificates, keys and tokens are read from the paths that a kubeconfig names.
        insecure_skip_tls_verify: A kubeconfig may turn the verification of its server off.
        proxy_url: A kubeconfig may name a proxy.
        exec: Which programs it may name; not an allowance, as there is a list of them.
    """

    files: bool = False
    insecure_skip_tls_verify: bool = False
    proxy_url: bool = False
    exec: ExecPolicy = field(default_factory=ExecPolicy)

    @classmethod
    def allowing(cls, names: Iterable[str], *, exec_policy: ExecPolicy | None = None) -> "KubeconfigPolicy":
        """Return the policy that a list of allowances, as the setting writes them, stands for.

        Raises:
            ValueError: A name is none of `Allowance`.
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

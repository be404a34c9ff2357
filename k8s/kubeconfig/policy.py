"""The operator's policy of kubeconfigs, which by default allows only a server and a credential."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.pluginsettings import ALLOW_AT_IMPORT_SETTING, ENVIRONMENT_SETTING, PLUGINS_SETTING
from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import PermissionNeeded
from k8s.kubeconfig.permission import ENV, EXEC, ImportPermission, permission_words, variables_in


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeconfigPolicy:
    """The allowances in force.

    Attributes:
        files: Certificates, keys and tokens are read from the paths that a kubeconfig names.
        insecure_skip_tls_verify: A kubeconfig may disable the verification of its server.
        proxy_url: A kubeconfig may name a proxy.
        exec: The programs that a kubeconfig may name; not an allowance, because it is a list.
        once: The permissions that the user gives for one import (`k8s.kubeconfig.permission`).
        may_allow: The user may give some.
    """

    files: bool = False
    insecure_skip_tls_verify: bool = False
    proxy_url: bool = False
    exec: ExecPolicy = field(default_factory=ExecPolicy)
    once: frozenset[str] = frozenset()
    may_allow: bool = True

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

    def allowing_once(self, texts: Iterable[str]) -> "KubeconfigPolicy":
        """Returns the policy of one import with permissions of its user.

        Raises:
            ValueError: A text is no permission, or only settings may give some.
        """
        once = permission_words(texts)
        if once and not self.may_allow:
            raise ValueError(
                f"--allow is disabled ({ALLOW_AT_IMPORT_SETTING}=false); only {ALLOW_SETTING}, {PLUGINS_SETTING} and "
                f"{ENVIRONMENT_SETTING} allow more."
            )
        return replace(self, once=once)

    def granted(self, plugin: ExecPlugin) -> ExecPlugin:
        """Returns a plugin with the permissions of this import, which are stored with it."""
        return replace(
            plugin, is_allowed=EXEC + plugin.command in self.once, allowed_environment=variables_in(self.once)
        )

    def require(self, permissions: Sequence[ImportPermission], entry: Entry) -> None:
        """Checks the permissions that a context needs, all at once.

        Raises:
            PermissionNeeded: Some are not given; `entry` is the context's.
        """
        by_settings = self._by_settings()
        missing = [needed for needed in permissions if needed.word not in self.once and needed.word not in by_settings]
        if missing:
            raise PermissionNeeded(missing, may_allow=self.may_allow, source=entry.source, context=entry.context)

    def _by_settings(self) -> frozenset[str]:
        allowances = {
            Allowance.FILES: self.files,
            Allowance.INSECURE_SKIP_TLS_VERIFY: self.insecure_skip_tls_verify,
            Allowance.PROXY_URL: self.proxy_url,
        }
        return frozenset(
            {
                *(allowance for allowance, is_given in allowances.items() if is_given),
                *(EXEC + command for command in self.exec.commands),
                *(ENV + name for name in self.exec.environment),
            }
        )

"""From settings to what exec credential plugins may do."""

from k8s.credentials.plugin import ExecPolicy
from server.settings.settings import Settings


def exec_policy(settings: Settings) -> ExecPolicy:
    """Which programs may give credentials."""
    return ExecPolicy(
        commands=settings.exec_plugins,
        environment=settings.exec_plugin_environment,
        timeout_s=settings.exec_plugin_timeout_s,
    )

"""The policy of exec credential plugins, from settings."""

from k8s.credentials.plugin import ExecPolicy
from server.settings.settings import Settings


def exec_policy(settings: Settings) -> ExecPolicy:
    """Returns the programs that may provide credentials, and their limits."""
    return ExecPolicy(
        commands=settings.exec_plugins,
        environment=settings.exec_plugin_environment,
        timeout_s=settings.exec_plugin_timeout_s,
    )

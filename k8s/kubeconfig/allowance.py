"""The allowances that an operator may grant kubeconfigs; a module of its own, because all commands import it."""

from enum import StrEnum
from typing import Final

ALLOW_SETTING: Final = "FLEETGRAPH_KUBECONFIG_ALLOW"
"""The setting that lists allowances, separated by commas."""


class Allowance(StrEnum):
    """One allowance."""

    FILES = "files"
    INSECURE_SKIP_TLS_VERIFY = "insecure-skip-tls-verify"
    PROXY_URL = "proxy-url"

"""The allowances that an operator may grant kubeconfigs; apart from the policy, because error texts need no asyncio."""

from enum import StrEnum
from typing import Final

ALLOW_SETTING: Final = "FLEETGRAPH_KUBECONFIG_ALLOW"
"""The setting that lists allowances, separated by commas."""


class Allowance(StrEnum):
    """One allowance."""

    FILES = "files"
    INSECURE_SKIP_TLS_VERIFY = "insecure-skip-tls-verify"
    PROXY_URL = "proxy-url"

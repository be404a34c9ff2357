"""What an operator may allow kubeconfigs to do."""

from enum import StrEnum
from typing import Final

ALLOW_SETTING: Final = "FLEETGRAPH_KUBECONFIG_ALLOW"
"""The setting that lists allowances, separated by commas."""


class Allowance(StrEnum):
    """One thing that an operator may allow."""

    FILES = "files"
    INSECURE_SKIP_TLS_VERIFY = "insecure-skip-tls-verify"
    PROXY_URL = "proxy-url"

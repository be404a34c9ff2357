"""Kubernetes' order of the versions of an API group.

Stable versions come before beta and alpha ones, and newer before older; anything else comes last, in alphabetical
order (source: `CompareKubeAwareVersionStrings` of k8s.io/apimachinery).
"""

import re
from collections.abc import Mapping
from typing import Final

_VERSION: Final = re.compile(r"v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?", re.ASCII)
_STABILITY: Final[Mapping[str | None, int]] = {None: 0, "beta": 1, "alpha": 2}
_OTHER: Final = 3


def version_priority(version: str) -> tuple[int, int, int, str]:
    """Returns a key that sorts versions such as `v2beta1`, the one with the highest priority first."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (_OTHER, 0, 0, version)
    return (_STABILITY[match[2]], -int(match[1]), -int(match[3] or 0), version)

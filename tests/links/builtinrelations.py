"""The links of built-in kinds, by the meaning that `docs/links.md` gives them."""

from typing import Final

from tests.links.podrelations import PODS
from tests.links.rightsrelations import RIGHTS
from tests.links.storagerelations import STORAGE
from tests.links.workloadrelations import WORKLOADS

BUILT_IN_RELATIONS: Final = (*WORKLOADS, *PODS, *STORAGE, *RIGHTS)
"""Every link of a built-in kind to a built-in kind."""

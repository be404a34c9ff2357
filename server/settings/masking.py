"""Settings of values that are not shown.

Values of Secrets are always masked; the settings add others, and decide who may reveal those of Secrets.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from k8s.masking.maskedpaths import MaskedPath, masked_paths
from k8s.masking.masking import Masking
from resolvers.limits import Revealers
from server.settings.types import SettingGroup


def _paths(value: object) -> object:
    return masked_paths(value) if isinstance(value, str) else value


class MaskingSettings(SettingGroup):
    """Settings of values that are not shown."""

    masked_paths: Annotated[tuple[MaskedPath, ...], NoDecode, BeforeValidator(_paths)] = Field(
        default=(),
        description="Further values that are shown as null, beside those of Secrets: paths of JSON keys by kind, "
        "separated by commas, such as `configmaps:data.password,argoproj.io/Application:spec.source.helm.values` "
        "([security.md](security.md#masked-values)). Default: none.",
    )
    reveal: Revealers = Field(
        default=Revealers.ADMINISTRATORS,
        description="The callers who may read values of Secrets by `reveal`, if the cluster also allows it: `nobody`, "
        "`administrators` or `everyone`.",
    )
    max_revealed_secrets: int = Field(
        default=20, ge=1, le=1000, description="The maximum number of Secrets of which one query may reveal values."
    )

    @property
    def masking(self) -> Masking:
        """Returns the values that are not shown."""
        return Masking(self.masked_paths)

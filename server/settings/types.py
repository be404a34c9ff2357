"""Types of settings, with their common bounds."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX: Final = "FLEETGRAPH_"


def words(value: object) -> object:
    """Splits a text at its commas; other values stay as they are."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


Seconds: TypeAlias = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Bytes: TypeAlias = Annotated[int, Field(ge=1024, le=4 * 1024**3)]
Words: TypeAlias = Annotated[frozenset[str], NoDecode, BeforeValidator(words)]
Networks: TypeAlias = Annotated[frozenset[IPv4Network | IPv6Network], NoDecode, BeforeValidator(words)]


class SettingGroup(BaseSettings):
    """Settings of one subject; the attribute `x_y` is read from FLEETGRAPH_X_Y. `Settings` is all groups together."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="forbid"
    )

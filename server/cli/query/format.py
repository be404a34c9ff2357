"""What an answer is printed as; apart from the printing, so that shell completion knows it at once."""

from enum import StrEnum


class Format(StrEnum):
    """The formats of `fleetgraph query`."""

    JSON = "json"
    YAML = "yaml"
    TABLE = "table"
    CSV = "csv"

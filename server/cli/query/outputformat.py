"""Output formats of answers; apart from the printing, so that shell completion loads fast."""

from enum import StrEnum


class OutputFormat(StrEnum):
    """The output formats of `fleetgraph query`."""

    JSON = "json"
    YAML = "yaml"
    TABLE = "table"
    WIDE = "wide"
    CSV = "csv"

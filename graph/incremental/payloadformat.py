"""Formats of payloads; a separate module, because the HTTP layer imports it without the rest of GraphQL."""

from enum import StrEnum


class PayloadFormat(StrEnum):
    """The format in which payloads are written."""

    IDS = "ids"
    """`pending`, `incremental` and `completed`, related by ids (graphql-js 17)."""
    PATHS = "paths"
    """`incremental` with paths and labels (Apollo's specification of 2022-08-24)."""

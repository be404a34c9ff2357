"""The formats of answers in payloads; apart from them, so that the HTTP layer can name one without all of GraphQL."""

from enum import StrEnum


class PayloadFormat(StrEnum):
    """How payloads are written."""

    IDS = "ids"
    """`pending`, `incremental` and `completed`, tied together by ids (graphql-js 17)."""
    PATHS = "paths"
    """`incremental` with paths and labels (Apollo's specification of 2022-08-24)."""

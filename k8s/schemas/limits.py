"""Limits of what is learned from the schemas of a cluster, and the settings that raise them."""

from dataclasses import astuple, dataclass
from typing import Final

INDEX_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_INDEX_BYTES"
DOCUMENT_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_DOCUMENT_BYTES"
DOCUMENTS_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_DOCUMENTS"
CLUSTER_TYPES_SETTING: Final = "FLEETGRAPH_MAX_CLUSTER_TYPES"
DEPTH_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_DEPTH"
FIELDS_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_FIELDS"
DESCRIPTION_SETTING: Final = "FLEETGRAPH_MAX_DESCRIPTION_CHARACTERS"
REREADS_SETTING: Final = "FLEETGRAPH_MAX_SCHEMA_REREADS"
TYPES_SETTING: Final = "FLEETGRAPH_MAX_TYPES"


@dataclass(frozen=True, slots=True)
class SchemaLimits:
    """Limits of schemas. Anything that exceeds one has no type, or is JSON, and costs nothing else.

    Attributes:
        index_bytes: Bytes of the index of a cluster's documents.
        document_bytes: Bytes of one document. It describes one version of a group; those of Prometheus have 1.6 MB.
        documents: Documents of a cluster that are read.
        structures: Structures of all custom kinds of a cluster, in each version. Argo CD has 144, Cluster API 916.
        depth: Levels of a schema; deeper ones are JSON. The deepest of well-known operators has 18. Each level takes
            five calls within each other, so that more than 100 are too many for Python.
        fields: Fields of one structure; a larger one is JSON.
        description_characters: Characters of a description, which is cut.
        rereads: Repeated reads of the index while documents change under the reader.
    """

    index_bytes: int = 4 * 2**20
    document_bytes: int = 8 * 2**20
    documents: int = 2000
    structures: int = 5000
    depth: int = 64
    fields: int = 1000
    description_characters: int = 1000
    rereads: int = 3

    @property
    def key(self) -> str:
        """Returns a text that is equal for equal limits: what was learned with others is learned anew."""
        return ".".join(map(str, astuple(self)))

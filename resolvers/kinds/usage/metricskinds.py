"""The structure of the kinds of metrics, and the paths of it that are decoded."""

from typing import Final

from k8s.kinds.metrics import METRICS, NODE_METRICS, POD_METRICS
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.kinds.structures import Structures
from k8s.reading.selection import selection_of
from resolvers.names import type_name
from resolvers.typedkinds import TypedKinds

_METADATA: Final = Field("metadata", "", structure="ObjectMeta", is_required=True)
_MEASURED: Final = (Field("timestamp", "", format=FieldFormat.TIME), Field("window", "", format=FieldFormat.STRING))
_USAGE: Final = Structure(
    "MetricsResources",
    "",
    (Field("cpu", "", format=FieldFormat.QUANTITY), Field("memory", "", format=FieldFormat.QUANTITY)),
)
_CONTAINER: Final = Structure(
    "MetricsContainer",
    "",
    (Field("name", "", format=FieldFormat.STRING), Field("usage", "", structure=_USAGE.name)),
)
_STRUCTURES: Final = (
    Structure(
        type_name(POD_METRICS),
        "",
        (_METADATA, *_MEASURED, Field("containers", "", structure=_CONTAINER.name, is_list=True)),
    ),
    Structure(type_name(NODE_METRICS), "", (_METADATA, *_MEASURED, Field("usage", "", structure=_USAGE.name))),
    _CONTAINER,
    _USAGE,
)
METRICS_KINDS: Final = TypedKinds(
    Structures({structure.name: structure for structure in _STRUCTURES}, built_in_structures()),
    METRICS,
)
"""The kinds with structures of their own, whether clusters' documents describe them or not."""

_RESOURCES: Final = ("cpu", "memory")
SELECTIONS: Final = {
    POD_METRICS: selection_of(
        ("timestamp", "window", "containers.name", *(f"containers.usage.{name}" for name in _RESOURCES))
    ),
    NODE_METRICS: selection_of(("timestamp", "window", *(f"usage.{name}" for name in _RESOURCES))),
}
"""The paths of each kind that are decoded."""

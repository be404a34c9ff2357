"""The kinds of metrics.k8s.io, which metrics-server and its like serve: the usage of pods and of nodes now.

They are those of an aggregated API: they are made when they are read, so they cannot be watched.
Source: k8s.io/metrics/pkg/apis/metrics/v1beta1.
"""

from typing import Final

from k8s.kinds.kind import Kind

METRICS_GROUP: Final = "metrics.k8s.io"
POD_METRICS: Final = Kind(METRICS_GROUP, "v1beta1", "PodMetrics", "pods")
NODE_METRICS: Final = Kind(METRICS_GROUP, "v1beta1", "NodeMetrics", "nodes", namespaced=False)
METRICS: Final = (POD_METRICS, NODE_METRICS)

"""Usage: the processors and the memory that objects use now, as metrics.k8s.io of their clusters measures it.

- `metricskinds`, `reading`: the kinds of metrics, and one list of them for each cluster.
- `usage`, `measures`: the usage of an object, and sums of it; `ratios`: parts of requests, limits and nodes.
- `pods`, `nodes`: fields of pods, of their containers, and of nodes.
- `totals`, `workloads`: fields of namespaces and clusters, and of the kinds that control pods.
"""

"""History of usage: the processors and the memory that objects used over a range of time, from a cluster's Prometheus.

- `period`: the arguments of `usageOver`, and the times of its points; `points`: its values.
- `expressions`: the queries in PromQL; `recording`: one query for each cluster, and the reasons for none.
- `rights`: the namespaces and clusters of which a caller may see usage.
- `pods`, `nodes`, `totals`, `workloads`: the field of each kind.
"""

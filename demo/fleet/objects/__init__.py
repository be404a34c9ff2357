"""Kubernetes objects of the demo fleet.

- `containers`, `pods`, `podstatus`, `controllers`, `batch`, `schedules`: workloads and their pods.
- `networking`, `scaling`, `configuration`, `storage`: further objects of workloads; `environment`: their variables.
- `nodes`, `namespaces`, `clusterwide`: the other objects of clusters.
- `certificates`, `deliveries`, `routes`, `charts`: objects of custom kinds.
- `happenings`, `events`: events of troubles.
"""

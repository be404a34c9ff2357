"""Kubernetes objects of the demo fleet.

- `containers`, `pods`, `podstatus`, `controllers`, `batch`, `schedules`: workloads and their pods.
- `networking`, `scaling`, `configuration`, `storage`: further objects of workloads.
- `nodes`, `namespaces`, `clusterwide`, `certificates`: the other objects of clusters.
- `happenings`, `events`: events of troubles.
"""

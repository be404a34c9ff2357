"""Kubernetes objects of the demo fleet.

- `containers`, `pods`, `podstatus`, `controllers`, `batch`, `schedules`: workloads and their pods.
- `networking`, `scaling`, `configuration`, `storage`: what workloads need.
- `nodes`, `namespaces`, `clusterwide`, `certificates`: what clusters have.
- `happenings`, `events`: events of troubles.
"""

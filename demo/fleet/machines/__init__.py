"""Workloads in clusters, from applications.

- `site`: one cluster; `workload`, `planning`, `podplan`, `rollout`: workloads, their revisions and their pods.
"""

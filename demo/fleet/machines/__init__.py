"""From applications to workloads.

- `site`: one cluster; `workload`, `planning`, `podplan`, `rollout`: workloads, their revisions and their pods.
"""

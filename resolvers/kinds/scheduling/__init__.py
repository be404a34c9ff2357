"""Kinds of the API group scheduling.k8s.io that schedule pods together.

- `podgroup`: pod groups and groups of them; `workload`: workloads, whose templates they are made of.
"""

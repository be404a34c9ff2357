"""Kinds of the API group coordination.k8s.io.

- `lease`: leases, and candidates for them.
"""

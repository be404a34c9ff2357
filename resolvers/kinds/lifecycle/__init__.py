"""Kinds of the API group lifecycle.k8s.io.

- `eviction`: evictions and requests for them.
"""

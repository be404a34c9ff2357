"""Kinds of the API group flowcontrol.apiserver.k8s.io.

- `flowschema`: flow schemas and their priority levels.
"""

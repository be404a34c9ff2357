"""Kinds of the API group admissionregistration.k8s.io.

- `policy`: admission policies and their bindings; `webhook`: configurations of webhooks.
"""

"""Kinds of the API group apps.

- `deployment`: deployments.
"""

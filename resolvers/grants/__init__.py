"""Grants.

- `grants`, `arguments`: granting and taking away.
- `reconciling`: accounts and bindings in clusters, brought to what is granted.
"""

"""Grants of roles to users and groups.

- `grants`: adding and removing grants; `arguments`: the rules of a new grant.
- `reconciling`: reconciliation of service accounts and bindings in clusters with the grants.
"""

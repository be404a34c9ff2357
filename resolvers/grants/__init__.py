"""Grants of roles to users and groups.

- `managedgrants`: adding and removing grants; `grantarguments`: the rules of a new grant.
- `reconciling`: reconciliation of service accounts and bindings in clusters with the grants.
"""

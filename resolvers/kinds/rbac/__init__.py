"""Kinds of the API group rbac.authorization.k8s.io.

- `rules`: texts of rules; `subjects`: the subjects of bindings; `references`: the roles of bindings.
- `role`: roles of both kinds; `rolebinding`: bindings of both kinds.
- `effective`: the rules that hold for a service account.
"""

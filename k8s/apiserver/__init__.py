"""Facts about one API server.

- `version`, `discovery`: its release, and the kinds that it serves.
- `access`, `rules`: the identity of a credential, and its permissions.
"""

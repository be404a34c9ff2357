"""Facts about one API server.

- `version`, `discovery`, with `discoverydocuments`: its release, and the kinds that it serves.
- `proof`: the answers that prove that it is there, whatever it refuses.
- `access`, `rules`: the identity of a credential, and its permissions.
"""

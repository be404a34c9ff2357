"""Steps of the schema, each after the one before.

- `r0001_clusters_and_tokens`, `r0002_snapshots`: clusters, API tokens, and the content of snapshots.
- `r0003_key_rotation`: encryption keys that are replaced.
- `r0004_token_users`, `r0005_audit`, `r0006_grants`: users of tokens, the audit, grants.
"""

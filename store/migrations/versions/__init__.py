"""Migrations of the schema, in order.

- `r0001_clusters_and_tokens`, `r0002_snapshots`: clusters, API tokens, and the content of snapshots.
- `r0003_key_rotation`: rotation of encryption keys.
- `r0004_token_users`, `r0005_audit`, `r0006_grants`: users of tokens, the audit, grants.
- `r0007_registry_generation`: the generation of the registry, raised by triggers.
- `r0008_learned_types`: the custom types of each cluster.
- `r0009_prometheus`: the address of its Prometheus.
"""

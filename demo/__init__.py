"""The first look, and clusters that are not there: what serves the Kubernetes API without a cluster.

- `snapshots`: serves Kubernetes objects as an API server would, in this process.
- `decoding`: reads one JSON text of theirs.
- `dumps`: reads such objects from files and archives.
- `fleet`: makes up six clusters of a company, some of them in trouble.
- `real`: three real control planes instead, where there is a checkout with its tests.
"""

"""Snapshots: clusters that were read once and are served like live ones.

- `dumps`: dumps of clusters, from a path to objects; `serving`: the Kubernetes API over such objects.
- `lenientdecoder`: decoding of their JSON.
"""

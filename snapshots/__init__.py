"""Snapshots: clusters that were read once, served as clusters.

- `dumps`: dumps of clusters, from a path to objects; `serving`: the Kubernetes API over such objects.
- `decoding`: decoding of what both hold.
"""
